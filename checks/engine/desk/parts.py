"""The parts of the page that move: what each of them shows now."""

from collections.abc import Mapping
from dataclasses import dataclass

from checks.engine import kits, lessons
from checks.engine.desk import sides, text
from checks.engine.desk.board import APP, LOG, VERDICT
from checks.engine.desk.room import room
from checks.engine.desk.standing import rail
from checks.engine.desk.telling import told
from checks.engine.judging import words
from checks.engine.judging.verdict import StepVerdict, Verdict
from checks.engine.learner import hints
from checks.engine.learner.difference import solution_of
from checks.engine.learner.running import ENDED
from checks.engine.lessons import Lesson, WorkbookError

RAIL = "rail"
PARTS = (VERDICT, APP, LOG, RAIL)


@dataclass(frozen=True)
class Help:
    """What helps with a step: the rungs shown until now, how many there are, and the end.

    questions is how often the solution was asked for, needed how often it must be;
    sides is the solution beside the learner's files, None until it may be seen.
    """

    step: StepVerdict | None
    rungs: list[str]
    count: int
    questions: int
    needed: int
    sides: list[sides.FileSides] | None


def facts_of(*names: str) -> dict:
    """Return what some moving parts of the running lesson's page are made of.

    Only these are looked up: to ask the app may take as long as its start.
    """
    makers = {VERDICT: verdict_facts, APP: app_facts, LOG: log_facts, RAIL: rail_facts}
    facts: dict = {"lesson": room.lesson, "app_port": room.app_port}
    for name in names:
        facts |= makers[name]()
    return facts


def verdict_facts() -> dict:
    """Return the verdict, what it tells, the help that was given, and the changes."""
    board, chosen = room.board, room.lesson
    verdict = board.verdict
    return {
        "verdict": verdict.for_the_learner() if verdict else None,
        "score": words.score(verdict) if verdict else "",
        "without_steps": words.without_steps(verdict) if verdict else "",
        "marks": marks(verdict),
        "why": board.why,
        "told": told(verdict, board.files, room.app_port) if verdict else None,
        "said": said(verdict, board.why),
        "help": help_with(chosen, verdict),
        "green": board.green,
        "changes": board.green.changes(board.files) if verdict else [],
        "following": lessons.after(chosen),
        "kit": kits.here(),
    }


def app_facts(patient: bool = True) -> dict:
    """Return how the learner's app is, and what keeps it out of a frame.

    Whoever is not patient gets what is known, without asking the app.
    """
    app, frame = room.board.app, room.frame
    state = app.state if app else ENDED
    asks = frame.forbids if patient and state != ENDED else frame.known
    forbids = asks(app) if app else ""
    found = {"state": state, "forbids": forbids, "saves": room.board.saves}
    return {"app": found | {"address": room.app_at()}}


def log_facts() -> dict:
    """Return what the app has printed, and what it was asked."""
    log, requests = room.board.printed()
    return {"log": log, "requests": requests}


def rail_facts() -> dict:
    """Return how all lessons stand."""
    return {"rail": rail(room.lesson)}


def marks(verdict: Verdict | None) -> Mapping[int, str]:
    """Return the states of the steps, as a learner reads them."""
    steps = verdict.for_the_learner().steps if verdict else []
    return {step.number: step.state for step in steps}


def said(verdict: Verdict | None, why: str) -> str:
    """Return the sentence that a screen reader tells after a save."""
    if why or verdict is None:
        return why
    done = f"{verdict.passed} of {len(verdict.steps)} steps ok."
    step = verdict.first_open
    if step is None:
        return f"{done} Every step is done."
    lines = words.told(step.details or {})
    return (
        f"{done} Step {step.number}, {step.title}: {step.state}. {'. '.join(lines[:3])}"
    )


def help_with(chosen: Lesson, verdict: Verdict | None) -> Help:
    """Return the hints that were shown for the open step, and the solution if it was."""
    step = verdict.first_open if verdict else None
    rungs: list[str] = []
    ladder: list[str] = []
    if step is not None:
        ladder = ladder_of(chosen, step.number)
        count = hints.taken(room.memory, chosen, step.number)
        rungs = [text.html(rung, f"lessons/{chosen.name}") for rung in ladder[:count]]
    needed = questions_needed(verdict, len(ladder) - len(rungs))
    asked = room.board.questions
    shown = verdict is not None and asked > needed and not kits.here()
    beside = sides.compare(room.board.files, solution_of(chosen)) if shown else None
    return Help(step, rungs, len(ladder), asked, needed, beside)


def ladder_of(chosen: Lesson, step: int) -> list[str]:
    """Return a step's hints, none where they cannot be read."""
    try:
        return hints.ladders(chosen).get(step, [])
    except WorkbookError:
        return []


def questions_needed(verdict: Verdict | None, hints_left: int) -> int:
    """Return how many questions stand before the solution: more while hints are left."""
    if verdict is not None and verdict.done:
        return 0
    return 2 if hints_left > 0 else 1
