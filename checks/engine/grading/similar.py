"""Who has handed in much the same: pairs that are closer than starter and chance explain.

A place to look, and never a verdict. What most of a class has weighs nothing, what few
have weighs much.
"""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from itertools import combinations

from checks.engine.grading.fingerprints import PROJECTS, VERSION
from checks.engine.grading.gradebook import Gradebook

LEAST_SHARED, LEAST_SHARE = 8, 0.5
OTHERS = 20  # students who might have been in the class, and would have had none of it
NOTE = "similar"  # under which the gradebook keeps the pairs
GAP = 4  # lines between two shared runs of one span
MOST_SPANS = 6

# Where a fingerprint stands: file, first and last line.
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Span:
    """Lines of one student's file, and those of another's that are like them."""

    file: str
    first: int
    last: int
    other_file: str
    other_first: int
    other_last: int

    @property
    def turned(self) -> "Span":
        """The same lines, as the other student sees them."""
        other = (self.other_file, self.other_first, self.other_last)
        return Span(*other, self.file, self.first, self.last)

    def __str__(self) -> str:
        """Return ``blog/feed.py:3-40 and blog/rss.py:7-44``."""
        here = f"{self.file}:{self.first}-{self.last}"
        return f"{here} and {self.other_file}:{self.other_first}-{self.other_last}"


@dataclass(frozen=True)
class Pair:
    """Two students whose code of a lesson is much alike; share is of the smaller one's own."""

    lesson: str
    student: str
    other: str
    share: float
    spans: tuple[Span, ...]

    def told(self, student: str) -> str:
        """Return what to say of one of the two: ``much like bea in 17_blog: …``."""
        mine = student == self.student
        other = self.other if mine else self.student
        places = "; ".join(str(span if mine else span.turned) for span in self.spans)
        return f"much like {other} in {self.lesson}: {places}"


def pairs(handed: Mapping[str, Mapping], lessons: Iterable[str]) -> list[Pair]:
    """Return the pairs of a class, the closest first.

    handed has what `fingerprints.of` gave, by student and lesson.
    """
    found = []
    for lesson in lessons:
        if lesson in PROJECTS:
            found += of_lesson(
                lesson,
                {
                    student: places(prints[lesson])
                    for student, prints in handed.items()
                    if prints.get(lesson)
                },
            )
    return sorted(found, key=lambda pair: (-pair.share, pair.student, pair.other))


def kept(book: Gradebook, handed: Mapping, lessons: Iterable[str]) -> list[Pair]:
    """Return the pairs of a class; what a gradebook knows of the same prints is taken."""
    some = [name for name in lessons if name in PROJECTS]
    told = repr((VERSION, some, sorted(handed.items()))).encode()
    key = hashlib.sha256(told).hexdigest()
    known = json.loads(book.about(NOTE) or "{}")
    if known.get("key") == key:
        return [pair_of(*each) for each in known["pairs"]]
    found = pairs(handed, lessons)
    told = {"key": key, "pairs": [astuple(pair) for pair in found]}
    if some:
        book.note(NOTE, json.dumps(told))
    return found


def pair_of(lesson: str, student: str, other: str, share: float, lines: list) -> Pair:
    """Return a pair as it was kept."""
    return Pair(lesson, student, other, share, tuple(Span(*each) for each in lines))


def places(prints: Mapping[str, Iterable]) -> dict[int, Place]:
    """Return where each fingerprint of a student stands, the first place of each."""
    found: dict[int, Place] = {}
    for file, each in prints.items():
        for number, first, last in each:
            found.setdefault(number, (file, first, last))
    return found


def of_lesson(lesson: str, handed: Mapping[str, Mapping[int, Place]]) -> list[Pair]:
    """Return the pairs of one lesson."""
    holders = defaultdict(list)
    for student, own in sorted(handed.items()):
        for number in own:
            holders[number].append(student)
    weights = {n: weight(len(who), len(handed)) for n, who in holders.items()}
    total = {who: sum(weights[n] for n in own) for who, own in handed.items()}
    shared = defaultdict(list)
    for number, who in holders.items():
        if weights[number]:
            for both in combinations(who, 2):
                shared[both].append(number)
    found = []
    for (one, two), numbers in shared.items():
        least = min(total[one], total[two])
        share = sum(weights[n] for n in numbers) / least
        if len(numbers) >= LEAST_SHARED and share >= LEAST_SHARE:
            lines = spans([(handed[one][n], handed[two][n]) for n in numbers])
            found.append(Pair(lesson, one, two, share, lines))
    return found


def weight(holders: int, count: int) -> float:
    """Return what a fingerprint weighs that so many of a class have."""
    if holders > max(2, count // 2):
        return 0.0
    return math.log((count + OTHERS) / holders)


def spans(both: Iterable[tuple[Place, Place]]) -> tuple[Span, ...]:
    """Return the shared places as spans of lines, the longest first."""
    found: list[Span] = []
    for (file, first, last), (other, start, end) in sorted(both):
        before = found[-1] if found else None
        if before and (before.file, before.other_file) == (file, other):
            near = first - before.last <= GAP
            if near and before.other_first - GAP <= start <= before.other_last + GAP:
                found[-1] = Span(
                    *(file, before.first, max(before.last, last)),
                    *(
                        other,
                        min(before.other_first, start),
                        max(before.other_last, end),
                    ),
                )
                continue
        found.append(Span(file, first, last, other, start, end))
    order = sorted(found, key=lambda span: span.first - span.last)
    return tuple(order[:MOST_SPANS])
