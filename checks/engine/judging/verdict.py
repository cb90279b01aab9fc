"""A verdict: plain data, the same for terminal, notebook, page and gradebook."""

from dataclasses import asdict, dataclass, field

OK, NOT_YET, WAITING, BROKEN, NOT_CHECKED = (
    "ok",
    "not yet",
    "waiting",
    "broken",
    "not checked here",
)

STARTS = "your app starts"  # the rule that is broken where an app does not even load


@dataclass
class StepVerdict:
    """One step: its number and title, its state, and what is known of its failure.

    points is what it counts for in a class. self_tested says that its checks ran the
    learner's own tests, hidden that a check which learners do not have decided it.
    """

    number: int
    title: str
    state: str
    details: dict | None = None
    points: float = 1.0
    seconds: float = 0.0
    self_tested: bool = False
    hidden: bool = False


@dataclass
class Verdict:
    """One lesson: its name and title, its steps, and under which folder it was judged.

    files is the hash of the files that were judged.
    """

    lesson: str
    title: str
    root: str
    files: str
    steps: list[StepVerdict] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """How many steps are done."""
        return sum(step.state == OK for step in self.steps)

    @property
    def done(self) -> bool:
        """Are all steps done? A lesson without steps never is."""
        return bool(self.steps) and self.passed == len(self.steps)

    @property
    def first_open(self) -> StepVerdict | None:
        """The first step that is not done."""
        return next((step for step in self.steps if step.state != OK), None)

    @property
    def exit_code(self) -> int:
        """0 done, 1 the code is not done, 2 the set-up, 3 a check of ours is broken."""
        if any(step.state == BROKEN for step in self.steps) or not self.steps:
            return 3
        if any((step.details or {}).get("kind") == "set-up" for step in self.steps):
            return 2
        return 0 if self.done else 1

    def for_the_learner(self) -> "Verdict":
        """Return it as a learner reads it: what follows the first open step waits."""
        first = self.first_open
        starting = bool(first and (first.details or {}).get("starting"))
        steps, waiting = [], starting
        for step in self.steps:
            hidden = waiting and step.state != OK
            shown = StepVerdict(step.number, step.title, WAITING) if hidden else step
            steps.append(shown)
            waiting = waiting or step.state in (NOT_YET, BROKEN)
        return Verdict(self.lesson, self.title, self.root, self.files, steps)

    def as_dict(self) -> dict:
        """Return plain data that JSON can carry."""
        return asdict(self)
