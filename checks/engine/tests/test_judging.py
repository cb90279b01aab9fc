"""From a folder to a verdict, and a verdict on the screen."""

import io
import json
import random
import sys

import pytest

from checks.engine.judging import evidence, words
from checks.engine.judging.addresses import closest
from checks.engine.judging.diagnosis import diagnose
from checks.engine.judging.session import BrokenChecks, Round, judge
from checks.engine.judging.unseen import Unseen, posts_file
from checks.engine.judging.verdict import (
    BROKEN,
    NOT_CHECKED,
    NOT_YET,
    OK,
    WAITING,
    StepVerdict,
    Verdict,
)
from checks.engine.lessons import WorkbookError, fingerprint
from checks.engine.tests.small import Tiny
from checks.engine.worker import claims

APP = b"from flask import Flask\napp = Flask(__name__)\n"
NAME = "01_tiny"


@pytest.fixture
def verdicts(tmp_path):
    """Judge an app with checks of a test's own; return the verdict of every round."""

    def run(checks, *apps, steps=(1,), only=None, rounds=(), hidden=""):
        lesson = Tiny(tmp_path, "import pytest\n" + checks, steps)
        for module in ("conftest", f"test_{NAME}"):  # those of the session before
            sys.modules.pop(module, None)
        rounds = rounds or [
            Round({NAME: {"app.py": app}}, only) for app in apps or (APP,)
        ]
        found, more = [], []
        if hidden:
            more = [tmp_path / "hidden" / f"test_{NAME}.py"]
            more[0].parent.mkdir()
            more[0].write_text("import pytest\n" + hidden)
        judge([lesson], tmp_path, found.append, rounds, "fixed", hidden=more)
        return found

    return run


def step(number, body, name="rule", arguments="client"):
    return f"\n@pytest.mark.step({number})\ndef test_{name}({arguments}):\n    {body}\n"


def test_a_lesson_that_was_not_handed_in_is_not_judged(verdicts, tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "app.py").write_bytes(APP)
    found = verdicts(step(1, "pass"), rounds=[Round({}), Round({NAME: {}})])
    assert [verdict.files for verdict in found] == [fingerprint({})]


def test_unseen_data_comes_from_the_rounds_own_seed(verdicts):
    body = "assert client.get('/' + unseen.word()).status_code == 200"
    files = {NAME: {"app.py": APP}}
    rounds = [Round(files, seeds={NAME: seed}) for seed in "aab"]
    found = verdicts(step(1, body, arguments="client, unseen"), rounds=rounds)
    paths = [v.steps[0].details["exchange"]["path"] for v in found]
    assert paths[0] == paths[1] != paths[2]


def test_a_step_that_hangs_is_waited_for_once(verdicts, tmp_path):
    app = (
        APP + b"import os\nos.kill(os.getpid(), 24)  # as with no computing time left\n"
    )
    told = f"open({str(tmp_path / 'told')!r}, 'a').write('x'); client.get('/')"
    check = "\n@pytest.mark.parametrize('n', range(3))"
    started = step(1, told, "one", "make_app, n").replace("client", "make_app()")
    found = verdicts(
        check + started + step(2, "client.get('/')", "two"), app, steps=(1, 2)
    )
    assert [each.details["how"] for each in found[0].steps] == ["computing"] * 2
    assert (tmp_path / "told").read_text() == "x"


def test_a_step_has_points_and_says_whether_the_learners_tests_decide(verdicts):
    checks = step(1, "pass") + "\n@pytest.mark.points(2.5)" + step(2, "pass", "two")
    checks += "\n@pytest.mark.self_tested" + step(2, "pass", "more")
    checks += "\n@pytest.mark.points(0)" + step(3, "pass", "none")
    found = verdicts(checks, steps=(1, 2, 3))[0].steps
    assert [each.points for each in found] == [1, 2.5, 0]
    assert [each.self_tested for each in found] == [False, True, False]


def test_hidden_checks_have_the_fixtures_and_count_for_their_step(verdicts):
    hidden = step(2, "assert client.get('/').status_code == 200", "answers")
    hidden += step(7, "assert False", "is_more_than_was_asked")
    checks = step(1, "pass") + step(2, "pass", "two")
    found = verdicts(checks, steps=(1, 2), hidden=hidden)[0]
    told = [(each.number, each.state, each.hidden) for each in found.steps]
    assert told == [(1, OK, False), (2, NOT_YET, True), (7, NOT_YET, True)]
    assert found.steps[2].title == "is more than was asked"


def test_a_hidden_check_without_a_step_is_told(verdicts):
    with pytest.raises(WorkbookError, match="test_it in test_01_tiny.py belongs to no"):
        verdicts(step(1, "pass"), hidden="def test_it(client):\n    pass\n")


def test_one_session_judges_one_save_after_the_other(verdicts):
    checks = step(1, "assert client.get('/').status_code == 200")
    found = verdicts(
        checks, APP, APP + b"app.add_url_rule('/', 'i', lambda: 'x')\n", APP
    )
    assert [v.steps[0].state for v in found] == [NOT_YET, OK, NOT_YET]
    assert [v.exit_code for v in found] == [1, 0, 1]
    assert found[0].files != found[1].files
    assert found[0].files == found[2].files


def test_what_stands_around_the_checks_is_made_once_and_ended(verdicts, tmp_path):
    told = f"open({str(tmp_path / 'told')!r}, 'a').write"
    around = f"""
@pytest.fixture(scope="module")
def shop():
    {told}("o")
    yield
    {told}("c")
"""
    fails = step(2, "assert False", "wrong", "shop") + step(2, "pass", "more", "shop")
    checks = (
        around + step(1, "pass", "a", "shop") + fails + step(3, "pass", "b", "shop")
    )
    hidden = step(1, "pass", "further")
    found = verdicts(checks, APP, APP, steps=(1, 2, 3), hidden=hidden)
    assert [[s.state for s in v.steps] for v in found] == [[OK, NOT_YET, OK]] * 2
    assert (tmp_path / "told").read_text() == "oc" * 2


def test_a_step_without_a_check_is_never_a_pass(verdicts):
    (verdict,) = verdicts(step(1, "pass"), steps=(1, 2))
    assert [s.state for s in verdict.steps] == [OK, BROKEN]
    assert verdict.exit_code == 3


@pytest.mark.parametrize(("checks", "only"), [("", None), (step(1, "pass"), {2})])
def test_where_no_check_runs_that_is_said(verdicts, checks, only):
    (verdict,) = verdicts(checks, steps=(1, 2), only=only)
    assert {s.state for s in verdict.steps} == {BROKEN}
    assert verdict.exit_code == 3
    told = "\n".join(words.block(verdict, words.Screen(io.StringIO())))
    assert "no check is marked with step" in told


def test_a_lesson_without_steps_is_never_done_and_says_so():
    verdict = Verdict(NAME, "x", "lessons", "")
    assert not verdict.done and verdict.exit_code == 3
    told = "\n".join(words.block(verdict, words.Screen(io.StringIO())))
    assert f"`git checkout -- lessons/{NAME}/README.md`" in told


def test_checks_that_cannot_be_collected_are_said_to_be_broken(verdicts):
    with pytest.raises(BrokenChecks, match="no_such_module"):
        verdicts("import no_such_module\n")


@pytest.mark.parametrize(
    ("body", "state", "code"),
    [
        ("raise NameError('ours')", BROKEN, 3),
        ("undefined", BROKEN, 3),
        ("client.get('/').json['a']", NOT_YET, 1),
        ("pytest.skip('nginx is not installed')", NOT_CHECKED, 2),
        ("assert False", NOT_YET, 1),
        ("pytest.fail('the rule')", NOT_YET, 1),
    ],
)
def test_three_kinds_of_red_are_told_apart(verdicts, body, state, code):
    (verdict,) = verdicts(step(1, body))
    assert verdict.steps[0].state == state
    assert verdict.exit_code == code


def test_an_unknown_fixture_is_a_fault_of_ours(verdicts):
    (verdict,) = verdicts(step(1, "pass", arguments="no_such_fixture"))
    assert verdict.steps[0].state == BROKEN


def test_one_failing_check_of_a_step_is_enough(verdicts):
    checks = step(1, "pass", "a") + step(1, "assert 1 == 2", "b") + step(2, "pass", "c")
    (verdict,) = verdicts(checks, steps=(1, 2))
    assert [s.state for s in verdict.steps] == [NOT_YET, OK]
    assert verdict.steps[0].details["check"] == "b"
    assert verdict.steps[0].details["expected"] == "expected 2"


def test_all_steps_run_and_the_learner_sees_the_rest_waiting(verdicts):
    bodies = ["pass", "assert 0", "assert 0", "pass"]
    checks = "".join(step(n, body, f"r{n}") for n, body in enumerate(bodies, 1))
    (verdict,) = verdicts(checks, steps=(1, 2, 3, 4))
    assert [s.state for s in verdict.steps] == [OK, NOT_YET, NOT_YET, OK]
    shown = verdict.for_the_learner()
    assert [s.state for s in shown.steps] == [OK, NOT_YET, WAITING, OK]


def test_a_verdict_is_plain_data(verdicts):
    (verdict,) = verdicts(step(1, "assert client.get('/x?a=b').status_code == 200"))
    told = json.loads(json.dumps(verdict.as_dict()))
    facts = told["steps"][0]["details"]
    assert facts["exchange"]["path"] == "/x?a=b"
    assert facts["expected"] == "expected 200"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("assert client.get('/').status_code in (400, 422)", ["expected 400 or 422"]),
        (
            "assert 'a' in 'xyz', 'the page names a'",
            ["the page names a", "to see 'a'", "xyz"],
        ),
        (
            "assert '<b>' not in 'say <b>x</b>'",
            ["expected not to see '<b>'", "say <b>x</b>"],
        ),
        ("assert [1] == [1, 2]", ["expected [1, 2], got [1]"]),
        ("assert 3 > 4", ["expected > 4, got 3"]),
        ("assert not 'full'", ["expected: not 'full'"]),
    ],
)
def test_an_assert_is_told_in_words(verdicts, body, lines):
    (verdict,) = verdicts(step(1, body))
    told = "\n".join(words.details(verdict.steps[0].details))
    for line in lines:
        assert line in told


def test_unseen_data_is_the_same_for_a_seed_and_differs_between_checks(verdicts):
    body = "pytest.fail(unseen.word() + ' ' + unseen.name())"
    checks = step(1, body, "a", "unseen") + step(2, body, "b", "unseen")
    said = []
    for _ in range(2):
        (verdict,) = verdicts(checks, steps=(1, 2))
        said.append([s.details["rule"] or s.details["error"] for s in verdict.steps])
    assert said[0] == said[1]
    assert said[0][0] != said[0][1]


def test_unseen_posts_have_the_shape_of_posts_py():
    posts = Unseen("x").posts(4)
    names = {}
    exec(posts_file(posts), names)
    assert posts == names["POSTS"]
    keys = ["id", "slug", "title", "author", "date", "tags", "summary", "body", "tips"]
    assert all(list(post) == keys for post in posts)
    assert len({post["id"] for post in posts}) == 4


def test_nothing_unseen_comes_twice():
    for seed in "abcde":
        unseen = Unseen(seed)
        words = [unseen.word() for _ in range(500)]
        names = [unseen.name() for _ in range(500)]
        posts = unseen.posts(200) + unseen.posts(200)
        for drawn in (words, names, [post["id"] for post in posts]):
            assert len({*drawn}) == len(drawn)
        assert len({post["slug"] for post in posts}) == 400


# The screen


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def some_verdict(title="Say hello and then some more words, so that it gets long"):
    facts = {
        "kind": "code", "check": "greets", "lesson": f"lessons/{NAME}", "rule": "a rule " * 20,
        "expected": "expected 200",
        "exchange": {"method": "POST", "path": "/a", "host": "localhost", "prefix": "", "scheme":
                     "http", "type": "application/json", "cookie": "a=b", "body": '{"it": "\'s"}',
                     "status": "404 NOT FOUND", "location": "", "allow": "", "response": ""},
        "routes": [{"rule": f"/address/number/{n}", "endpoint": f"e{n}", "methods": ["GET"]}
                   for n in range(9)],
    }  # fmt: skip
    steps = [StepVerdict(1, "One", OK), StepVerdict(2, title, NOT_YET, facts)]
    return Verdict(
        NAME, "Tiny", "lessons", "hash", [*steps, StepVerdict(3, "Three", NOT_YET)]
    )


def test_the_block_fits_into_60_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    lines = words.block(some_verdict(), words.Screen(Terminal()))
    assert "2 of 3" not in lines[1]
    assert "■□□ 1 of 3" in lines[1]
    too_wide = [line for line in lines if len(line) > 60 and "curl" not in line]
    assert not too_wide


def test_colour_only_on_a_terminal_and_without_no_color(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033[" in "".join(words.block(some_verdict(), words.Screen(Terminal())))
    assert "\033[" not in "".join(
        words.block(some_verdict(), words.Screen(io.StringIO()))
    )
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in "".join(words.block(some_verdict(), words.Screen(Terminal())))


def test_a_stream_without_utf_8_gets_letters_it_can_show():
    raw = io.BytesIO()
    screen = words.Screen(io.TextIOWrapper(raw, encoding="ascii"))
    screen.say(*words.block(some_verdict("Ein Schritt für Zoë"), screen))
    said = raw.getvalue().decode("ascii")
    assert "#.. 1 of 3" in said
    assert "->" in said


def test_what_the_learner_wrote_cannot_steer_the_terminal():
    facts = {
        "kind": "code",
        "expected": "expected \033[2J\r x",
        "lost": "a\033]0;title\007",
    }
    assert all(line.isprintable() for line in words.details(facts))


def test_the_curl_line_repeats_the_request():
    facts = some_verdict().steps[1].details
    assert words.details(facts)[-1] == (
        "try it:  curl -i -H 'Content-Type: application/json' -b a=b "
        """-d '{"it": "'"'"'s"}' http://127.0.0.1:5050/a"""
    )


def test_the_curl_line_carries_a_token():
    facts = some_verdict().steps[1].details
    facts["exchange"] |= {"authorization": "Bearer tea", "body": "", "cookie": ""}
    assert "-H 'Authorization: Bearer tea' " in words.details(facts)[-1]


def test_a_file_is_shown_by_its_name_and_sent_again_by_curl():
    facts = some_verdict().steps[1].details
    facts["exchange"] |= {
        "type": "multipart/form-data; boundary=edge",
        "cookie": "",
        "body": '--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nPot\r\n'
        '--edge\r\nContent-Disposition: form-data; name="picture"; filename="../a.png"'
        "\r\nContent-Type: image/png\r\n\r\nPIXELS\r\n--edge--\r\n",
    }
    lines = words.details(facts)
    assert "POST /a  title=Pot picture=../a.png  →  404 NOT FOUND" in lines
    assert lines[-1] == (
        "try it:  curl -i -F title=Pot "
        "-F 'picture=@tea.png;type=image/png;filename=../a.png' http://127.0.0.1:5050/a"
    )


def test_a_diagnosis_survives_every_claim():
    """Whatever the learner's process says, its shape is ours before it is explained."""
    chance = random.Random(7)
    values = [
        None,
        5,
        -1,
        True,
        "x",
        "\x00",
        [],
        ["a"],
        [[]],
        {},
        {"a": 1},
        [{"kind": 3}],
        10**30,
    ]
    keys = ["type", "message", "frames", "endpoints", "notes", "view", "syntax", "templates",
            "file", "line", "column", "text", "searched", "kind", "rule", "methods"]  # fmt: skip
    types = [
        "SyntaxError",
        "BuildError",
        "TemplateNotFound",
        "NoAppException",
        "TypeError",
    ]

    def claim(depth=3):
        if depth == 0 or chance.random() < 0.3:
            return chance.choice(values)
        return {chance.choice(keys): claim(depth - 1) for _ in range(4)}

    for _ in range(2000):
        told = claim()
        if isinstance(told, dict):
            told["type"] = chance.choice([*types, told.get("type")])
        facts = {"crash": claims.crash(told), "notes": claims.notes(claim()), "lesson": "x",
                 "files": [], "routes": claims.routes([claim(), claim()])}  # fmt: skip
        facts["exchange"] = dict(some_verdict().steps[1].details["exchange"])
        assert all(isinstance(line, str) for line in diagnose(facts))


@pytest.mark.parametrize(
    ("rule", "path", "near"),
    [
        ("/abuot", "/about", True),
        ("/posts/<int:post_id>", "/post/7", True),
        ("/authors/", "/author/Ada", False),
        ("/authors/", "/author/", True),
        ("/", "/about", False),
        ("/<name>", "/about", True),
        ("/<name>", "/", False),
    ],
)
def test_only_an_address_of_the_same_depth_is_close(rule, path, near):
    assert closest([rule], path) == (rule if near else None)


def test_claims_are_cut_to_size():
    told = claims.crash(
        {"type": "x" * 9999, "message": "y" * 9999, "frames": [{}] * 99}
    )
    assert len(told["type"]) == 200
    assert len(told["message"]) == claims.MOST_TEXT
    assert len(told["frames"]) == 6
    assert claims.files([["a", 2], "x", ["b", -5], ["c", 1]], b"123") == {
        "a": b"12",
        "b": b"",
        "c": b"3",
    }


def test_readable_leaves_out_what_a_visitor_does_not_see():
    page = "<head><title>t</title></head><style>x{}</style><h1>A</h1>\n<p>b &amp; c</p>"
    assert evidence.readable(page) == "A b & c"


def test_the_settings_are_those_that_flask_has():
    from flask import Flask

    from checks.engine.judging import settings

    assert sorted(Flask.default_config) == settings.KEYS
