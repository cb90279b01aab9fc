"""Contexts, hooks and commands: who calls a function, and what is there when it runs."""

import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame, place

THERE = {
    "application": "an app is at work while a request is answered, while a flask "
    "command runs, and inside `with app.app_context():`",
    "request": "a request is there in views, in hooks and in what they call, and inside "
    "`with app.test_request_context():`",
}
CALLED = r"add_url_rule\(.*view_func=\w+\("

REFUSALS = {
    "Missing option": "Click itself asks for a required option, and ends with exit code 2 "
    "before your function is called",
    "No such option": "what begins with -- is declared by click.option, above the function",
}


@meaning(r"^RuntimeError: Unable to build URLs outside an active request")
def no_host(match: re.Match, facts: Facts) -> list[str]:
    lines = [
        "url_for was called outside a request, where Flask knows no host",
        *frame(facts),
        "which context stands in for a request?",
    ]
    if in_command(facts):
        said = "(a flask command has an application context, which is no request, and"
        lines.append(f"{said} without a request only SERVER_NAME would be a host)")
    return lines


@meaning(r"^RuntimeError: Working outside of (application|request) context")
def outside(match: re.Match, facts: Facts) -> list[str]:
    if "url_for(" in "".join(frame(facts)):
        return no_host(match, facts)
    called = [str(spot.get("name")) for spot in facts["crash"].get("frames") or []]
    when = []
    if called[-1:] == ["<module>"]:
        when = ["this line runs while its file is imported, before there is an app"]
    elif re.search(CALLED, str(facts["crash"].get("frames"))):
        when = [
            "view_func= takes the function itself: without brackets behind its name"
        ]
    elif "create_app" in called:
        when = ["this line runs while create_app is still at work on the app"]
    elif in_command(facts):
        when = ["a command is no request: it has an application context only"]
        if match[1] == "application":
            when = ["it ran before the command began: while a file was imported?"]
    said = f"the code ran outside of the {match[1]} context"
    return [said, *frame(facts), *callers(facts), *when, THERE[match[1]]]


def callers(facts: Facts) -> list[str]:
    """Return the learner's lines that led to the one that raised, the nearest first.

    Of each file one is enough; a line that only imports tells nothing.
    """
    *before, last = facts["crash"].get("frames") or [{}]
    lines, files = [], set()
    for spot in reversed(before):
        source = str(spot.get("source"))
        other = spot.get("line") != last.get("line") or spot["file"] != last["file"]
        if other and spot.get("file") not in files and not source.startswith("from "):
            lines.append(f"called from {place(facts, spot)}   {source}")
            files.add(spot.get("file"))
    return lines[:2]


@meaning(r"^AttributeError: (\w+)$")
def nothing_on_g(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(rf"\bg\.{match[1]}\b", "".join(frame(facts))):
        return []
    return [
        f"AttributeError: g has no {match[1]}: nothing has set it in this request",
        *frame(facts),
        "before_request functions run in the order in which they are registered; after "
        "one that aborts, or returns something, no other one runs",
    ]


@meaning(r"^TypeError: 'NoneType' object is not callable")
@meaning(r"^AttributeError: 'NoneType' object has no attribute '(headers|set_cookie)'")
def no_response(match: re.Match, facts: Facts) -> list[str]:
    """A hook that got the response and gave nothing back; another may be the first."""
    frames = facts["crash"].get("frames") or []
    if len(frames) != (1 if match.lastindex else 0) or not has_hooks(facts):
        return []
    said = "a function of after_request gave None back: it is handed the response, and"
    more = ["(they run in the reverse order of their registration)"]
    return [
        match.string,
        *(frame(facts) if frames else []),
        f"{said} what it returns is sent",
        *(more if frames else []),
    ]


@meaning(r"^TypeError: (\w+)\(\) takes 0 positional arguments but 1 was given")
def handed_something(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames") or not has_hooks(facts):
        return []
    said = (
        "Flask hands the response to every after_request function, the error to every"
    )
    return [match.string, f"{said} error handler"]


@meaning(r"^TypeError: (\w+)\(\) missing \d+ required positional arguments?: (.+)")
def handed_nothing(match: re.Match, facts: Facts) -> list[str]:
    """A hook with a parameter, or a command's: neither has an address."""
    view = (facts["crash"].get("view") or {}).get("name")
    if facts["crash"].get("frames") or view == match[1]:
        return []
    if in_command(facts):
        return [
            f"{match[1]}() wants {match[2]}, and no option of the command is so called"
        ]
    if not has_hooks(facts):
        return []
    said = "before_request functions are called with nothing, after_request ones with"
    return [match.string, f"{said} the response"]


@meaning(r"^TypeError: (\w+)\(\) got an unexpected keyword argument '(\w+)'")
def no_parameter_for_it(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames") or not in_command(facts):
        return []
    said = f"an option hands over {match[2]}=, named after its dashes"
    return [f"{said}, and {match[1]}() has no parameter of that name"]


@meaning(r"^(?:RuntimeError|ValueError|LookupError|KeyError|Exception): .")
def raised_by_command(match: re.Match, facts: Facts) -> list[str]:
    """An exception of the learner's own that ends a command with a traceback."""
    where = "".join(frame(facts))
    if not in_command(facts) or not re.search(r"commands\.py:\d+   raise ", where):
        return []
    said = "an exception that leaves a command shows its traceback; of a"
    return [
        match.string,
        *frame(facts),
        f"{said} click.ClickException, only its sentence",
    ]


@meaning(r"^TypeError: '(\w+)' object is not iterable")
@meaning(r"^ValueError: dictionary update sequence element")
@meaning(r"^TypeError: cannot convert dictionary update sequence")
def processor_gave(match: re.Match, facts: Facts) -> list[str]:
    if "render_template(" not in "".join(frame(facts)):
        return []
    kind = match[1] if match.lastindex else ""
    came = {"": "", "NoneType": "; None came: is a return missing?"}.get(
        kind, f"; a value of type {kind} came"
    )
    said = "a context processor returns a dict, names with their values"
    return [match.string, *frame(facts), said + came]


@meaning(r"^TypeError: The view function.* did not return a valid response")
def view_or_hook(match: re.Match, facts: Facts) -> list[str]:
    """Flask's message names the view, also where a hook answered instead of it."""
    from checks.engine.judging.meanings import views  # registered after this module

    message = facts["crash"].get("message", "")
    if not has_hooks(facts) or "but it was a" not in message:
        return []
    said = "(or a before_request function did: what it returns is taken for the answer)"
    return [*views.returned(match, facts), said]


def hooks(facts: Facts) -> list[str]:
    """Return what a page gives away about a hook that answered in place of its view."""
    exchange = facts.get("exchange") or {}
    page = (exchange.get("response") or "").strip()
    numbers = [
        v for name, v in exchange.get("headers", []) if "request" in name.lower()
    ]
    if not page or page not in numbers:
        return []
    return [
        "the whole answer is its number: a before_request function returned it, and"
        " what such a function returns is sent instead of the page"
    ]


def commands(facts: Facts) -> list[str]:
    """Return what Click's own refusal of a command means."""
    run = facts.get("command") or {}
    for refusal, said in REFUSALS.items():
        if f"Error: {refusal}" in run.get("output", ""):
            return [said]
    if "Error: No such command" not in run.get("output", ""):
        return []
    said = "app.cli.command( ) registers one, under the name in its brackets; without a"
    lines = [f"{said} name, under that of the function, with - for _"]
    word = re.findall(r"No such command '([^']+)'", run["output"])[-1:]
    if word and re.search(rf": .*\b\w+ {re.escape(word[0])}\b", str(facts.get("rule"))):
        lines.append("a command of bp.cli stands behind the name of its blueprint")
    return lines


def in_command(facts: Facts) -> bool:
    """Was it a flask command that crashed, and no request?"""
    line = str((facts.get("command") or {}).get("line"))
    return line.startswith("flask ") and not facts.get("exchange")


def has_hooks(facts: Facts) -> bool:
    """Has the lesson got so far that requests have hooks?"""
    return any(str(name).endswith("hooks.py") for name in facts.get("files") or ())
