"""The log: what dictConfig refuses, and what logging says of a line it could not write."""

import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame

PARTS = "a text there is a name: of a formatter, of a handler, or of a class"
LEVELS = "the levels are DEBUG, INFO, WARNING, ERROR and CRITICAL, in capitals"


@meaning(r"^ValueError: Unable to configure (\w+) '([^']*)'")
def refused(match: re.Match, facts: Facts) -> list[str]:
    """What dictConfig could not set up; the reason stands in the chain of its causes."""
    output = (facts.get("command") or {}).get("output", "")
    causes = re.findall(r"^(?:\w+\.)*(\w+Error: .+)", output, re.M)[:-1]
    why = match.string.split(" / ")[1:] or causes[::-1]
    known = [
        (r"Unknown level", LEVELS),
        (r"Unable to set formatter", f"no formatter has that name; {PARTS}"),
        (r"Unable to add handler '\w'", "handlers is a list of names, with its [ ]"),
        (r"Unable to add handler", f"no handler has that name; {PARTS}"),
        (r"Cannot resolve|No module named|has no attribute", PARTS),
        (r"unexpected keyword", "the keys beside '()' are handed to what is called"),
    ]
    said = [f"because: {reason}" for reason in why[:1]]
    more = [words for pattern, words in known if re.search(pattern, " ".join(why))]
    headline = f"dictConfig could not make the {match[1]} {match[2]!r}"
    return [headline, *frame(facts), *said, *more[:1]]


@meaning(r"^ValueError: dictionary doesn't specify a version")
def no_version(match: re.Match, facts: Facts) -> list[str]:
    said = "what dictConfig gets begins with its version, and there is only version 1"
    return [match.string, *frame(facts), said]


@meaning(r"^(ValueError: Unknown level: .*|TypeError: Level not an integer .*)")
def unknown_level(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, *frame(facts), LEVELS]


# What logging could not do: in the words of its exception, and in ours.
TROUBLE = [
    (
        r"(?:not found in record: |KeyError: )'(\w+)'",
        "%({0})s asks each record for a {0}: who sets it, and is that what the handler "
        "has?",
    ),
    (
        r"Working outside of (\w+) context",
        "a line may be logged where no {0} is at work: has_request_context() tells",
    ),
    (
        r"AttributeError: .*\b(request_id)\b",
        "g may be there without a {0}: in a command it is, and before the hooks",
    ),
    (
        r"not enough arguments|not all arguments",
        "each % in the text of a line has one value behind the text",
    ),
    (
        r"'NoneType' and 'str'",
        "what formats a line returns it, and None came",
    ),
    (
        r"not supported between instances|Object of type",
        "what formats a line returns text",
    ),
]


# What the rule of a check says, and what is behind that.
BEHIND = [
    (
        r"lines of that level and above .*",
        "a line must pass the level of the logger, called app.name, and the handler's",
    ),
    (r"but on stdout: ", "a StreamHandler writes to stderr, unless a stream is named"),
    (
        r"(?:came: |\| )\[[\d :,-]+\] \w+ in \S+: ",
        "a line that begins with [ is of Flask's own handler: app.logger adds it when "
        "it is first used, if no other handler is there by then",
    ),
    (
        r"that is one line; .*\|",
        "each handler of a logger writes each line, and so do those of the root logger",
    ),
    (
        r"a library had its logger",
        "dictConfig switches off what was there and is not named in its dict, unless "
        "disable_existing_loggers is False",
    ),
    (
        r"should leave its traceback",
        "Flask logs what no error handler of yours takes; in one, exc_info=True adds the "
        "traceback, as app.logger.exception( ) does",
    ),
    (
        r"begins a line: .*\[[A-Z]+\]",
        "Flask writes that line, Exception on … [GET], and your %r does not reach it",
    ),
]


def lines(facts: Facts) -> list[str]:
    """Return what the lines of a log give away, where a check has quoted them."""
    rule = str(facts.get("rule") or "")
    if "--- Logging error ---" in rule:
        found = ((said, re.search(pattern, rule)) for pattern, said in TROUBLE)
        told = [said.format(*match.groups()) for said, match in found if match]
        return ["logging met an exception, printed it, and lost the line", *told[:1]]
    levels = [str(facts.get(key)).count("'") for key in ("expected", "got")]
    return [
        said
        for pattern, said in BEHIND
        if re.search(pattern, rule)
        # Where too much came, no level was in the way.
        and (not pattern.startswith("lines of") or levels[0] > levels[1])
    ][:1]
