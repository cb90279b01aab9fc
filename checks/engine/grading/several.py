"""Several files that one student has handed in, read as one submission."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from checks.engine.grading import arrivals, submissions
from checks.engine.grading.submissions import (
    MOST_IN_ALL,
    MOST_SEEN,
    LeftOut,
    Submission,
    Unreadable,
)


def read(paths: Sequence[Path], names: Iterable[str]) -> Submission:
    """Return what lies at paths, the last file first: of these names' lessons the files.

    A lesson that two of them bring is taken from the later one, and a file that cannot
    be read is left out. What lies beside archives counts as elsewhere. Raises Unreadable
    where nothing can be read.
    """
    names, whole, problems = [*names], None, []
    handed = [*paths]
    paths = [path for path in handed if not arrivals.is_beside(path)] or handed
    for path in paths:
        try:
            one = submissions.read(path, names)
        except Unreadable as error:
            problems.append(LeftOut(submissions.readable(path.name), str(error)))
            continue
        if len(paths) > 1:
            named(one, path)
        whole = joined(whole, one) if whole else one
    if whole is None:
        raise Unreadable(" ".join(each.reason for each in problems))
    whole.elsewhere += len(handed) - len(paths)
    whole.left_out = sorted(whole.left_out + problems, key=lambda left: left.path)
    return whole


def named(one: Submission, path: Path) -> None:
    """Say of all that was left out in which file it was."""
    file = submissions.readable(path.name)
    one.name = file
    one.left_out = [LeftOut(f"{file}/{o.path}", o.reason) for o in one.left_out]


def joined(later: Submission, earlier: Submission) -> Submission:
    """Return two files' content as one; what the later one brings counts.

    Together they may hold no more than one file may.
    """
    lessons, left = dict(later.lessons), []
    room = MOST_IN_ALL - sum(map(size, lessons.values()))
    for name, files in sorted(earlier.lessons.items()):
        if name in lessons:
            left.append(LeftOut(f"{earlier.name}/{name}", twice(later, name, files)))
        elif size(files) > room:
            left.append(LeftOut(f"{earlier.name}/{name}", "too much with the others"))
        else:
            lessons[name], room = files, room - size(files)
    return Submission(
        later.name,
        lessons,
        (left + later.left_out + earlier.left_out)[:MOST_SEEN],
        later.elsewhere + earlier.elsewhere,
    )


def size(files: Mapping[str, bytes]) -> int:
    """Return the bytes in a lesson's files."""
    return sum(map(len, files.values()))


def twice(later: Submission, name: str, files: Mapping[str, bytes]) -> str:
    """Return why a lesson is not taken that a later file has, too."""
    if later.lessons[name] == files:
        return f"lesson {name} is the same in a later file"
    return f"the later file {later.name} has this lesson, too"
