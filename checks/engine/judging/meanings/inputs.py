"""What visitors send: forms, JSON and files that a view read in the wrong way."""

import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame


@meaning(r"^IsADirectoryError: \[Errno 21\] Is a directory: '(.+)'")
def no_file_name(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"{match[1]} is a folder, and a file was to be written there",
        *frame(facts),
        "a browser sends an empty name where no file was chosen",
    ]
