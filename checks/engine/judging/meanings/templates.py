"""Templates: a file that is not found, a name it was not given, a tag that is wrong."""

import difflib
import re
from pathlib import PurePosixPath

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.meanings.rooms import twins
from checks.engine.judging.spots import Facts, frame, place


@meaning(r"^TemplateNotFound: (.+)")
def no_template(match: re.Match, facts: Facts) -> list[str]:
    told = facts["crash"].get("templates") or {}
    folders = told.get("searched") or ["templates"]
    there = told.get("files") or []
    searched = ", ".join(f"{folder}/" for folder in folders)
    return [
        f"TemplateNotFound: {match[1]}",
        *frame(facts),
        f"searched in: {searched}",
        f"templates that are there: {', '.join(below(folders, there)) or 'none'}",
        *nearly(match[1], folders, there),
    ]


def below(folders: list[str], there: list[str]) -> list[str]:
    """Return templates by the names that render_template takes, others by their path."""
    names = there
    for folder in folders:
        names = [name.removeprefix(f"{folder}/") for name in names]
    return names


def nearly(name: str, folders: list[str], there: list[str]) -> list[str]:
    """What keeps a template from being found: a folder, or a few letters."""
    for folder in folders:
        if name.startswith(f"{folder}/") and name in there:
            return [f"a name begins inside {folder}/: leave {folder}/ out of it"]
        inside = [file[len(folder) + 1 :] for file in there if file.startswith(folder)]
        if close := difflib.get_close_matches(name, inside, 1, 0.6):
            return [f"did you mean {close[0]!r}?"]
    for file in there:
        if PurePosixPath(file).name == PurePosixPath(name).name:
            return [
                f"{file} has that name: the folder should be called {folders[0]}, "
                "and stand beside app.py"
            ]
    return []


# What a template has instead of a function of Python's.
INSTEAD = {
    "len": "posts | length",
    "str": "value | string",
    "int": "value | int",
    "float": "value | float",
    "round": "value | round",
    "sorted": "posts | sort",
    "reversed": "posts | reverse",
    "list": "value | list",
    "sum": "values | sum",
    "max": "values | max",
    "min": "values | min",
    "escape": "nothing: {{ }} escapes by itself",
    "enumerate": "loop.index inside a loop",
    "print": "{{ }}, which prints",
    "format": "'%.2f' | format(value)",
}


@meaning(r"^UndefinedError: '(\w+)' is undefined")
def not_passed(match: re.Match, facts: Facts) -> list[str]:
    name = match[1]
    lines = [f"UndefinedError: {match.string.partition(': ')[2]}", *frame(facts)]
    if name in INSTEAD:
        return [
            *lines,
            f"{name} is Python's; a template has {INSTEAD[name]}",
        ]
    if name == "loop":
        return [*lines, "loop is there only between {% for … %} and its {% endfor %}"]
    source = source_of(facts)
    if re.search(rf"\{{%-?\s*(extends|include|import|from)\s+{name}\b", source):
        return [*lines, "the name of a file is a text: it stands in quotes"]
    if re.search(rf"\burl_for\(\s*{name}\s*[,)]", source):
        return [*lines, "url_for takes the name of a view as text: in quotes"]
    if re.search(rf"\b{name}\s*[.\[]", source):
        lines.append(f"{name} alone would print nothing; to look inside it is an error")
    if name in FILTERS.split():
        return [*lines, f"{name} is a filter: it stands behind a value and a |"]
    called = re.search(rf"\b{name}\(", source)
    piped = ["if it is a filter, it stands behind a value and a |"] if called else []
    if told := handed_on(facts):
        return [*lines, told, *piped]
    said = "a template knows what render_template() gets as name=value: is {} there?"
    return [*lines, said.format(name), *piped, *rendered_at(facts), *twins(facts)]


def handed_on(facts: Facts) -> str:
    """Which names a file knows that another template included, or a macro it called."""
    frames = facts["crash"].get("frames") or []
    led = [spot for spot in frames if not str(spot.get("file")).endswith(".py")]
    source = str(led[-2].get("source")) if len(led) > 1 else ""
    if re.search(r"\{%-?\s*include\b", source):
        return f"an included file knows the names that are known at {source.strip()}"
    if re.search(r"\{\{[^}]*\(", source):
        return f"a macro knows what it gets in its brackets: {source.strip()}"
    return ""


def rendered_at(facts: Facts) -> list[str]:
    """The learner's line of Python that had the template rendered."""
    frames = facts["crash"].get("frames") or []
    calls = [spot for spot in frames if str(spot.get("file")).endswith(".py")]
    return frame({**facts, "crash": {"frames": calls}})


KEYS = ["id", "slug", "title", "author", "date", "tags", "summary", "body", "tips"]


@meaning(r"^UndefinedError: '?(None|\w+(?: object)?)'? has no (attribute|element) (.+)")
def nothing_inside(match: re.Match, facts: Facts) -> list[str]:
    kind, key = match[1].removesuffix(" object"), match[3].strip("'")
    lines = [match.string, *frame(facts)]
    if kind == "dict":
        close = difflib.get_close_matches(key, KEYS, 1, 0.6)
        guess = [f"did you mean {close[0]}?"] if close else []
        return [*lines, f"the dict has no key {key!r}", *guess]
    if key in FILTERS.split():
        return [*lines, f"{key} is a filter here: it stands behind a value and a |"]
    if kind in ("list", "tuple") and key.isdecimal():
        return [*lines, f"the list has nothing at place {key}: is it empty here?"]
    if kind in ("list", "tuple"):
        return [*lines, "this is the whole list: a loop gives you one after another"]
    if kind == "None":
        return [*lines, f"the value is None, which has no {key}"]
    if kind == "str":
        return [*lines, f"the value is a text, which has no {key}"]
    return lines


@meaning(r"^TemplateSyntaxError: Unexpected end of template.*closed is '(\w+)'")
def still_open(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"TemplateSyntaxError: the file ends, and a {{% {match[1]} %}} is still open",
        *(opened_at(facts) or frame(facts)),
        *(
            slip_in("", source_of(facts))
            or [f"{{% end{match[1]} %}} closes it; where should that stand?"]
        ),
    ]


def opened_at(facts: Facts) -> list[str]:
    """The line that opened what is still open; Jinja names only the file's last tag."""
    file = str((facts["crash"].get("frames") or [{}])[-1].get("file"))
    found = [slip for slip in facts.get("slips") or [] if slip["file"] == file]
    return [f"{place(facts, slip)}   {slip['source']}" for slip in found[:1]]


@meaning(r"^TemplateSyntaxError: Encountered unknown tag '(\w+)'(.*)")
def unknown_tag(match: re.Match, facts: Facts) -> list[str]:
    lines = [f"TemplateSyntaxError: unknown tag {match[1]!r}", *frame(facts)]
    tags = r"looking for (?:the following tags: )?(.+?)\. The inner"
    closed = re.search(tags, match[2])
    opened = re.search(r"needs to be closed is '(\w+)'", match[2])
    late = "no {% if %} and no {% for %} is open here any more: does it stand before "
    late += "its {% endif %} or {% endfor %}?"
    half = match[1] in ("else", "elif")
    if half and not (opened and opened[1] in ("if", "for")):
        return [*lines, late]
    if closed and opened:
        return [
            *lines,
            f"the {{% {opened[1]} %}} above it is open: {closed[1]} can follow here",
        ]
    if match[1] in ("endif", "endfor", "endblock", "endmacro"):
        return [*lines, "nothing above it is open: was its beginning in {% %} too?"]
    close = difflib.get_close_matches(match[1], STATEMENTS.split("|"), 1, 0.6)
    return [*lines, *(f"did you mean {tag}?" for tag in close)]


STATEMENTS = "if|elif|else|endif|for|endfor|block|endblock|extends|include|set|macro"


@meaning(r"^TemplateSyntaxError: (.+)")
def wrong_tag(match: re.Match, facts: Facts) -> list[str]:
    """A tag that Jinja cannot read: what the line itself gives away."""
    return [match.string, *frame(facts), *slip_in(match[1], source_of(facts))]


def source_of(facts: Facts) -> str:
    """Return the learner's line that raised."""
    return str((facts["crash"].get("frames") or [{}])[-1].get("source", ""))


def slip_in(message: str, source: str) -> list[str]:
    """What is wrong in a line of a template; nothing where it is not known."""
    if word := re.search(rf"\{{\{{-?\s*({STATEMENTS})\b", source):
        return [
            f"{{{{ }}}} prints a value; {word[1]} is a statement and stands in {{% %}}"
        ]
    if "expected token ':'" in message and re.search(r"\{[{%][^}]*\{\{", source):
        return ["braces inside braces: inside a tag a name stands alone"]
    if re.search(r"\{%\s*else\s+if\b", source):
        return ["in Jinja, as in Python, else with a condition is elif"]
    if re.search(r"got '='", message):
        return ["== compares; one = gives a value"]
    if "expected token ','" in message:
        return ["is a comma missing, or are the quotes around a text?"]
    if closing := re.search(r"unexpected '.+', expected '([)\]}])'", message):
        return [f"a bracket is open: its {closing[1]} should stand before the tag ends"]
    if "end of comment" in message:
        return ["a comment begins with {# and is never closed: #} ends it"]
    if "unexpected char" in message:
        return ["Jinja writes `and`, `or` and `not` as words, as Python does"]
    if "got 'string'" in message and re.search(r"\{%-?\s*block\s+[\"']", source):
        return ["a block's name stands without quotes"]
    got = re.search(r"got '(\w+)'", message)
    if got and re.search(rf"[\"']{got[1]}\b", source):
        return [f"{got[1]} is in quotes here, so one further up was never closed"]
    whole = r"\{%(?:(?!\{%|\{\{).)*?%\}"
    if message == "unexpected '}'" and "{%" in re.sub(whole, "", source):
        return ["does every {% have its %}, with one statement in between?"]
    if "end of print statement" in message or message == "unexpected '}'":
        return ["does every {{ have its }}, and nothing but one value in between?"]
    if "end of statement block" in message or message == "unexpected '%'":
        return ["does every {% have its %}, with one statement in between?"]
    return []


@meaning(r"^TemplateAssertionError: block '(\w+)' defined twice")
def two_blocks(match: re.Match, facts: Facts) -> list[str]:
    said = "a name is for one place in a file: can one block hold both parts?"
    return [match.string, *frame(facts), said]


@meaning(r"^UndefinedError: there is no parent block called '(\w+)'")
def no_parent(match: re.Match, facts: Facts) -> list[str]:
    said = "super() repeats what the frame has in that block, so only a page that "
    return [match.string, *frame(facts), said + "extends a frame can call it"]


@meaning(r"^RecursionError: ")
def endless(match: re.Match, facts: Facts) -> list[str]:
    lines = ["RecursionError: this goes round and round", *frame(facts)]
    if not in_template(facts):
        return [*lines, "a function that calls itself needs a case where it does not"]
    file = PurePosixPath(str(facts["crash"]["frames"][-1].get("file"))).name
    if re.search(rf"[\"']{re.escape(file)}[\"']", source_of(facts)):
        return [*lines, f"{file} asks for itself; which file did you mean?"]
    return [*lines, "two templates that ask for each other never come to an end"]


FILTERS = "capitalize default escape first format groupby int join last length list"
FILTERS += " lower map max min random reject replace reverse round safe select sort"
FILTERS += " string striptags sum title tojson trim truncate unique upper urlencode"


@meaning(r"^(?:TemplateAssertionError|TemplateRuntimeError): No filter named '(\w+)'")
def no_filter(match: re.Match, facts: Facts) -> list[str]:
    meant = [INSTEAD[match[1]].rpartition("| ")[2]] if match[1] in INSTEAD else []
    meant += difflib.get_close_matches(match[1], FILTERS.split(), 1, 0.6)
    guess = [f"did you mean {meant[0]}?"] if meant else []
    own = "one of your own is a function of that name, right below a line that says "
    own += "@app.template_filter(), with its brackets"
    return [f"no filter is called {match[1]!r}", *frame(facts), *(guess or [own])]


@meaning(r"^TypeError: (render_template(?:_string)?)\(\) takes 1 positional argument")
def values_by_name(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"{match[1]}() takes one name of a file; every value after it needs a name",
        *frame(facts),
        "a name as the template knows it, =, and the value",
    ]


@meaning(r"^TypeError: '(\w+)' object is not callable")
def no_function(match: re.Match, facts: Facts) -> list[str]:
    if not in_template(facts):
        return []
    said = (
        f"a value of type {match[1]} stands before ( ), and only functions are called"
    )
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: '(\w+)' object is not iterable")
def no_list(match: re.Match, facts: Facts) -> list[str]:
    if not in_template(facts):
        return []
    said = f"a loop needs a list, and this value is of type {match[1]}"
    if match[1] == "builtin_function_or_method":
        said = "a dict has a method of that name: write ['key'] for the key itself"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: (?:can only concatenate str|unsupported operand type)")
def no_sum(match: re.Match, facts: Facts) -> list[str]:
    if not in_template(facts):
        return []
    said = "+ adds values of one kind; ~ puts any two together as text"
    return [match.string, *frame(facts), said]


def in_template(facts: Facts) -> bool:
    """Did the learner's last line, the one that raised, stand in a template?"""
    frames = facts["crash"].get("frames")
    return bool(frames) and not str(frames[-1].get("file")).endswith(".py")
