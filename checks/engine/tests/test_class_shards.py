"""A class in parts: joined, they are the class, and nothing of it is lost or doubled."""

from pathlib import Path

import pytest

from checks.engine.grading import gradebook, shards
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.shards import BASIS, PART, SEED, Shard
from checks.engine.grading.students import Student
from checks.engine.lessons import WorkbookError
from checks.engine.menu import parse

SECRET = "a secret of the whole class"
NAMES = [f"student {number}" for number in range(40)]
STEPS = {"03_routes": ("key", [{"number": 1, "title": "One"}])}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "week1").mkdir()
    return tmp_path / "week1"


def part(folder, number, count, basis="alike", seed=SECRET, state="ok"):
    """Make the gradebook of one part, as a grader leaves it; return where it is."""
    mine = Shard(number, count)
    book = Gradebook(mine.beside(folder), seed=seed)
    book.save_steps(STEPS)
    for name in NAMES:
        if mine.holds(Student(name, Path())):
            told = {"number": 1, "state": state}
            book.save(
                name, {"path": name}, [Judged("03_routes", "k", {"steps": [told]}, {})]
            )
    book.note(BASIS, basis)
    book.note(PART, str(mine))
    book.close()
    return mine.beside(folder)


def content(path):
    """Return all that a gradebook holds, in order."""
    book = Gradebook(path)
    tables = ("steps", "submissions", "verdicts", "corrections")
    found = {table: sorted(book.rows(f"SELECT * FROM {table}")) for table in tables}
    book.close()
    return {**found, "seed": book_seed(path)}


def book_seed(path):
    book = Gradebook(path)
    seed = book.seed
    book.close()
    return seed


def test_every_student_is_in_one_part():
    students = [Student(name, Path()) for name in NAMES]
    parts = [Shard(number, 3) for number in (1, 2, 3)]
    held = [[each.name for each in students if part.holds(each)] for part in parts]
    assert sorted(sum(held, [])) == sorted(NAMES) and all(held)


def test_parts_are_joined_and_joined_again(folder):
    paths = [part(folder, number, 3) for number in (1, 2, 3)]
    assert shards.named([], folder) == paths
    joined = shards.join(folder, paths)
    assert (joined.parts, joined.students, joined.missing) == (3, 40, [])
    whole = content(gradebook.beside(folder))
    assert [row[0] for row in whole["verdicts"]] == sorted(NAMES)
    assert whole["seed"] == SECRET
    shards.join(folder, paths)
    assert content(gradebook.beside(folder)) == whole


def test_a_missing_part_is_told_and_can_come_later(folder):
    paths = [part(folder, number, 3) for number in (1, 3)]
    assert shards.join(folder, paths).missing == ["2/3"]
    paths.append(part(folder, 2, 3))
    assert shards.join(folder, paths).missing == []
    assert len(content(gradebook.beside(folder))["verdicts"]) == 40


def test_corrections_are_kept_and_the_last_one_holds(folder):
    paths = [part(folder, number, 2) for number in (1, 2)]
    shards.join(folder, paths)
    whole = Gradebook(gradebook.beside(folder))
    first = whole.students()[0]
    other = Gradebook(next(p for p in paths if first in Gradebook(p).students()))
    other.correct(first, "03_routes", 1, 1, "in the part, before")
    whole.db.execute(
        "INSERT INTO corrections VALUES (NULL, ?, '03_routes', 1, 2, 'later', ?)",
        (first, "2999-01-01T00:00:00+02:00"),
    )
    other.close()
    for _ in range(2):
        shards.join(folder, paths)
        told = whole.corrections(first)[("03_routes", 1)]
        assert told.reason == "later"
    assert len(whole.all_corrections()) == 2
    whole.close()


def test_a_part_that_was_graded_anew_takes_the_place_of_the_old(folder):
    shards.join(folder, [part(folder, 1, 1)])
    shards.join(folder, [part(folder, 1, 1, basis="newer", state="not yet")])
    verdicts = content(gradebook.beside(folder))["verdicts"]
    assert len(verdicts) == 40 and all('"not yet"' in row[3] for row in verdicts)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"basis": "other"}, "by different checks, versions or seeds"),
        ({"count": 3}, "parts of 2 and 3"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(folder, second, said):
    paths = [part(folder, 1, 2), part(folder, **{"number": 2, "count": 2, **second})]
    with pytest.raises(WorkbookError, match=said):
        shards.join(folder, paths)
    assert not gradebook.beside(folder).exists()


def test_a_class_of_another_seed_is_refused(folder):
    Gradebook(gradebook.beside(folder)).close()
    before = content(gradebook.beside(folder))
    with pytest.raises(WorkbookError, match="was made with another seed"):
        shards.join(folder, [part(folder, 1, 1)])
    assert content(gradebook.beside(folder)) == before


def test_a_whole_class_is_no_part(folder):
    book = Gradebook(gradebook.beside(folder))
    book.close()
    with pytest.raises(WorkbookError, match="is a whole class"):
        shards.join(folder, [gradebook.beside(folder)])


def test_what_is_not_there_is_told(folder):
    with pytest.raises(WorkbookError, match="There is no part"):
        shards.named([], folder)
    with pytest.raises(WorkbookError, match="There is no part x.gradebook"):
        shards.named(["x.gradebook"], folder)


@pytest.mark.parametrize("word", ["", "0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/4/4"])
def test_a_part_is_written_strictly(word):
    with pytest.raises(WorkbookError, match="SHARD is written like 2/4"):
        shards.shard(word)


def test_parts_need_one_seed(folder, monkeypatch):
    monkeypatch.delenv(SEED, raising=False)
    assert shards.seed(folder, needed=False) is None
    with pytest.raises(WorkbookError, match="share one seed"):
        shards.seed(folder, needed=True)
    Gradebook(gradebook.beside(folder), seed=SECRET).close()
    assert shards.seed(folder, needed=True) == SECRET
    monkeypatch.setenv(SEED, "x" * 20)
    assert shards.seed(folder, needed=True) == "x" * 20
    monkeypatch.setenv(SEED, "short")
    with pytest.raises(WorkbookError, match="16 letters or more"):
        shards.seed(folder, needed=False)


def test_the_command_joins_what_is_beside_a_zip_and_says_what_comes_next(
    folder, capsys
):
    part(folder, 1, 2)
    args = parse(["grade-merge", "--class", f"{folder}.zip"])
    assert args.command.do(args) == 1, "a job that goes on would lose half of the class"
    told = capsys.readouterr().out
    assert "1 part joined, with" in told and "Missing: part 2/2." in told
    assert "next:" not in told
    part(folder, 2, 2)
    assert args.command.do(args) == 0
    assert f"make check CLASS={folder}.zip" in capsys.readouterr().out
    with pytest.raises(WorkbookError, match="Which class"):
        args = parse(["grade-merge"])
        args.command.do(args)
