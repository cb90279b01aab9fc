"""The page of one student, which the student may read."""

from checks.engine.grading import feedback
from checks.engine.grading.marks import LessonMark, Mark, figure
from checks.engine.grading.paper import legend, name, page, section, signed, text
from checks.engine.grading.results import Results
from checks.engine.lessons import Lesson


def of_student(results: Results, mark: Mark) -> str:
    """Return the page of one student, with nothing of any other."""
    told = results.called(mark.student)
    who = f"{name(told)} ({name(mark.student)})" if told else name(mark.student)
    body = [
        f"<p>{who}: {figure(mark.points)} of {figure(mark.most)} points. {legend()}</p>"
    ]
    if mark.submission.get("problem"):
        body.append(f"<p>{text(mark.submission['problem'])}</p>")
    steps = [*feedback.steps(mark)]
    for lesson in mark.lessons:
        title = f"Lesson {int(lesson.lesson[:2])} · {Lesson(lesson.lesson).title}"
        mine = [each for each in steps if each.lesson == lesson.lesson]
        lines = [sum_line(lesson), *map(step_lines, mine), origin(lesson)]
        body += section(text(title), lines)
    return page(results.course.title or "Your marks", body)


def sum_line(lesson: LessonMark) -> str:
    """Return the points of a lesson, before its weight where it has one and after."""
    told = f"{figure(lesson.points)} of {figure(lesson.most)} points"
    if lesson.weight != 1:
        told += f", times {figure(lesson.weight)}: {figure(lesson.weighted)} of "
        told += f"{figure(lesson.weighted_most)}"
    return f"<p>{told}</p>"


def step_lines(told: feedback.Told) -> str:
    """Return one step for its student."""
    sign = signed(told.state, told.by_hand)
    head = f"<p>{sign} {text(told.place)} {text(told.title)}: {text(told.state)}, "
    hand = ", by hand" if told.by_hand else ""
    said = text("\n".join(told.lines))
    return f"{head}{told.points}{hand}</p>" + (f"\n<pre>{said}</pre>" if said else "")


def origin(lesson: LessonMark) -> str:
    """Return how a lesson's verdict came."""
    if not lesson.handed_in:
        return "<p>Nothing of this lesson was handed in.</p>"
    told = lesson.origin
    parts = [f"judged {told.get('at', '')}"]
    parts += [f"{k} {told[k]}" for k in ("Flask", "python", "checks", "files", "seed")
              if told.get(k)]  # fmt: skip
    if told.get("repeated"):
        parts.append(f"repeated alone: {', '.join(map(str, told['repeated']))}")
    return f"<p><small>{text('; '.join(parts))}</small></p>"
