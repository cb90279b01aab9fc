"""A class that is a zip: what came out of it is replaced, what was put to it is kept."""

import json
import time
import zipfile
from datetime import datetime, timedelta

import pytest

from checks.engine.grading import bundles, layers, students
from checks.engine.grading.classes import class_folder
from checks.engine.lessons import WorkbookError
from checks.engine.screen import Screen
from checks.engine.tests.test_class_arrivals import write_zip

LATER = "what has this name in week3 did not come out of the zip"


@pytest.fixture
def week(tmp_path):
    """A class as it was unpacked, with what the instructor has then put into it."""
    big = write_zip(tmp_path / "week3.zip", **{"ada/app.py": "1", "bea.zip": "1"})
    folder, _ = bundles.unpacked(big)
    (folder / "hidden").mkdir()
    (folder / "hidden" / "test_03_routes.py").touch()
    (folder / "course.toml").write_text("mine")
    return folder


def newer(week, **files):
    """Put another zip in place of the first one; return what was left out of it."""
    write_zip(week.with_suffix(".zip"), **files)
    return bundles.unpacked(week.with_suffix(".zip"))[1].left


def names(folder):
    return sorted(each.name for each in folder.iterdir())


OWN = [".unpacked", "course.toml", "hidden"]


def test_a_newer_zip_replaces_what_the_last_one_brought_and_nothing_else(week):
    assert newer(week, **{"ada/page.py": "2", "cleo.zip": "2"}) == []
    assert names(week) == sorted([*OWN, "ada", "cleo.zip"])
    assert names(week / "ada") == ["page.py"]
    assert names(week / "hidden") == ["test_03_routes.py"]
    assert names(week.parent) == ["week3", "week3.zip"]


def test_what_the_instructor_has_under_a_name_of_the_zip_stays_and_is_told(week):
    told = [f"'course.toml' ({LATER})", f"'hidden' ({LATER})"]
    files = {"course.toml": "theirs", "hidden/x.py": "", "ada/app.py": "2"}
    assert newer(week, **files) == told
    assert (week / "course.toml").read_text() == "mine"
    assert newer(week, **{"ada/app.py": "3"}) == []
    assert names(week) == sorted([*OWN, "ada"]), "it was not the zip's, so it stays"


def test_what_was_changed_by_hand_is_put_aside_and_told(week, capsys):
    for n in "12":
        time.sleep(0.05)  # the clock of files has ticks
        (week / "ada" / "mine.txt").write_text(n)
        write_zip(week.with_suffix(".zip"), **{"ada/app.py": "2" * int(n), "x.zip": ""})
        class_folder(str(week.with_suffix(".zip")), Screen())
    assert names(week) == sorted([*OWN, ".kept", "ada", "x.zip"])
    assert names(week / "ada") == ["app.py"]
    assert (week / ".kept" / "ada (2)" / "mine.txt").read_text() == "2"
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(
        "in week3 by hand before this zip came, so put aside there: .kept/ada"
    )
    assert second.endswith(": .kept/ada (2)")
    assert [s.name for s in students.listing(week, [week / "hidden"])[0]] == [
        "ada",
        "x",
    ]


def test_a_newer_zip_that_is_damaged_changes_nothing(week):
    before = names(week)
    week.with_suffix(".zip").write_bytes(b"no zip")
    with pytest.raises(WorkbookError, match="week3.zip cannot be unpacked"):
        bundles.unpacked(week.with_suffix(".zip"))
    assert names(week) == before and names(week.parent) == ["week3", "week3.zip"]


def test_who_is_interrupted_begins_again(week, monkeypatch):
    def stop(path):
        raise OSError("no power")

    monkeypatch.setattr(bundles, "remove", stop)
    with pytest.raises(WorkbookError, match="no power"):
        newer(week, **{"ada/app.py": "2", "cleo.zip": "2"})
    monkeypatch.undo()
    assert bundles.unpacked(week.with_suffix(".zip"))[1].left == []
    assert names(week) == sorted([*OWN, "ada", "cleo.zip"])


def test_a_folder_of_which_nobody_knows_what_is_whose_is_left(week):
    stamp = json.loads((week / bundles.STAMP).read_text())["zip"]
    (week / bundles.STAMP).write_text(f"{stamp}\n'x' (too deep)")
    assert bundles.unpacked(week.with_suffix(".zip"))[1].left == ["'x' (too deep)"]
    before = names(week)
    with pytest.raises(
        WorkbookError, match="earlier version .* put back what was yours"
    ):
        newer(week, **{"ada/app.py": "2"})
    assert names(week) == before


def test_a_list_deletes_nothing_outside_of_its_folder(week):
    (week.parent / "other").touch()
    note = {"zip": "", "brought": ["../other", "", ".", ".."], "left": []}
    (week / bundles.STAMP).write_text(json.dumps(note))
    newer(week, **{"dora.zip": "2"})
    assert names(week.parent) == ["other", "week3", "week3.zip"]


SMALL = {"ada/lessons/03_routes/app.py": "1", "bea.zip": "1", "course.toml": ""}
MACS = {"__MACOSX/week3/._bea.zip": "", ".DS_Store": ""}


@pytest.mark.parametrize("beside", [{}, MACS])
def test_a_zip_of_a_folder_is_the_class_in_that_folder(tmp_path, beside):
    files = {f"autumn/{name}": content for name, content in SMALL.items()}
    files |= {"autumn/.DS_Store": "", "autumn/../out": ""}
    big = write_zip(tmp_path / "week3.zip", **files, **beside)
    folder, note = bundles.unpacked(big)
    assert names(folder) == [".unpacked", "ada", "bea.zip", "course.toml"]
    assert note.left == ["'autumn/../out' (a name that climbs out)"]
    assert [s.name for s in students.listing(folder)[0]] == ["ada", "bea"]


@pytest.mark.parametrize(
    "files",
    [
        ["ada/lessons/03_routes/app.py", "ada/notes/x.txt"],
        ["ada/03_routes/app.py", "ada/x.zip"],
        ["ada.git/HEAD", "ada.git/objects/pack/x", "ada.git/refs/heads/main"],
        ["Ada L_7_assignsubmission_file_/submit.zip"],
        ["Ada L_7_assignsubmission_onlinetext_/more/x.zip"],
        ["lessons/notes/x.py"],
        ["03_routes/templates/x.html"],
        ["ada/app.py"],
        ["week3/ada.zip", "bea.zip"],
        ["week3/ada.zip", "notes/bea.zip"],
    ],
)
def test_what_is_no_class_in_one_folder_lies_as_it_lay(tmp_path, files):
    big = write_zip(tmp_path / "x.zip", **dict.fromkeys(files, ""))
    with zipfile.ZipFile(big) as archive:
        assert [name for _, name in layers.files_of(archive)] == files


@pytest.mark.parametrize(
    ("told", "year"), [((2020, 5, 6, 7, 8, 10), 2020), ((1980, 0, 0, 0, 0, 0), None)]
)
def test_what_comes_out_of_a_zip_has_the_time_that_it_had(tmp_path, told, year):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("ada/app.py", told), "1")
        archive.writestr("bea.zip", "1")
    folder, _ = bundles.unpacked(tmp_path / "x.zip")
    now = datetime.now().astimezone()
    wanted = datetime(*told).astimezone() if year else now
    handed_in = students.trace(folder / "ada").handed_in
    assert abs(handed_in - wanted) < timedelta(minutes=1)
