"""The words on the screen: a verdict as lines of text, for any width and any terminal."""

import re
import shlex
import textwrap

from checks.engine.judging.diagnosis import diagnose
from checks.engine.judging.overlooked import meanings
from checks.engine.judging.verdict import (
    BROKEN,
    NOT_CHECKED,
    NOT_YET,
    OK,
    WAITING,
    Verdict,
)
from checks.engine.lessons import KIT, restored
from checks.engine.screen import PORT, Screen, sentence, wrap

LONGEST_BODY, LONGEST_PATH = 300, 200  # characters that a person would read
# A part of a form that was sent with files: name, file name, type and content.
PART = re.compile(
    r'name="([^"]*)"(?:; filename="([^"]*)")?\r\n(?:Content-Type: (\S+)\r\n)?\r\n'
    r"(.*?)(?=\r\n--|\Z)",
    re.DOTALL,
)
FORM = "application/x-www-form-urlencoded"
FAULT = "this is a fault of the workbook, not yours: please report it"
COLOURS = {OK: "32", NOT_YET: "33", BROKEN: "31", NOT_CHECKED: "36", WAITING: "2"}


def block(verdict: Verdict, screen: Screen, port: int = PORT) -> list[str]:
    """Return the one block that a learner reads: the steps, and the first that is open.

    port is where the learner's own app answers, for the line that repeats a request.
    """
    shown = verdict.for_the_learner()
    lines = ["", heading(verdict, screen), *step_lines(shown, screen)]
    if not verdict.steps:
        return [*lines, "", *sentence(without_steps(verdict), screen)]
    step = verdict.first_open
    if step is None:
        return lines
    lines.append("")
    facts = step.details or {}
    for line in details(facts, screen.width, port):
        lines.append("  " + line)
    number = int(verdict.lesson[:2])
    if step.state == BROKEN:
        lines.append(f"  {FAULT}")
    elif step.state == NOT_YET:
        lines.append(f"  next:    make hint {number}")
    return lines


def without_steps(verdict: Verdict) -> str:
    """Return why nothing was checked, and the repair."""
    readme = f"lessons/{verdict.lesson}/README.md"
    repair = restored(readme, "them").removesuffix(".")
    return f"nothing was checked: {readme} names no steps\n{repair}"


def heading(verdict: Verdict, screen: Screen) -> str:
    """Return ``Lesson 13 · A JSON API    ■■■□□□ 3 of 6``."""
    left = f"Lesson {int(verdict.lesson[:2])} · {verdict.title}"
    right = score(verdict)
    gap = max(2, min(screen.width, 72) - len(left) - len(right))
    return screen.paint(left, "1") + " " * gap + right


def row(verdict: Verdict, widest: int, screen: Screen) -> str:
    """Return one lesson's verdict in a line; widest is the longest title's length."""
    room = min(widest, screen.width - 28)
    title = textwrap.shorten(verdict.title, room, placeholder="…").ljust(room)
    return f"  {int(verdict.lesson[:2]):>2}  {title}   {score(verdict, 6)}"


def score(verdict: Verdict, width: int = 0) -> str:
    """Return ``■■■□□□ 3 of 6``; width is the least that the squares take."""
    count = len(verdict.steps)
    bar = "■" * verdict.passed + "□" * (count - verdict.passed)
    return f"{bar.ljust(width)} {verdict.passed} of {count}"


def step_lines(verdict: Verdict, screen: Screen) -> list[str]:
    """Return a line for every step: number, title, state."""
    room = screen.width - 22
    widest = min(room, max([len(step.title) for step in verdict.steps], default=0))
    lines = []
    for step in verdict.steps:
        title = textwrap.shorten(step.title, room, placeholder="…").ljust(widest)
        lines.append(
            f"  {step.number}  {title}   {screen.paint(step.state, COLOURS[step.state])}"
        )
    return lines


def details(facts: dict, width: int = 88, port: int = PORT) -> list[str]:
    """Return what a learner needs about one failure: rule, request, diagnosis, repeat."""
    wrapped = [piece for line in told(facts) for piece in wrap(line, width - 4)]
    again = repeat(facts, port)
    return [*wrapped, f"try it:  {again}"] if again else wrapped


def told(facts: dict) -> list[str]:
    """Return what is known of one failure, a line for each thing, as wide as it is."""
    lines = [f"check:   {facts['check']}"] if facts.get("check") else []
    exchange = facts.get("exchange")
    if exchange:
        lines.append(
            f"{request_line(exchange)}  →  {exchange['status'] or 'no answer'}"
        )
    if facts.get("kind") == "check":
        lines.append(facts.get("error", ""))
    lines += diagnose(facts)
    if facts.get("rule"):
        lines += str(facts["rule"]).splitlines()
    lines += expected(facts)
    if facts.get("own") and exchange:
        lines.append(
            f"(the check put {' and '.join(sorted(set(facts['own'])))} of its own there)"
        )
    elif facts.get("before"):
        lines.append(f"(before it, the check sent {facts['before']})")
    if facts.get("self_tested"):
        lines += [*meanings(str(facts.get("rule"))), "(this check ran your own tests)"]
    return [clean(line) for line in lines]


def repeat(facts: dict, port: int = PORT) -> str | None:
    """Return the command that asks the running app the same, None where none can."""
    exchange = facts.get("exchange")
    if not exchange or not can_be_repeated(exchange, facts):
        return None
    return curl(exchange, port)


def can_be_repeated(exchange: dict, facts: dict) -> bool:
    """Would a line of a person's length send the same request to the running app?"""
    pieces = [piece for part in parts(exchange) for piece in part if piece]
    plain = all(piece.isprintable() for piece in pieces or [exchange["body"]])
    if len(exchange["path"]) > LONGEST_PATH:
        return False
    if len(exchange["body"]) > LONGEST_BODY or not plain:
        return False
    added = exchange["path"].partition("?")[0] in facts.get("added", ())
    return not (
        exchange.get("prefix") or added or facts.get("own") or facts.get("before")
    )


def expected(facts: dict) -> list[str]:
    """Return what was expected, and what came instead where that is worth a line."""
    lines = [facts["expected"]] if facts.get("expected") else []
    status = (facts.get("exchange") or {}).get("status", "")[:3]
    if facts.get("got") and facts["got"] != status and lines:
        lines[0] += f", got {facts['got']}"
    if facts.get("saw") or ("saw" in facts and not facts.get("command")):
        lines.append(
            f"what came: {facts['saw']}" if facts["saw"] else "what came: an empty page"
        )
    return lines


def clean(line: str) -> str:
    """Return a line without what would move a terminal's cursor or change its colours."""
    return "".join(letter if letter.isprintable() else "·" for letter in line)


def request_line(exchange: dict) -> str:
    """Return ``POST /api/posts  {}``, or ``POST /upload  picture=tea.png``."""
    fields = [
        f"{name}={content if file is None else file}"
        for name, file, _, content in parts(exchange)
    ]
    body = " ".join((" ".join(fields) or exchange["body"]).split())
    body = body[:40] + "…" if len(body) > 40 else body
    path = exchange["path"]
    if not path.startswith(exchange["prefix"]):
        path = exchange["prefix"] + path
    path = path[:LONGEST_PATH] + "…" if len(path) > LONGEST_PATH else path
    return f"{exchange['method']} {path}" + (f"  {body}" if body else "")


def parts(exchange: dict) -> list[tuple]:
    """Return the parts of a form with files, as PART finds them; none of other bodies."""
    if not exchange["type"].startswith("multipart/form-data"):
        return []
    return [found.groups() for found in PART.finditer(exchange["body"])]


def curl(exchange: dict, port: int = PORT) -> str:
    """Return the command that sends the same request to the learner's running app."""
    words = ["curl", "-i"]
    method = exchange["method"]
    form = parts(exchange)
    if method == "HEAD":
        words = ["curl", "-I"]
    elif method != "GET" and not (method == "POST" and exchange["body"]):
        words += ["-X", method]
    if "/.." in exchange["path"]:
        words += ["--path-as-is"]
    if not is_local(exchange["host"]):
        words += ["-H", f"Host: {exchange['host']}"]
    # What -d sends is a form by itself, and -F one with files.
    if exchange["type"] not in ("", FORM) and not form:
        words += ["-H", f"Content-Type: {exchange['type']}"]
    if exchange.get("authorization"):
        words += ["-H", f"Authorization: {exchange['authorization']}"]
    if exchange["cookie"]:
        words += ["-b", exchange["cookie"]]
    for name, file, kind, content in form:
        known = f";type={kind}" if kind else ""
        sent = content if file is None else f"@tea.png{known};filename={file}"
        words += ["-F", f"{name}={sent}"]
    if exchange["body"] and not form:
        words += ["-d", exchange["body"]]
    return shlex.join([*words, f"http://127.0.0.1:{port}{exchange['path']}"])


def is_local(host: str) -> bool:
    """Is this the host a check uses when the host does not matter?"""
    return host.partition(":")[0] in ("localhost", "127.0.0.1")


def finished(verdict: Verdict, following: str | None) -> list[str]:
    """Return the end of a lesson, which names the next."""
    if following is None:
        where = "of this kit" if KIT.is_file() else "there is"
        return ["", f"  every step is done; this was the last lesson {where}"]
    return ["", "  every step is done", f"  next:    make lesson {int(following[:2])}"]
