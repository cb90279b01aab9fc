"""The roster: read strictly, before anything is judged, and nobody is guessed."""

from pathlib import Path

import pytest

from checks.engine.grading import commands, rosters
from checks.engine.grading.students import Enrolled, Student
from checks.engine.lessons import WorkbookError
from checks.engine.menu import parse
from checks.engine.tests.test_class_arrivals import marks_of, write_zip


@pytest.fixture
def read(tmp_path):
    """Read a roster from its bytes."""

    def run(content):
        (tmp_path / "roster.csv").write_bytes(content)
        return rosters.read(tmp_path / "roster.csv")

    return run


def test_a_roster_has_a_line_a_student(read):
    told = read("\ufeffstudent,email\nada,ada@example.org\nbea,\n".encode())
    assert told["ada"].email == "ada@example.org" and told["bea"].name == ""
    assert rosters.read(None) == {}


def test_lines_with_nothing_in_them_are_nobodys(read):
    told = read(b'student,name\r\nada,"Lovelace, ""A"""\r\n\nbea\r ,\r\n,,\r\n')
    assert {each.student: each.name for each in told.values()} == {
        "ada": 'Lovelace, "A"',
        "bea": "",
    }


def test_two_ways_to_write_one_letter_are_one_name(read):
    assert [*read("student\nZoe\u0308\n".encode())] == ["Zo\u00eb"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name\nada\n", "needs a first line with student"),
        (b"", "it has nothing"),
        (b"student,grade\nada,1\n", "needs a first line with student"),
        (
            b"student;name;id\nada;Ada;1\n",
            "has ; between its columns, and needs commas",
        ),
        (b"student\tname\nada\tAda\n", "has tabs between its columns"),
        (b"student,name\nada,Ada\nzoe,Zo\xeb\n", "is not UTF-8, at line 3. Save it"),
        (b"student\nada\nbea\nada\n", "line 4, has 'ada', who is there twice"),
        (b"student,name\n,Ada\n", "line 2, has nothing in the column student"),
        (
            b'student,name\nada,"Ada\nbea,Bea\n',
            "line 2, has a quote that is not closed",
        ),
        (b'student,name\nada,"Ada\nbea,"\n', "line 2, has a quote that is not closed"),
        (b'student\n\nada\n"bea" x\n', "line 4, has a quote .* or more behind it"),
        (b"student,name\nada,Lovelace, Ada\n", "line 2, has more cells than the first"),
    ],
)
def test_a_slip_is_named_with_its_line(read, content, said):
    with pytest.raises(WorkbookError, match=said):
        read(content)


def test_a_broken_roster_is_told_before_anything_is_judged(tmp_path, monkeypatch):
    write_zip(tmp_path / "week1" / "ada.zip")
    (tmp_path / "course.toml").write_text('roster = "roster.csv"\n')
    (tmp_path / "roster.csv").write_text("student;id\nada;1\n")
    monkeypatch.setattr(commands, "run", lambda *given: pytest.fail("it was judged"))
    args = parse(["check", "--class", str(tmp_path / "week1"), "--trust", "yes"])
    with pytest.raises(WorkbookError, match="needs commas"):
        commands.check_class(args)
    assert not (tmp_path / "week1.gradebook").exists()


@pytest.mark.parametrize(
    ("line", "strangers", "asked"),
    [
        (("Jane Moore",), ["Jane Moore 1", "Jane Moore 2"],
         "`Jane Moore 1` or `Jane Moore 2`"),
        (("Kai",), ["kai", "bea"], "`kai`"),
        (("Zoë Ott",), ["Zoe ott"], "`Zoe ott`"),
        (("ada", "Ada Lovelace"), ["lovelaceada"], "`lovelaceada`"),
        (("finnley",), ["finley"], "`finley`"),
        (("Jane Moore 1",), ["Jane Moore"], "`Jane Moore`"),
        (("bea",), ["lea", "ada", "🎈"], None),
        (("🎈",), ["🎃"], None),
    ],
)  # fmt: skip
def test_a_name_that_is_nearly_one_is_asked_about(line, strangers, asked):
    found = rosters.near({line[0]: Enrolled(*line)}, [line[0]], strangers)
    wanted = [f"{line[0]} in the roster: is it {asked}?", rosters.AS_PRINTED]
    assert found == (wanted if asked else [])


def test_results_ask_and_match_nobody(tmp_path):
    results = marks_of(tmp_path, **{"Jane Moore 1": {"path": "j"}})
    results.roster, results.absent = (
        {"Jane Moore": Enrolled("Jane Moore")},
        ["Jane Moore"],
    )
    assert "Jane Moore in the roster: is it `Jane Moore 1`?" in results.notes()


def test_who_shares_a_name_and_who_sent_several_files_is_told():
    here = Path()
    group = [
        Student("Jane 1", here, called="Jane"),
        Student("Jane 2", here, called="Jane"),
        Student("Kai", here, called="Kai"),
        Student("kai", here, called="kai"),
        Student("lee", here, called="lee", earlier=(here, here)),
    ]
    so = "A roster names each of them so, letter for letter."
    assert [*rosters.of_students(group)] == [
        "Several files, read as one submission: lee (3)",
        f"One name, 2 students: `Jane 1`, `Jane 2`. {so}",
        f"One name, 2 students: `Kai`, `kai`. {so}",
    ]
