"""A run over a class: what is judged, again or never; with a judge of the test's own."""

import contextlib
import shutil
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from checks.engine import starters
from checks.engine.grading import course as courses
from checks.engine.grading import gradebook, keys, students, submissions
from checks.engine.grading import grader as graders
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.jobs import AS_IT_CAME, Desk
from checks.engine.judging.session import BrokenChecks
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.lessons import SOLUTIONS, WorkbookError, find

LESSON = "03_routes"
STEPS = [step.number for step in find(LESSON).steps]


class Inline(Executor):
    """An executor whose one process is this one; it breaks as a real one does."""

    def __init__(self):
        self.broken = False

    def submit(self, call, *given):
        if self.broken:
            raise BrokenProcessPool
        future = Future()
        try:
            future.set_result(call(*given))
        except BaseException as error:
            self.broken = isinstance(error, BrokenProcessPool)
            future.set_exception(error)
        return future


class Judge:
    """Says what a submission's app.py says: words of a step and its state."""

    def __init__(self):
        self.asked = []

    def __call__(self, setting, parts):
        if not parts:
            return [verdict(name, {}) for name in setting.lessons]
        self.asked.append(parts)
        found = []
        for part in parts:
            said = part.files["app.py"].decode()
            if said.startswith("raise "):
                raise {"B": BrokenProcessPool, "C": BrokenChecks, "V": ValueError}[
                    said[6]
                ](said)
            hangs = said == "hangs" or said == "hangs once" and part.steps is None
            steps = {n: "time" if hangs and n == 2 else "" for n in part.steps or STEPS}
            found.append(verdict(part.lesson, steps))
        return found


def verdict(lesson, steps):
    return {
        "lesson": lesson,
        "title": lesson,
        "steps": [
            {
                "number": number,
                "title": f"Step {number}",
                "state": NOT_YET if how else OK,
                "points": 1.0,
                "self_tested": False,
                "hidden": False,
                "how": how,
                "seconds": 0.1,
                "said": [],
            }
            for number, how in (steps or dict.fromkeys(STEPS, "")).items()
        ],
    }


class Class:
    """A class folder of one lesson, its gradebook, and a run over it."""

    def __init__(self, folder, judge):
        self.folder, self.judge = folder, judge
        self.book = Gradebook(gradebook.beside(folder))
        self.pools = self.tries = 0

    def hand_in(self, student, said, lesson=LESSON):
        place = self.folder / student / lesson
        place.mkdir(parents=True, exist_ok=True)
        (place / "app.py").write_text(said)

    def grade(self, again=(), only="3"):
        self.judge.asked.clear()
        desk = Desk(courses.read(None, only), self.book, True, again)
        self.done = []
        told = lambda student: self.done.append(student.name)  # noqa: E731
        run = graders.Grader(desk, self.book, lambda: None, 2, told, self.pool)
        run.grade(students.listing(self.folder)[0])
        return run

    @contextlib.contextmanager
    def pool(self, count):
        self.pools += 1
        yield Inline()

    def states(self, student):
        steps = self.book.verdicts(student)[LESSON].verdict["steps"]
        return [step["state"] for step in steps]


@pytest.fixture
def group(tmp_path, monkeypatch):
    judge = Judge()
    monkeypatch.setattr(graders, "graded", judge)
    (tmp_path / "week1").mkdir()
    group = Class(tmp_path / "week1", judge)
    yield group
    group.book.close()


def test_only_what_has_changed_is_judged(group):
    for name in ("ada", "bea"):
        group.hand_in(name, "fine")
    assert group.grade().fresh == 2 and sorted(group.done) == ["ada", "bea"]
    assert group.grade().fresh == 0 and group.judge.asked == []
    group.hand_in("bea", "fine, too")
    assert group.grade().fresh == 1 and len(group.judge.asked) == 1
    assert group.grade(again=["ada"]).fresh == 1


def test_a_lesson_more_leaves_the_others_as_they_are(group):
    group.hand_in("ada", "fine")
    group.hand_in("ada", "fine", "01_hello")
    group.grade()
    group.grade(only="1-3")
    assert [[part.lesson for part in parts] for parts in group.judge.asked] == [
        ["01_hello"]
    ]


def test_the_published_solution_is_still_known_after_a_run_without_its_lesson(group):
    for name in ("03_routes", "04_url_variables"):
        shutil.copytree(SOLUTIONS / name, group.folder / "ada" / name)
    for only in ("3-4", "3", "3-4"):
        group.grade(only=only)
    told = group.book.submission("ada")
    assert sorted(told["identical"]) == ["03_routes", "04_url_variables"]


def test_other_checks_and_another_machine_are_reasons_to_judge(group, monkeypatch):
    group.hand_in("ada", "fine")
    group.grade()
    versions = {"python": "3.99"}
    monkeypatch.setattr(
        "checks.engine.grading.keys.environment", lambda caged: versions
    )
    assert group.grade().fresh == 1
    monkeypatch.setattr("checks.engine.grading.keys.of_checks", lambda *given: "other")
    assert group.grade().fresh == 1 and group.grade().fresh == 0


def test_the_checks_of_earlier_lessons_count_where_they_are_asked(monkeypatch):
    ship = find("32_ship")
    assert find("27_accounts").check in keys.earlier(ship.check)
    before = keys.of_checks(ship, ())
    monkeypatch.setattr(keys, "earlier", lambda check: [])
    assert keys.of_checks(ship, ()) != before


def test_what_has_not_been_touched_is_not_read_again(group, monkeypatch):
    monkeypatch.setattr(students, "SETTLED", -60)
    group.hand_in("ada", "fine")
    group.grade()
    read, given = submissions.read, []
    monkeypatch.setattr(
        submissions, "read", lambda *args: given.append(args[0].name) or read(*args)
    )
    group.grade()
    assert given == []
    group.grade(again=["ada"])
    group.grade(only="3-4")
    group.hand_in("ada", "fine, too")
    group.grade(only="3-4")
    assert given == ["ada"] * 3
    assert group.grade(only="3-4").fresh == 0 and given == ["ada"] * 3


def test_the_seed_is_the_submissions_own_and_stays(group):
    for name in ("ada", "bea", "cleo"):
        group.hand_in(name, "fine" if name != "bea" else "fine, too")
    group.grade()
    ada, bea, cleo = [parts[0].seed for parts in group.judge.asked]
    assert ada == cleo != bea, "the same files meet the same data, in any class"
    group.grade(again=["ada"])
    assert group.judge.asked[0][0].seed == ada
    assert group.book.seed not in ada


def test_a_time_out_is_repeated_alone_once_before_it_counts(group):
    group.hand_in("ada", "hangs")
    group.hand_in("bea", "hangs once")
    group.hand_in("cleo", "fine")
    group.grade()
    asked = [[part.steps for part in parts] for parts in group.judge.asked]
    assert asked == [[None]] * 3 + [[frozenset({2})]] * 2, "when all others are done"
    assert group.states("ada") == [OK, NOT_YET, OK, OK]
    assert group.states("bea") == group.states("cleo") == [OK] * 4
    assert group.book.verdicts("bea")[LESSON].origin["repeated"] == [2]


def test_one_that_ends_its_judge_costs_the_others_nothing(group):
    for name, said in (("ada", "fine"), ("bea", "raise B"), ("cleo", "fine")):
        group.hand_in(name, said)
    run = group.grade()
    assert [*run.failed] == ["bea"] and "ended the process" in run.failed["bea"]
    assert group.states("ada") == group.states("cleo") == [OK] * 4
    assert group.book.keys("bea") == {}, "so the next run tries it again"
    assert sorted(group.done) == ["ada", "bea", "cleo"]


def test_one_that_cannot_be_judged_costs_the_others_nothing(group):
    for name, said in (("ada", "raise V"), ("bea", "fine")):
        group.hand_in(name, said)
    assert group.grade().failed == {"ada": "ValueError: raise V"}
    assert group.states("bea") == [OK] * 4


def test_one_that_cannot_even_be_read_costs_the_others_nothing(group, monkeypatch):
    for name in ("ada", "bea", "cleo"):
        group.hand_in(name, "fine")
    read = submissions.read

    def stumble(path, names):
        return read(path, names) if path.name != "bea" else {}["nobody thought of it"]

    monkeypatch.setattr(submissions, "read", stumble)
    run = group.grade()
    assert run.failed == {"bea": "KeyError: 'nobody thought of it'"}
    assert group.states("ada") == group.states("cleo") == [OK] * 4
    assert sorted(group.done) == ["ada", "bea", "cleo"]


def test_broken_checks_end_the_run_and_keep_what_was_known(group):
    for name, said in (("ada", "fine"), ("bea", "raise C"), ("cleo", "fine")):
        group.hand_in(name, said)
    group.hand_in("aaa", "fine")
    with pytest.raises(BrokenChecks):
        group.grade()


def test_a_full_disk_ends_the_run_with_a_sentence(group):
    group.hand_in("ada", "fine")
    group.grade()
    pages = group.book.rows("PRAGMA page_count")[0][0]
    group.book.db.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(50):
        group.hand_in(f"bea {number}", "fine")
    with pytest.raises(WorkbookError, match="the disk is full"):
        group.grade()
    assert group.states("ada") == [OK] * 4


def test_what_another_grader_has_done_meanwhile_is_not_done_again(group):
    group.hand_in("ada", "fine")
    group.grade()
    other = Class(group.folder, group.judge)
    assert other.grade().fresh == 0
    other.book.close()


def test_a_lesson_as_it_came_is_not_judged(group):
    place = group.folder / "ada" / LESSON
    for path, content in starters.starter(LESSON).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
    group.grade()
    assert group.judge.asked == [] and group.states("ada") == [NOT_YET] * 4
    verdict = group.book.verdicts("ada")[LESSON].verdict
    assert verdict["steps"][0]["said"] == [AS_IT_CAME]


def test_a_lesson_that_is_taken_back_has_no_mark_any_more(group):
    group.hand_in("ada", "fine")
    group.grade()
    (group.folder / "ada" / LESSON / "app.py").unlink()
    group.grade()
    assert group.book.verdicts("ada") == {}


def test_a_submission_that_cannot_be_read_is_told(group):
    group.hand_in("ada", "fine")
    (group.folder / "bea.zip").write_bytes(b"no archive")
    group.grade()
    assert "is damaged" in group.book.submission("bea")["problem"]
    assert group.states("ada") == [OK] * 4


def test_every_mark_says_how_it_came(group):
    group.hand_in("ada", "fine")
    group.grade()
    origin = group.book.verdicts("ada")[LESSON].origin
    for key in ("at", "files", "checks", "seed", "python", "Flask", "workbook", "cage"):
        assert origin[key], key
    assert origin["seed"] not in group.book.seed
