"""A class's marks for other programs: CSV, Canvas, Moodle, JUnit, Gradescope."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence

from checks.engine.grading import feedback
from checks.engine.grading.arrivals import CANVAS
from checks.engine.grading.marks import MISSING, LessonMark, Mark, figure
from checks.engine.grading.results import Results
from checks.engine.grading.students import Enrolled
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, OK
from checks.engine.lessons import Lesson

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
POSSIBLE = "    Points Possible"  # Canvas knows the row by these words and blanks
# Characters that XML 1.0 has no way to write.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def written(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV, every cell of it harmless."""
    text = io.StringIO()
    csv.writer(text).writerows([[plain(cell) for cell in row] for row in rows])
    return text.getvalue()


def weighted(lesson: LessonMark) -> str:
    """Return the points of a lesson with its weight."""
    return figure(lesson.weighted)


def cells(mark: Mark) -> list[str]:
    """Return a student's points for a learning platform, a cell a lesson.

    Who has handed in nothing at all has empty cells, but for what was given by hand: a
    0 would be a mark, and what is missing is for the platform and the teacher to say.
    """
    return [
        weighted(lesson)
        if mark.submission or any(step.correction for step in lesson.steps)
        else ""
        for lesson in mark.lessons
    ]


def possible(lesson: LessonMark) -> str:
    """Return the points that a lesson has, with its weight."""
    return figure(lesson.weighted_most)


def heading(lesson: LessonMark) -> str:
    """Return ``03 Routes``: what names a lesson in a column."""
    return f"{lesson.lesson[:2]} {Lesson(lesson.lesson).title}"


def table(results: Results) -> str:
    """Return plain CSV: a row a student, a column a lesson, the total, the looks."""
    lessons = results.marks[0].lessons if results.marks else ()
    names = [heading(lesson) for lesson in lessons]
    rows = [["student", *names, "total", "of", "percent", "look"]]
    for mark in results.marks:
        looks = "; ".join(each.told for each in results.looks.get(mark.student, []))
        numbers = [figure(mark.points), figure(mark.most), f"{mark.percent:.1f}"]
        cells = [weighted(lesson) for lesson in mark.lessons]
        rows.append([mark.student, *cells, *numbers, looks])
    return written(rows)


def similar(results: Results) -> str:
    """Return CSV: a row for every span of lines that two students share."""
    rows = [["lesson", "student", "lines", "other", "other lines", "percent alike"]]
    for pair in results.pairs:
        for span in pair.spans:
            lines = f"{span.file}:{span.first}-{span.last}"
            others = f"{span.turned.file}:{span.turned.first}-{span.turned.last}"
            percent = f"{100 * pair.share:.0f}"
            rows.append([pair.lesson, pair.student, lines, pair.other, others, percent])
    return written(rows)


def canvas(results: Results) -> str:
    """Return CSV as Canvas imports it, a column a lesson.

    It has those of the roster, and those whose number Canvas gave with their file.
    """
    lessons = results.marks[0].lessons if results.marks else ()
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [head + [heading(lesson) for lesson in lessons]]
    rows.append([POSSIBLE, "", "", "", ""] + [possible(lesson) for lesson in lessons])
    numbers = canvas_ids(results)
    for mark in results.marks:
        if mark.student not in numbers.keys() | results.roster.keys():
            continue
        line = results.roster.get(mark.student, Enrolled(mark.student))
        number = numbers.get(mark.student, "")
        person = [line.name or line.student, number, line.id, line.email, ""]
        rows.append(person + cells(mark))
    return written(rows)


def canvas_ids(results: Results) -> dict[str, str]:
    """Return the numbers that came from Canvas, by student; none that two have."""
    found = {}
    for mark in results.marks:
        arrival = mark.submission.get("arrival", {})
        if arrival.get("source") == CANVAS and arrival["id"].isdecimal():
            found[mark.student] = arrival["id"]
    count = Counter(found.values())
    return {student: each for student, each in found.items() if count[each] == 1}


def moodle(results: Results) -> str:
    """Return CSV as Moodle imports it: those of the roster, a column a lesson."""
    lessons = results.marks[0].lessons if results.marks else ()
    head = ["ID number", "Email address"]
    rows = [head + [heading(lesson) for lesson in lessons]]
    for mark in enrolled(results):
        line = results.roster[mark.student]
        rows.append([line.id, line.email, *cells(mark)])
    return written(rows)


def enrolled(results: Results) -> list[Mark]:
    """Return the marks of those in the roster; nobody else's place is guessed."""
    return [mark for mark in results.marks if mark.student in results.roster]


def junit(results: Results) -> str:
    """Return JUnit XML: a suite a student, a case a step."""
    top = ET.Element("testsuites", name=xml(results.course.title or "class"))
    for mark in results.marks:
        suite = ET.SubElement(top, "testsuite", name=xml(mark.student))
        counted = {"failures": 0, "errors": 0, "skipped": 0}
        for told in feedback.steps(mark):
            case = ET.SubElement(suite, "testcase", classname=xml(told.lesson))
            case.set("name", xml(f"{told.place} {told.title}"))
            if told.state == OK:
                if told.by_hand:
                    found = ET.SubElement(case, "system-out")
                    found.text = xml("\n".join(told.lines))
                continue
            kind, count = kind_of(told.state)
            counted[count] += 1
            found = ET.SubElement(case, kind, message=xml(told.state))
            found.text = xml("\n".join(told.lines))
        suite.set("tests", str(len(suite)))
        for name, number in counted.items():
            suite.set(name, str(number))
    ET.indent(top)
    return ET.tostring(top, encoding="unicode", xml_declaration=False) + "\n"


def kind_of(state: str) -> tuple[str, str]:
    """Return the element for a step that is not done, and what it is counted as."""
    if state in (NOT_CHECKED, MISSING):
        return "skipped", "skipped"
    return ("error", "errors") if state == BROKEN else ("failure", "failures")


def xml(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return NOT_XML.sub("?", text)


def gradescope(mark: Mark) -> dict:
    """Return one student's results in the shape that Gradescope reads."""
    tests = []
    for lesson in mark.lessons:
        one = Mark(mark.student, (lesson,), mark.submission)
        for step, told in zip(lesson.steps, feedback.steps(one), strict=True):
            tests.append(
                {
                    "name": f"{told.lesson}: {told.title}",
                    "number": told.place,
                    "score": step.points * lesson.weight,
                    "max_score": step.most * lesson.weight,
                    "status": "passed" if step.state == OK else "failed",
                    "output": "\n".join([told.state, *told.lines]),
                    "visibility": "visible",
                }
            )
    return {"score": mark.points, "tests": tests}
