"""Addresses and endpoints: rules that Flask refuses, links it cannot build."""

import difflib
import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.meanings.rooms import asked_from, near, same_view
from checks.engine.judging.spots import Facts, frame

MANY = 30  # endpoints, more than fit into a few lines


@meaning(r"^TypeError: (\w+)\(\) got an unexpected keyword argument '(\w+)'")
def no_parameter(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):  # a call of the learner's own, not Flask's
        return [match.string, *frame(facts)]
    said = f"the address has a variable {match[2]}, and {match[1]}() has no parameter of that name"
    return [said, *frame(facts)]


@meaning(r"^TypeError: (\w+)\(\) missing \d+ required positional arguments?: (.+)")
def no_variable(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):
        said = "a decorator gets the function below it, unless it is called with ( )"
        line = "".join(frame(facts))
        if not re.search(rf"   @[\w.]*{match[1]}\(\)$", line):
            said = (
                "a function is handed over by its name: with ( ) it is called at once"
            )
        called = re.search(rf"(?:[@(\[,] ?|   @?[\w.]*){match[1]}\(\)([,)\]]|$)", line)
        return [match.string, *frame(facts), *([said] if called else [])]
    said = (
        f"{match[1]}() wants {match[2]}, and its address has no variable of that name"
    )
    return [said, *frame(facts)]


@meaning(r"^BuildError: Could not build url for endpoint '([^']+)'")
def build(match: re.Match, facts: Facts) -> list[str]:
    told = facts["crash"]
    missing = re.search(
        r"Did you forget to specify values (\[.+?\])", told.get("message", "")
    )
    if missing:
        said = f"url_for({match[1]!r}) needs the values {missing[1]}"
        call = re.search(
            rf"url_for\(\s*['\"]{match[1]}['\"](.*)", "".join(frame(facts))
        )
        given = re.findall(r"[(,]\s*(\w+)\s*=", call[1]) if call else []
        got = [f"it got {' and '.join(given[:3])}"] if given else []
        return [said, *frame(facts), *got]
    comment = ["Jinja reads HTML comments, too: {# … #} is a comment for Jinja"]
    comment = comment if "<!--" in "".join(frame(facts)) else []
    names = [str(name) for name in told.get("endpoints") or []]
    names = names or sorted({r["endpoint"] for r in facts.get("routes") or []})
    guess = [f"did you mean {name!r}?" for name in near(match[1], names)]
    exist = ["endpoints that exist: " + ", ".join(names)] if names else []
    if same_view(match[1], names) and len(names) > MANY:  # it is in another room
        exist = [f"`flask --app blog routes` lists the {len(names)} that exist"]
    said = f"no endpoint is called {match[1]!r}"
    dot = asked_from(match[1], facts)
    return [said, *frame(facts), *comment, *dot, *exist, *guess]


@meaning(r"^TypeError: (Flask\.)?url_for\(\) takes \d+ positional argument")
def no_keyword(match: re.Match, facts: Facts) -> list[str]:
    return [
        "url_for takes one name; what the rule's variables should hold has a keyword each",
        *frame(facts),
        "the variable of /static/<path:filename> is called filename",
    ]


@meaning(r"^AssertionError: View function mapping is overwriting.*: (\S+)")
def two_views(match: re.Match, facts: Facts) -> list[str]:
    inner = re.search(r"wrap|inner|inside|decorat|guard", match[1])
    question = "is it the inside of a decorator of yours? functools.wraps keeps names"
    return [
        f"two views are called {match[1]}: each needs a name of its own",
        *frame(facts),
        *([question] if inner else []),
    ]


@meaning(r"^AssertionError: expected view func if endpoint is not provided")
def decorated_away(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "the route was given None for a view: does the decorator below it return one?"
    )
    return [*frame(facts), said]


@meaning(
    r"^TypeError: (\w+\.)?(route|get|post|put|patch|delete)\(\) takes 2 positional"
)
@meaning(r"^AttributeError: '(list|tuple|set)' object has no attribute 'startswith'")
def one_address(match: re.Match, facts: Facts) -> list[str]:
    frames = facts["crash"].get("frames") or [{}]
    if not re.search(
        r"\.(route|get|post|put|patch|delete)\(", frames[-1].get("source", "")
    ):
        return [match.string, *frame(facts)]
    return [
        "a decorator takes one address, as text; another address is another decorator",
        *frame(facts),
    ]


@meaning(r"^TypeError: Rule\.__init__\(\) got an unexpected keyword argument '(\w+)'")
def no_option(match: re.Match, facts: Facts) -> list[str]:
    known = ["methods", "endpoint", "defaults", "strict_slashes", "redirect_to", "host"]
    close = difflib.get_close_matches(match[1], known, 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close else []
    return [f"a route has no option called {match[1]}", *frame(facts), *guess]


CONVERTERS = ["string", "int", "float", "path", "uuid", "any"]


@meaning(r"^LookupError: the converter '(.+)' does not exist")
def no_converter(match: re.Match, facts: Facts) -> list[str]:
    told = match[1].lower()
    close = [{"integer": "int", "str": "string", "text": "string"}.get(told, "")]
    close += difflib.get_close_matches(told, CONVERTERS, 1, 0.6)
    guess = [f"did you mean {name}?" for name in close if name][:1]
    line = "".join(frame(facts)[:1])
    if re.search(rf"<{re.escape(match[1])}:({'|'.join(CONVERTERS)})>", line):
        guess = ["the two are swapped: which of them is the converter?"]
    return [
        f"no converter is called {match[1]!r}; it stands before the colon, as in <int:year>",
        *frame(facts),
        "Flask brings string, int, float, path, uuid and any",
        *guess,
    ]


@meaning(r"^ValueError: malformed url rule: '(.+)'")
def malformed(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"the address {match[1]!r} cannot be read",
        *frame(facts),
        "a variable is <converter:name>: no space inside, both brackets, a name as in Python",
    ]


@meaning(r"^AttributeError: 'NoneType' object has no attribute 'build'")
@meaning(r"^RuntimeError: Unable to build URLs outside an active request")
def no_host(match: re.Match, facts: Facts) -> list[str]:
    """A link on the page for a request whose host was refused."""
    if ".example" not in str((facts.get("exchange") or {}).get("host")):
        return []
    said = "the host of this request was refused: for its error page there is no host"
    return [
        match.string.split(".")[0],
        *frame(facts),
        f"{said} that a link could be built for",
    ]
