"""What students get: a kit without solutions, that a newer one never does harm to."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from checks.engine import kits, starters
from checks.engine.handing import folders, kit, notebooks
from checks.engine.handing.commands import in_a_folder
from checks.engine.handing.packing import packed
from checks.engine.lessons import SOLUTIONS, TOP, WorkbookError, all_lessons, find
from checks.engine.tests.content import LESSONS
from checks.engine.tests.small import Workbook
from checks.engine.tests.test_submissions import git

MINE = '"""Mine."""\n'
CLEAR = 30  # a line that is longer than this can hardly be another's by chance


def chosen(*numbers):
    return [find(str(number)) for number in numbers]


def unzip(content, place):
    """Unzip a kit as a student does who lets it replace every file."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(place)
    return Workbook(place / "flask-workbook", place / "flask-workbook")


def zipped(*numbers):
    return packed(in_a_folder(kit.contents(chosen(*numbers))))


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A kit of the first three lessons, unzipped; tests leave its files as they are."""
    small = unzip(zipped(1, 2, 3), tmp_path_factory.mktemp("kit"))
    assert small.run("progress").code == 0
    return small


@pytest.fixture
def student(tmp_path):
    """A kit of lessons 1 to 3 that a student has just unzipped."""
    return unzip(zipped(1, 2, 3), tmp_path / "student")


def test_a_zip_has_the_same_bytes_each_time_and_others_for_another_kit():
    assert zipped(1, 2) == zipped(1, 2)
    times = {info.date_time for info in infos(zipped(1, 2))}
    others = {info.date_time for info in infos(zipped(1, 2, 3))}
    assert len(times) == len(others) == 1 and times != others


def infos(content):
    return zipfile.ZipFile(BytesIO(content)).infolist()


@pytest.mark.parametrize("name", LESSONS)
def test_a_kit_of_one_lesson_shows_no_line_of_its_solution(name):
    lesson = find(name)
    files = dict(kit.of_lesson(lesson, kit.answers_of(lesson)))
    answers = {line for line in kit.answers_of(lesson) if len(line) > CLEAR}
    for path in files.keys() - {f"checks/test_{name}.py"}:
        shown = answers & kit.lines(files[path])
        assert not shown, f"{path} shows {sorted(shown)[:3]}"
    told = json.loads(files[f"notebooks/{name}.ipynb"])
    outputs = [cell.get("outputs", []) for cell in told["cells"]]
    assert not notebooks.shows(outputs, kit.answers_of(lesson))


def test_a_kit_holds_its_lessons_and_nothing_that_is_the_teachers():
    files = kit.contents(chosen(3, 22))
    tops = {path.split("/")[0] for path in files}
    assert tops == {*kit.AT_THE_TOP, "README.md", "checks", "lessons", "notebooks"}
    lessons = {found[0] for path in files if (found := re.findall(r"\d\d_\w+", path))}
    assert lessons == {"03_routes", "22_testing"}
    for part in ("checks/engine/tests", "checks/cases", "checks/ADDING.md"):
        assert not [path for path in files if path.startswith(part)]
    changes = files["checks/changes/22_testing.toml"].decode()
    assert "[[change]]" not in changes and "title" not in changes


def test_a_kit_of_all_lessons_has_the_pages_that_they_link_and_no_promise_of_more():
    files = kit.contents(all_lessons())
    assert {"lessons/PITFALLS.md", "lessons/WHERE_NEXT.md"} <= {*files}
    assert b"leads nowhere" not in files["README.md"]
    few = kit.contents(chosen(1))
    assert b"leads nowhere" in few["README.md"] and "lessons/PITFALLS.md" not in few


def test_notebooks_keep_the_outputs_that_show_no_solution():
    told = json.loads(kit.contents(chosen(3))["notebooks/03_routes.ipynb"])
    cells = [cell for cell in told["cells"] if cell["cell_type"] == "code"]
    kept = [cell for cell in cells if cell["outputs"]]
    assert kept and len(kept) < len(cells)
    assert all(cell["execution_count"] for cell in kept)


def test_it_is_told_which_solutions_the_starters_give_away():
    assert [each.number for each in kit.given_away(chosen(3, 4, 6))] == [3]
    assert kit.given_away(chosen(3, 5)) == []


def test_the_first_command_puts_the_apps_in_their_place(student):
    assert not (student.top / "lessons/01_hello/app.py").exists()
    done = student.run("progress")
    assert "The apps of lessons 1 to 3 are in lessons/ now." in done.err
    for name, files in starters.listed().items():
        for path in files if name[:2] < "04" else ():
            given = (student.top / "lessons" / name / path).read_bytes()
            assert given == starters.starter(name)[path]
    assert "in lessons/ now" not in student.run("progress").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["solution", "1"], "This kit holds no solutions"),
        (["test"], "`make test` needs the whole workbook. This is a kit with lessons 1 to 3"),
        (["correct"], "`make correct` needs the whole workbook"),
        (["kit", "--lessons", "1"], "`make kit` needs the whole workbook"),
        (["check", "--class", "."], "`make check CLASS=…` needs the whole workbook"),
        (["check", "--root", "solutions"], "needs the whole workbook"),
        (["check", "4"], "There is no lesson '4'; lessons run 1 to 3."),
        (["submit"], "There is nothing to hand in: every lesson is as it came."),
    ],
)  # fmt: skip
def test_a_kit_says_what_is_not_in_it(three, words, said):
    done = three.run(*words)
    assert said in done.err and done.code == 2


def test_the_menu_of_a_kit_lists_what_it_can_do(three):
    listed = set(re.findall(r"^  make ([a-z-]+)", three.make().out, re.MULTILINE))
    assert listed == kits.COMMANDS
    readme = three.read("README.md")
    assert set(re.findall(r"^\| `make ([a-z-]+)", readme, re.MULTILINE)) == listed
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (three.top / target).exists(), target


def test_the_last_hint_leads_to_no_solution(three):
    for _ in range(3):
        done = three.run("hint", "1", "--step", "1")
    assert "hint 3 of 3" in done.out and "solution" not in done.out
    assert "solution" not in three.run("hint", "1", "--step", "1").out


def test_a_lesson_is_judged_reset_and_found_by_the_doctor(student):
    shutil.copytree(SOLUTIONS / "03_routes", student.top / "lessons/03_routes",
                    dirs_exist_ok=True)  # fmt: skip
    done = student.make("check", "3")
    assert done.code == 0 and "4 of 4" in done.out
    assert "this was the last lesson of this kit" in done.out
    assert student.run("reset", "3").code == 0
    given = starters.starter("03_routes")["app.py"].decode()
    assert student.read("lessons/03_routes/app.py") == given
    shutil.rmtree(student.top / ".workbook" / "starters")
    assert "all starters are kept" in student.run("doctor").out


def test_what_is_lost_comes_back_by_unzipping_once_more(student):
    (student.top / "checks" / "starters.sha256").unlink()
    done = student.run("reset", "1")
    assert done.code == 2 and "`unzip -o kit.zip` beside this folder" in done.err
    unzip(zipped(1, 2, 3), student.top.parent)
    assert student.run("reset", "1").code == 0


def test_a_newer_zip_over_the_folder_leaves_the_students_work(student):
    student.run("progress")
    student.write("lessons/03_routes/app.py", MINE)
    student.write("lessons/03_routes/notes.txt", "mine")
    student.run("check", "3")
    before = student.read(".workbook/progress.json")
    unzip(zipped(1, 2, 3, 4), student.top.parent)
    done = student.run("progress")
    assert "The apps of lesson 4 are in lessons/ now." in done.err
    assert student.read("lessons/03_routes/app.py") == MINE
    assert student.read("lessons/03_routes/notes.txt") == "mine"
    assert student.read(".workbook/progress.json") == before
    assert student.run("check", "4").code == 1


def hand_out(folder, *numbers):
    return folders.hand_out(folder, chosen(*numbers))


@pytest.fixture
def handed(tmp_path):
    """A teacher's kit of lessons 1 and 2 in a repository, and a student's clone of it."""
    hand_out(tmp_path / "kit", 1, 2)
    git(tmp_path, "clone", "--quiet", "kit", "clone")
    return tmp_path / "kit", Workbook(tmp_path / "clone", tmp_path / "clone")


def test_a_folder_is_a_repository_with_one_commit_and_whole_lessons(handed):
    folder, clone = handed
    assert git(folder, "log", "--format=%s") == "kit: hand out lessons 1 and 2"
    assert git(folder, "status", "--porcelain") == ""
    app = (clone.top / "lessons/01_hello/app.py").read_bytes()
    assert app == starters.starter("01_hello")["app.py"]
    assert clone.run("check", "1").code == 1


@pytest.mark.parametrize("committed", [True, False])
def test_a_clone_pulls_a_newer_kit_whatever_was_edited_in_it(handed, committed):
    folder, clone = handed
    clone.write("lessons/01_hello/app.py", MINE)
    clone.write("lessons/02_debug/README.md", "my notes")
    if committed:
        git(clone.top, "commit", "--quiet", "--all", "--message", "mine")
    (folder / "checks/engine/old.py").write_text("")
    again = json.loads((folder / "checks/kit.json").read_text())
    again["files"]["checks/engine/old.py"] = ""
    (folder / "checks/kit.json").write_text(json.dumps(again))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "as an older engine was")
    told = hand_out(folder, 2, 3)
    assert [each.number for each in told.chosen] == [1, 2, 3]
    assert [each.number for each in told.new] == [3]
    git(clone.top, "pull", "--quiet", "--no-rebase", "--no-edit")
    assert clone.read("lessons/01_hello/app.py") == MINE
    assert clone.read("lessons/02_debug/README.md") == "my notes"
    assert not (clone.top / "checks/engine/old.py").exists()
    assert clone.run("check", "3").code == 1


def test_the_same_kit_again_changes_nothing(handed):
    folder, _ = handed
    assert hand_out(folder, 1, 2).commit == ""
    assert git(folder, "log", "--format=%s") == "kit: hand out lessons 1 and 2"


def test_a_starter_that_the_teacher_changed_in_the_kit_stays(handed):
    folder, _ = handed
    (folder / "lessons/01_hello/app.py").write_text(MINE)
    hand_out(folder, 1, 2, 3)
    assert (folder / "lessons/01_hello/app.py").read_text() == MINE


def test_what_would_be_lost_in_the_kits_folder_stops_it(handed):
    folder, _ = handed
    (folder / "README.md").write_text("another")
    with pytest.raises(WorkbookError, match="not committed, at README.md"):
        hand_out(folder, 1, 2, 3)
    assert not (folder / "lessons/03_routes").exists()


@pytest.mark.parametrize(
    ("place", "said"),
    [("full", "is there and is no kit"), ("a file", "is there and is no kit")],
)
def test_a_folder_with_other_things_is_refused(tmp_path, place, said):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("")
    (tmp_path / "a file").write_text("")
    with pytest.raises(WorkbookError, match=said):
        hand_out(tmp_path / place, 1)


def test_a_place_in_the_workbook_is_refused():
    with pytest.raises(WorkbookError, match="is in this workbook"):
        hand_out(TOP / "lessons" / "kit", 1)


def test_a_place_beside_the_workbook_may_be_told_as_in_the_readme(tmp_path):
    beside = os.path.relpath(tmp_path / "web-course", TOP)
    assert beside.startswith("..")
    done = command("--lessons", "1", "--to", beside)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "web-course" / "lessons" / "01_hello" / "app.py").is_file()
    assert f"{tmp_path}/web-course: lesson 1, new" in done.stdout


def command(*words):
    env = {**Workbook(TOP, TOP).environment(), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-m", "checks.engine", "kit", *words],
        cwd=TOP, env=env, capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_says_what_it_did_and_what_is_shown(tmp_path):
    done = command("--lessons", "3-4", "--to", str(tmp_path / "kit.zip"))
    assert "kit.zip: lessons 3 and 4" in done.stdout and done.returncode == 0
    assert "shows those of lesson 3" in " ".join(done.stdout.split())
    done = command("--lessons", "3", "--to", str(tmp_path / "kit"))
    assert f"{tmp_path}/kit: lesson 3, new" in done.stdout
    done = command("--lessons", "3-4", "--to", str(tmp_path / "kit"))
    assert "New in it: lesson 4." in done.stdout
    assert "left alone where students may have worked: lesson 3" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Which lessons? `make kit LESSONS=1-6`"),
        (["--lessons", "99"], "There is no lesson '99'"),
        (["--lessons", "1", "--to", "/nowhere/kit.zip"], "There is no folder /nowhere"),
    ],
)
def test_wrong_words_are_told(words, said):
    done = command(*words)
    assert done.returncode == 2 and said in done.stderr


def test_lessons_are_counted_as_a_person_does():
    names = [lesson.name for lesson in all_lessons()]
    assert kits.numbers(names[:1]) == "lesson 1"
    assert kits.numbers(names[:2]) == "lessons 1 and 2"
    assert kits.numbers(names[:6]) == "lessons 1 to 6"
    assert kits.numbers([*names[:3], names[4]]) == "lessons 1 to 3 and 5"


@pytest.mark.long
def test_a_lesson_of_tests_is_judged_as_far_as_a_kit_can(tmp_path):
    small = unzip(zipped(22), tmp_path)
    small.run("progress")
    place = small.top / "lessons" / "22_testing"
    shutil.copytree(SOLUTIONS / "22_testing", place, dirs_exist_ok=True)
    done = small.run("check", "22")
    assert "your teacher has the blogs that are wrong" in done.out, done.out + done.err
    assert re.search(r"1  .+  ok\n.*2  .+not checked", done.out)


@pytest.mark.long
def test_a_notebook_of_a_kit_runs_the_students_own_lesson(tmp_path):
    small = unzip(zipped(3), tmp_path)
    small.run("progress")
    place = small.top / "lessons" / "03_routes"
    shutil.copytree(SOLUTIONS / "03_routes", place, dirs_exist_ok=True)
    done = small.command(
        sys.executable, "-m", "jupyter", "execute", "notebooks/03_routes.ipynb",
        "--output=run.ipynb",
    )  # fmt: skip
    told = Path(small.top, "notebooks/run.ipynb")
    assert done.code == 0 and "lessons/03_routes/app.py" in told.read_text(), done.err
