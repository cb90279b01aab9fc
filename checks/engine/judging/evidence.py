"""What is known about a failed check, as plain data: for a terminal, a page, a file."""

import html
import json
import re
import reprlib
from collections.abc import Mapping

import pytest
from werkzeug.test import ClientRedirectError

from checks.engine.judging import asked, slips
from checks.engine.judging.trial import Trial
from checks.engine.lessons import WorkbookError
from checks.engine.worker.process import TIME, AppError, Lost
from checks.engine.worker.remote import KEPT_BODY, NotAnswering, routes_of

SAFE = ("GET", "HEAD", "OPTIONS")
SHAPE = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError)
SHAPE += (RuntimeError, StopIteration, MemoryError)
# A tag, and not what Python prints of a function or an object.
TAG = re.compile(r"<(?!(?:function|bound|built-in|class|module|generator) )[^>]*>")
MOST_WRITTEN = 4000  # characters
SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 300
SHORT.maxlist = SHORT.maxtuple = SHORT.maxdict = SHORT.maxset = 12


def collect(
    excinfo: pytest.ExceptionInfo, trial: Trial | None, compared: tuple | None
) -> dict:
    """Return the facts about one failure, ready for JSON.

    kind is "code" where the learner's app has not done what the step asks, "check"
    where the check itself is at fault.
    """
    error = excinfo.value
    facts: dict = {
        "kind": "check",
        "check": "",
        "error": f"{type(error).__name__}: {error}"[:500],
    }
    if isinstance(error, AppError):
        facts |= {"kind": "code", "crash": error.details}
    elif isinstance(error, Lost):
        facts |= {"kind": "code", "lost": str(error), "how": error.how}
    elif isinstance(error, NotAnswering):
        facts |= {"kind": "code", "command": command_facts(error)}
        facts["how"] = TIME if error.code is None else ""
    elif isinstance(error, WorkbookError):
        facts |= {"kind": "set-up", "lost": str(error)}
    elif isinstance(error, AssertionError | pytest.fail.Exception):
        facts |= {"kind": "code", **expectation(excinfo, compared)}
    elif isinstance(error, ClientRedirectError):
        facts |= {
            "kind": "code",
            "expected": "expected the redirects to come to an end",
        }
    elif trial and trial.processes and isinstance(error, SHAPE):
        # The guards prove that a check can read a right answer; this one was another.
        facts |= {"kind": "code", "shape": facts["error"]}
    facts["starting"] = getattr(error, "at_start", False)
    raised = isinstance(error, AppError | Lost | NotAnswering)
    got = facts.get("got", "")
    return facts | (surroundings(trial, raised, got) if trial else {})


def command_facts(error: NotAnswering) -> dict:
    """Return what a command that is no server did."""
    told = {"line": error.command, "code": error.code, "server": True}
    return told | {"output": error.output[-4000:]}


def expectation(excinfo: pytest.ExceptionInfo, compared: tuple | None) -> dict:
    """Return what an assert expected and what it got instead."""
    text = str(excinfo.value)
    if text.startswith("assert "):
        message, bare = "", text
    else:  # the message may quote an assert, too
        message, bare, _ = text.rpartition("\nassert ")
        message = message if bare else text
    facts: dict = {"rule": message.strip()}
    if compared and bare:
        facts |= comparison(*compared)
    elif bare and not facts["rule"]:
        statement = str(excinfo.traceback[-1].statement).strip()
        facts["expected"] = f"expected: {statement.removeprefix('assert ')}"
    return facts


def comparison(op: str, left, right) -> dict:
    """Return a failed comparison in words; left is what came, right what should."""
    if op == "in" and isinstance(right, str) and isinstance(left, str):
        facts = {"expected": f"expected to see {left!r}", "saw": readable(right)}
        facts["wanted"] = left
        at = right.lower().find(left.lower())
        if left and at >= 0:
            facts["expected"] += f", not {right[at : at + len(left)]!r}: capitals count"
        return facts
    if op == "not in" and isinstance(right, str) and isinstance(left, str):
        facts = {"expected": f"expected not to see {left!r}", "wanted": left}
        return facts | {"saw": around(right, left)}
    if op == "in" and isinstance(right, tuple | list | set | frozenset | range):
        return {"expected": f"expected {one_of(right)}", "got": SHORT.repr(left)}
    if op == "in":
        return {"expected": f"expected {SHORT.repr(left)}", "got": SHORT.repr(right)}
    if op == "not in" and isinstance(right, tuple | list | set | frozenset | range):
        return {
            "expected": f"expected anything but {one_of(right)}",
            "got": SHORT.repr(left),
        }
    if op == "not in":
        return {"expected": f"expected no {SHORT.repr(left)}", "got": SHORT.repr(right)}
    if op == "==":
        facts = {"expected": f"expected {SHORT.repr(right)}", "got": SHORT.repr(left)}
        return facts | {"sides": [written(right), written(left)]}
    return {"expected": f"expected {op} {SHORT.repr(right)}", "got": SHORT.repr(left)}


def written(value: object) -> str:
    """Return a value as a text in which a person finds a difference: JSON, in lines."""
    if isinstance(value, str):
        return value[:MOST_WRITTEN]
    try:
        text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        text = SHORT.repr(value)
    return text[:MOST_WRITTEN]


def one_of(values) -> str:
    """Return ``400 or 422`` for a collection."""
    if isinstance(values, range):
        return f"{values.start} to {values.stop - 1}"
    words = [SHORT.repr(value) for value in values]
    return (
        " or ".join(words)
        if len(words) < 8
        else "one of " + ", ".join(words[:8]) + ", …"
    )


def readable(page: str) -> str:
    """Return the words of a page, without its tags, in one line.

    A text that a check has read from a page already keeps what looks like a tag: the
    visitor sees it, too.
    """
    if not page.startswith("<") and page == " ".join(page.split()):
        return page[:160] + ("…" if len(page) > 160 else "")
    page = re.sub(r"(?is)<(style|script|title)\b.*?</\1>", " ", page[:KEPT_BODY])
    text = " ".join(html.unescape(TAG.sub(" ", page)).split())
    return text[:160] + ("…" if len(text) > 160 else "")


def around(page: str, spot: str) -> str:
    """Return the line of a page around a spot that should not be there."""
    at = page.find(spot)
    start = max(page.rfind("\n", 0, at) + 1, at - 50)
    end = page.find("\n", at)
    end = len(page) if end < 0 else end
    return " ".join(page[start : max(at + len(spot), min(end, at + 80))].split())


def surroundings(trial: Trial, raised: bool, got: str) -> dict:
    """Return the request, the routes and what the import did, as far as known.

    raised says that the last process itself raised; else the last that was asked for a
    page is the one to look at. got is what a check got in place of what it expected.
    """
    answered = [process for process in trial.processes if process.exchanges]
    process = (trial.processes if raised or not answered else answered)[-1:]
    process = process[0] if process else None
    exchange = told_of(process.exchanges, got) if process else None
    facts: dict = {
        "lesson": trial.lesson,
        "files": sorted(trial.code.files),
        "own": trial.own,
        "added": trial.added,
        "slips": slips.find(trial.code.files),
    }
    if trial.code.suite is not None:
        facts["self_tested"] = True
        if trial.code.suite.late:
            facts["how"] = TIME
    if process:
        facts["notes"] = process.notes
    if trial.finished and not exchange:
        last = trial.finished[-1]
        output = last.output[-4000:]
        facts["command"] = {
            "line": last.command,
            "code": last.exit_code,
            "output": output,
        }
    if exchange:
        facts["exchange"] = plain_exchange(exchange)
        facts["before"] = sent_before(process.exchanges, exchange)
        if exchange.get("crash"):
            facts["crash"] = exchange["crash"]
        if exchange.get("refused"):
            facts["refused"] = exchange["refused"]
        if trial.servers and any(
            str(e.get("status"))[:3] == "500" for e in process.exchanges
        ):
            facts["printed"] = trial.servers[-1].output
        facts["routes"] = routes(process)
        told = asked.find(trial.code.files, facts["exchange"], facts["routes"])
        facts["slips"] = told + facts["slips"]
    return facts


def told_of(exchanges: list[dict], got: str) -> dict | None:
    """Return the exchange that a failure is about: a crash that it names, or the last."""
    named = [e for e in exchanges if e.get("crash") and repr(e["path"]) in got]
    return (named or exchanges or [None])[-1]


def sent_before(exchanges: list[dict], exchange: dict) -> str:
    """Return what was sent before an exchange and may have changed something.

    ``POST /auth/register``, the last of several; an empty text where nothing was.
    """
    sent = ""
    for each in exchanges[: exchanges.index(exchange)]:
        done = str(each.get("status", "")).startswith(("2", "3"))
        if done and each["method"] not in SAFE:
            sent = f"{each['method']} {each['path'].removesuffix('?')}"
    return sent


def plain_exchange(exchange: Mapping) -> dict:
    """Return a request and its answer as text."""
    headers = {
        name.lower(): value for name, value in exchange.get("response_headers", [])
    }
    return {
        **{
            key: exchange[key] for key in ("method", "path", "host", "scheme", "prefix")
        },
        "type": exchange["type"],
        "cookie": exchange["cookie"],
        "authorization": exchange.get("authorization", ""),
        "body": exchange["body"].decode("utf-8", "replace"),
        "status": exchange.get("status", ""),
        "location": headers.get("location", ""),
        "allow": headers.get("allow", ""),
        "headers": [list(pair) for pair in exchange.get("response_headers", [])],
        "response": exchange.get("response", b"").decode("utf-8", "replace"),
    }


def routes(process) -> list[dict]:
    """Return the app's routes, none if it is no longer able to tell."""
    try:
        return routes_of(process)
    except (AppError, Lost):
        return []
