"""From facts to the sentence that helps: what Flask did, in the app's own words."""

import re

from checks.engine.judging.addresses import status
from checks.engine.judging.meanings import crash, servers
from checks.engine.judging.sights import sights
from checks.engine.judging.slips import slips
from checks.engine.judging.spots import Facts, place


def diagnose(facts: Facts) -> list[str]:
    """Return the lines that explain a failure, most helpful first.

    facts is what evidence.collect returned. Never raises for a strange fact.
    """
    lines: list[str] = []
    for explain in (
        lost,
        command,
        crash,
        printed,
        shape,
        notes,
        slips,
        status,
        sights,
    ):
        lines += explain(facts)
    return list(dict.fromkeys(lines))


def lost(facts: Facts) -> list[str]:
    """An app that did not answer at all."""
    if not facts.get("lost"):
        return []
    lines = [str(facts["lost"])]
    if "no proper status line" in lines[0]:
        lines.append(
            "what stands second behind return is the status: body, status, headers"
        )
        said = "second in Response( ), too: write mimetype= before a type"
        if "UNKNOWN" in lines[0]:  # a number, and no status
            said = "in redirect( ) it stands behind the address: url_for takes an id"
        lines.append(said)
    return lines


def shape(facts: Facts) -> list[str]:
    """An answer in which the check did not find what it reads."""
    if not facts.get("shape"):
        return []
    return [
        f"the answer does not have the shape that this step asks for ({facts['shape']})"
    ]


def command(facts: Facts) -> list[str]:
    """A command that ended when it should serve, or printed something else."""
    run = facts.get("command")
    if not run:
        return []
    printed = [line for line in run["output"].splitlines() if line.strip()]
    if run["code"] is None:
        lines = [f"`{run['line']}` did not come to an end, and served nothing"]
    else:
        lines = [f"`{run['line']}` ended with exit code {run['code']}"]
    if not printed:
        return [*lines, "it printed nothing", *silent(run)]
    if said := servers.refused(facts):
        return [*lines, *said]
    told = traceback_in(run["output"]) if run["code"] else None
    if told:
        return [*lines, *crash({**facts, "crash": told})]
    if facts.get("saw"):  # all of it is told with what was expected
        return lines
    own = re.findall(
        r'^ +File "(?:/.*/app/)?([^"/<][^"]*)", line (\d+)', run["output"], re.MULTILINE
    )
    where = [":".join(spot) for spot in own[-1:]]
    return [*lines, *where, f"it printed: {printed[-1].strip()[:300]}"]


def silent(run: dict) -> list[str]:
    """What a program that should serve, and only ended, may have left out."""
    if run["code"] != 0 or not run.get("server"):
        return []
    return [
        "a server goes on until you end it: is app.run() called, with its brackets, "
        "and does the guard above it ask for the right name?"
    ]


# The learner's own files stand in the folder app/, or without a folder for a script.
FRAME = re.compile(
    r'^  File "(?![^"]*site-packages)(?:[^"]*/app/)?([^"/<][^"]*)", line (\d+), in .*'
    r"(?:\n    (.+))?",
    re.M,
)
ERROR = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception)): (.+)", re.M)


def traceback_in(output: str) -> dict | None:
    """Return the exception that a command printed, as a crash, None if it printed none.

    A syntax error is left as it stands: its place is no frame.
    """
    _, found, text = output.rpartition("Traceback (most recent call last):\n")
    errors = ERROR.findall(text) if found else []
    if not errors or errors[-1][0] in ("SyntaxError", "IndentationError", "TabError"):
        return None
    frames = [
        {"file": file, "line": line, "source": source}
        for file, line, source in FRAME.findall(text)
    ]
    return {"type": errors[-1][0], "message": errors[-1][1], "frames": frames}


def printed(facts: Facts) -> list[str]:
    """What a server printed while it answered with a 500."""
    told = traceback_in(facts.get("printed") or "")
    return crash({**facts, "crash": told}) if told else []


def notes(facts: Facts) -> list[str]:
    """What the file did while it was imported, though nothing complained."""
    lines = []
    told = facts.get("notes") or (facts.get("crash") or {}).get("notes") or []
    for note in told:
        if note.get("kind") == "bare route":
            spot = place(facts, note)
            lines.append(
                f"{spot}   the decorator above {note.get('name')}() has no address: "
                "call it with one, in brackets"
            )
        if note.get("kind") == "no view" and not facts.get("starting"):
            spot = place(facts, note)
            lines.append(
                f"{spot}   the decorator for {note.get('name')} is put on no function: "
                "it should have an @ in front"
            )
        if note.get("kind") == "run" and not facts.get("lost"):
            spot = place(facts, note)
            lines.append(
                f"{spot}   app.run() runs while the file is imported; guard it"
            )
    apps = [note for note in told if note.get("kind") == "app" and note.get("line")]
    factory = len({place(facts, note) for note in apps}) == 1  # asked more than once
    if len(apps) > 1 and not factory:
        spots = " and ".join(place(facts, note).rpartition(":")[2] for note in apps[:3])
        lines.append(
            f"a Flask object is made {len(apps)} times (lines {spots}): "
            "the last one has none of the routes above it"
        )
    return lines
