"""The page of a class, for its instructor: whole in itself, without a script."""

from collections import Counter
from collections.abc import Iterable, Sequence

from checks.engine.grading import hidden_page
from checks.engine.grading.looks import Hard, hardest
from checks.engine.grading.marks import LessonMark, Mark, StepMark, figure
from checks.engine.grading.paper import (
    CLASSES,
    SIGNS,
    legend,
    listed,
    name,
    page,
    person,
    section,
    text,
)
from checks.engine.grading.results import Results
from checks.engine.lessons import Lesson


def of_class(results: Results, files: dict[str, str]) -> str:
    """Return the page of a class; files are the students' own pages."""
    title = results.course.title or "A class"
    count = f"{len(results.marks)} students, {len(results.course.lessons)} lessons"
    return page(
        title,
        [
            f"<p>{count}. {legend()}</p>",
            *section("Steps", heat_map(results, files)),
            *section("By points", by_points(results)),
            *section("Distribution", distribution(results.marks)),
            *section("The hardest steps", hard_list(hardest(results.marks, 10))),
            *section("Hidden checks", hidden_page.note(results)),
            *section("Who needs a look", look_list(results)),
            *section("Notes", listed(results.notes())),
        ],
    )


def heat_map(results: Results, files: dict[str, str]) -> list[str]:
    """Return the table of students and steps, with what they add up to in front."""
    if not results.marks:
        return []
    lessons = results.marks[0].lessons
    head = "".join(
        f'<th scope="col" class="l" colspan="{len(each.steps)}" '
        f'title="{text(Lesson(each.lesson).title)}">{numbered(each)}</th>'
        for each in lessons
    )
    lines = [
        '<div class="wide"><table class="steps">',
        '<thead><tr><th>student</th><th class="n">total</th><th class="n">%</th>'
        f"{head}</tr></thead><tbody>",
    ]
    for mark in results.marks:
        cells = "".join(cell(lesson, step) for lesson, step in mark.steps)
        link = f'<a href="{text(files[mark.student])}">{name(mark.student)}</a>'
        told = name(results.called(mark.student))
        lines.append(
            f'<tr><th scope="row">{link} <span class="who">{told}</span></th>'
            f'<td class="n">{figure(mark.points)} of {figure(mark.most)}</td>'
            f'<td class="n">{mark.percent:.0f}</td>{cells}</tr>'
        )
    return [*lines, "</tbody></table></div>"]


def numbered(lesson: LessonMark) -> str:
    """Return a lesson's number for the head of its columns, with its weight if any."""
    number = text(lesson.lesson[:2])
    return f"{number} ×{figure(lesson.weight)}" if lesson.weight != 1 else number


def cell(lesson: LessonMark, step: StepMark) -> str:
    """Return a step's cell; what is seen when one points at it says all of it."""
    place = f"{int(lesson.lesson[:2])}.{step.number} {step.title}: {step.judged}"
    hand = ""
    if step.correction:
        place += f"; {figure(step.correction.points)} by hand: {step.correction.reason}"
        hand = " hand"
    kind = CLASSES[step.state] + hand
    kind = f"l {kind}" if step == lesson.steps[0] else kind
    return f'<td class="s {kind}" title="{text(place)}">{SIGNS[step.state]}</td>'


def by_points(results: Results) -> list[str]:
    """Return the students in the order of their points, folded away.

    The points of the lessons are weighted, so that they add up to the total.
    """
    if not results.marks:
        return []
    order = sorted(results.marks, key=lambda mark: -mark.points)
    lessons = results.marks[0].lessons
    heads = "".join(
        f'<th class="n">{head}</th>' for head in ("total", "%", *map(numbered, lessons))
    )
    most = [each.weighted_most for each in lessons]
    rows = [
        f"<tr><td>{person(results, mark.student)}</td>"
        + numbers([mark.points], f"{mark.percent:.0f}")
        + numbers(each.weighted for each in mark.lessons)
        for mark in order
    ]
    return [
        '<details><summary>the highest first</summary><div class="wide"><table>',
        f"<thead><tr><th>student</th>{heads}</tr></thead>",
        *[f"{row}</tr>" for row in rows],
        f"<tfoot><tr><td>of</td>{numbers([order[0].most], '')}{numbers(most)}</tr>"
        "</tfoot></table></div></details>",
    ]


def numbers(found: Iterable[float], *more: str) -> str:
    """Return cells with numbers, and with more that is written already."""
    cells = [*map(figure, found), *more]
    return "".join(f'<td class="n">{cell}</td>' for cell in cells)


def distribution(marks: Sequence[Mark]) -> list[str]:
    """Return how many students have which share of the points."""
    counted = Counter(min(int(mark.percent // 10), 9) for mark in marks)
    most = max(counted.values(), default=1)
    rows = [
        f"<tr><td>{10 * tenth} to {10 * tenth + (10 if tenth == 9 else 9)} %</td>"
        f'<td class="n">{counted[tenth]}</td><td><span class="bar" '
        f'style="width:{100 * counted[tenth] / most:.0f}%"></span></td></tr>'
        for tenth in range(10)
    ]
    return ['<table class="bars">', *rows, "</table>"]


def hard_list(found: Iterable[Hard]) -> list[str]:
    """Return the hardest steps, with what most often went wrong."""
    rows = [
        f"<tr><td>{int(each.lesson[:2])}.{each.number} {text(each.title)}</td>"
        f'<td class="n">{each.done} of {each.count}</td><td>{text(each.check)}</td></tr>'
        for each in found
    ]
    head = "<thead><tr><th>step</th><th>done</th><th>mostly fails at</th></tr></thead>"
    return [f"<table>{head}", *rows, "</table>"] if rows else []


def look_list(results: Results) -> list[str]:
    """Return why a person should look at whom."""
    rows = [
        f"<li>{person(results, student)}: {text(look.told)}</li>"
        for student, found in results.looks.items()
        for look in found
    ]
    return ["<ul>", *rows, "</ul>"] if rows else []
