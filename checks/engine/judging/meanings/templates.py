"""Templates: a file that is not found, a name it was not given, a tag that is wrong."""

import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame


@meaning(r"^TemplateNotFound: (.+)")
def no_template(match: re.Match, facts: Facts) -> list[str]:
    told = facts["crash"].get("templates") or {}
    searched = (
        ", ".join(f"{folder}/" for folder in told.get("searched") or []) or "templates/"
    )
    files = ", ".join(told.get("files") or []) or "none"
    return [
        f"TemplateNotFound: {match[1]}",
        *frame(facts),
        f"searched in: {searched}",
        f"templates that are there: {files}",
    ]
