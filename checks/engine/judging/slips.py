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
    (
        re.compile(r"\s*db\.session\.(commit|rollback|flush)\s*(#.*)?"),
        "the name alone does nothing: brackets call it",
    ),
    (
        re.compile(r"\s*(if|while|return)\b.*\.validate(_on_submit)?\b(?!\().*"),
        "without brackets nothing is validated: the name of a method is always true",
    ),
    (
        re.compile(r"\s+\w+ = Mapped\b.*"),
        "a colon stands between a column and its Mapped[ ]: with = it is no column",
    ),
    (
        re.compile(r".*\b(get_or_404|session\.get)\(\w+, slug\b.*"),
        "it looks for the primary key, the id, and a slug is another column",
    ),
    (
        re.compile(r".*\b(where|filter)\(([\"'])\w+\2 ==.*"),
        "two texts of Python's are compared: a column has its model in front",
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
