"""Lines that complain of nothing and do nothing: only a look at them tells."""

import re
from collections.abc import Mapping

from checks.engine.judging import gaps, handed, overlooked, settings
from checks.engine.judging.spots import Facts, place

METHODS = "get|head|post|put|patch|delete|options"
SLIPS = [
    (
        re.compile(r"\s*abort\s*(#.*)?"),
        "the name alone does nothing: brackets call it",
    ),
    (
        re.compile(rf".*\brequest\.method\s*[!=]=\s*([\"'])({METHODS})\1.*"),
        "the name of a method should stand in capitals",
    ),
    (
        re.compile(r".*\brender_template\([^()]*\b(?:code|status)=\d{3}\)\s*"),
        "code= is one more name for the template; a status stands behind the call, "
        "after a comma",
    ),
]
LONGEST = 200


def find(files: Mapping[str, bytes]) -> list[dict]:
    """Return the slips in a learner's files: ``{"file", "line", "source", "slip"}``."""
    found = []
    for file, content in sorted(files.items()):
        if file.endswith(".py"):
            lines = content.decode("utf-8", "replace").splitlines()
            for number, line in enumerate(lines, 1):
                found += [
                    {"file": file, "line": number, "source": line.strip(), "slip": said}
                    for pattern, said in SLIPS
                    if len(line) < LONGEST and pattern.fullmatch(line)
                ]
    found = found[:3] + settings.find(files) + handed.find(files)
    return found + gaps.find(files) + overlooked.find(files)


def slips(facts: Facts) -> list[str]:
    """What those lines are, and what they should be."""
    lines = []
    for slip in facts.get("slips") or []:
        if facts.get("crash") and not str(slip["file"]).endswith(".py"):
            continue  # what raised says more than what is silent
        lines += [f"{place(facts, slip)}   {slip['source']}", slip["slip"]]
    return lines
