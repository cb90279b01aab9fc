"""Lesson 23, Logging: does the log say what is needed, once, and nothing forged?"""

import re

import pytest

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"]
TRACEBACK = "Traceback (most recent call last):"

# Blogs in one process, and what they write on the streams 1 and 2. The last of them has
# one more address, which crashes; all is done with that one.
BLOG = """
import logging, os, sys, tempfile

streams = {{name: tempfile.TemporaryFile(buffering=0) for name in ("out", "err")}}
for number, name in enumerate(streams, 1):
    os.dup2(streams[name].fileno(), number)

def written():
    sys.stdout.flush()
    found = {{}}
    for name, file in streams.items():
        file.seek(0)
        found[name] = file.read().decode(errors="replace")
        file.seek(0)
        file.truncate()
    return found

def get(address):
    response = client.get(address)
    number = response.headers.get("X-Request-Id", "")
    return {{"status": response.status_code, "number": number, **written()}}

def crash(rest):
    raise RuntimeError("this address crashes on purpose")

kettle = logging.getLogger("kettle")
from blog import create_app
try:
    app = [create_app("development", {settings}) for _ in range({blogs})][-1]
except ValueError as error:  # dictConfig: its message does not say why, its causes do
    why, cause = [str(error)], error.__cause__
    while cause:
        why.append(f"{{type(cause).__name__}}: {{cause}}")
        cause = cause.__cause__
    raise ValueError(" / ".join(why)).with_traceback(error.__traceback__) from None
app.add_url_rule("/{crash}/<rest>", "crash_on_purpose", crash)
client = app.test_client()
written()
"""
SAY = "[app.logger.log(getattr(logging, n), '%s', w) for n, w in {}]; written()"


@pytest.mark.step(1)
@pytest.mark.parametrize(
    ("place", "level"),
    [
        ("nowhere", "WARNING"),
        ("env", "DEBUG"),
        ("env", "ERROR"),
        ("dotenv", "INFO"),
        ("settings", "ERROR"),
    ],
)
def test_the_level_comes_from_outside(python, unseen, place, level):
    said = {name: unseen.word() for name in LEVELS}
    given = {place: {"LOG_LEVEL": level}} if place != "nowhere" else {}
    log = text_of(run(python, SAY.format([*said.items()]), **given))
    shown = [name for name in LEVELS if said[name] in log]
    where = {
        "nowhere": "LOG_LEVEL is set nowhere, so it is WARNING",
        "env": f"LOG_LEVEL={level} is in the environment",
        "dotenv": f"LOG_LEVEL={level} stands in .env",
        "settings": f"create_app() got the settings {{'LOG_LEVEL': {level!r}}}",
    }
    rule = f"{where[place]}: lines of that level and above should be on stderr"
    assert shown == LEVELS[LEVELS.index(level) :], rule


@pytest.mark.step(1)
@pytest.mark.parametrize("level", ["WARNING", "INFO"])
def test_a_request_is_worth_a_line_of_level_info(python, unseen, level):
    word = unseen.word()
    asked = get(python, f"/{word}", env={"LOG_LEVEL": level})
    lines = lines_with(word, asked)
    if level == "INFO":
        rule = f"GET /{word} was answered with 404: a line should hold all three"
        whole = [line for line in lines if "GET" in line and "404" in line]
        assert whole, f"{rule}; {shown(asked)}"
    else:
        rule = f"at the level {level}, which is the default, no line for a request"
        assert not lines, f"{rule}; {shown(asked)}"


@pytest.mark.step(1)
def test_an_unknown_level_is_no_level(cli, unseen):
    level = unseen.word().upper()
    done = cli("flask", "--app", "blog", "routes", env={"LOG_LEVEL": level})
    rule = f"LOG_LEVEL={level} is no level: the blog should not start with it"
    assert done.exit_code, rule
    assert level in done.output, f"what it prints on that should name {level}"


@pytest.mark.step(2)
@pytest.mark.parametrize("blogs", [1, 3])
def test_a_request_leaves_one_line(python, unseen, blogs):
    word = unseen.word()
    asked = get(python, f"/{word}", blogs=blogs)
    lines = lines_with(word, asked)
    many = f"create_app() ran {blogs} times" if blogs > 1 else "one blog was made"
    rule = f"{many}, one of them answered one request: that is one line"
    assert len(lines) == 1, f"{rule}; {shown(asked)}"


@pytest.mark.step(2)
def test_the_logs_of_others_go_on(python, unseen):
    word = unseen.word()
    log = text_of(run(python, f"kettle.warning('{word}'); written()"))
    came = word in log
    rule = "a library had its logger before the blog was made: its warnings should come"
    assert came, rule


@pytest.mark.step(3)
def test_a_line_has_the_number_of_its_request(python, unseen):
    act = f"[get('/{unseen.word()}'), get('/{unseen.word()}')]"
    first, second = run(python, act, env={"LOG_LEVEL": "INFO"})
    for asked, other in [(first, second), (second, first)]:
        rule = (
            f"X-Request-Id is {asked['number'] or 'not there'}: the line should hold it"
        )
        with_number = asked["number"] and lines_with(asked["number"], asked)
        assert with_number, f"{rule}; {shown(asked)}"
        assert other["number"] not in text_of(asked), "each line has its own number"


@pytest.mark.step(3)
def test_a_crash_leaves_one_traceback_under_its_number(python, unseen):
    word = unseen.word()
    asked = get(python, f"/{word}/1", crash=word)
    lines = text_of(asked).splitlines()
    there = TRACEBACK in lines
    assert there, f"a crash should leave its traceback; {shown(asked)}"
    before = lines[max(lines.index(TRACEBACK) - 1, 0)]
    rule = f"the line above it should hold X-Request-Id, {asked['number']}: {before}"
    has_it = asked["number"] != "" and asked["number"] in before
    assert has_it, f"a traceback is there; {rule}"
    rule = "one crash, so one traceback: Flask logs it, and nobody else should"
    assert lines.count(TRACEBACK) == 1, rule
    own = [line for line in lines_with(asked["number"], asked) if " 500" in line]
    rule = "the request has its own line as well, with its number and 500"
    assert asked["status"] == 500 and own, f"{rule}; {shown(asked)}"


@pytest.mark.step(3)
@pytest.mark.parametrize("place", ["outside of all contexts", "in a command"])
def test_a_line_without_a_request_is_a_line(python, unseen, place):
    word = unseen.word()
    context = "app.app_context().push(); " if place == "in a command" else ""
    caught = run(python, f"{context}app.logger.error('{word}'); written()")
    rule = f"logged {place}, where there is no number, it is one line all the same"
    assert len(lines_with(word, caught)) == 1, f"{rule}; {shown(caught)}"


@pytest.mark.step(4)
@pytest.mark.parametrize("end", ["%0a", "%0d"])
@pytest.mark.parametrize("crashes", [False, True])
def test_a_visitor_cannot_begin_a_line(python, unseen, end, crashes):
    """A request with %0a or %0d in its path begins no line of the visitor's own."""
    word, forged = unseen.word(), f"INFO {unseen.word()}"
    address = f"/{word}/1{end}{forged.replace(' ', '%20')}"
    asked = get(python, address, crash=word if crashes else "crash")
    lines = lines_with("", asked)
    assert lines_with(word, asked), f"{address} should leave a line; {shown(asked)}"
    begun = [line for line in lines if forged in line and word not in line]
    what = "crashed, and was logged" if crashes else "was logged"
    rule = f"GET {address} {what}; what the visitor typed begins a line"
    assert not begun, f"{rule}: {begun[0]}"


def run(python, act, blogs=1, settings=None, crash="crash", **given):
    """Return what an act in a process with some blogs gave back."""
    blog = BLOG.format(settings=settings or {}, blogs=blogs, crash=crash)
    return python(f"{blog}\n{act}", **given)


def get(python, address, **given):
    """Return what a request to a blog gave back and wrote, at the level INFO."""
    return run(python, f"get({address!r})", **{"env": {"LOG_LEVEL": "INFO"}, **given})


def text_of(caught):
    """Return what came on stderr, which must not be the trouble of logging itself."""
    _, found, trouble = caught["err"].partition("--- Logging error ---")
    trouble, _, calls = trouble.partition("Call stack:")
    errors = re.findall(r"^\w+(?:Error|Exception): .+", trouble, re.M)
    spot = r'File ".*/(blog/\S+\.py)", line (\d+)'
    spots = re.findall(spot, trouble) or re.findall(spot, calls)
    said = " ".join([*map(":".join, spots[-1:]), *errors[-1:]])
    assert not found, f"in place of a line came '--- Logging error ---': {said}"
    return caught["err"]


def lines_with(text, caught):
    """Return the lines on stderr that hold a text; a bare carriage return ends one."""
    return [line for line in re.split(r"[\r\n]+", text_of(caught)) if text in line]


def shown(caught):
    """Return what came, in short."""
    lines = [line for line in re.split(r"[\r\n]+", caught["err"]) if line.strip()]
    told = " | ".join(lines[:3]) or "nothing"
    if caught["out"].strip():
        told += f", but on stdout: {caught['out'].strip()[:200]}"
    return f"on stderr came: {told}"
