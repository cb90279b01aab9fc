"""Whatever the untrusted side sends, the trusted side ends it in a verdict."""

import pytest
from hypothesis import HealthCheck, given, settings

from checks.engine.redteam import command, fuzzing
from checks.engine.redteam.fuzzing import ODD, frame

QUICK = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[*HealthCheck],
)


@pytest.mark.parametrize("check", [*fuzzing.CHECKS], ids=lambda check: check.__name__)
def test_any_answer_ends_in_a_verdict(check):
    @QUICK
    @given(fuzzing.CHECKS[check])
    def each(talk):
        fuzzing.verdict_on(talk, check)

    each()


def both(answer):
    """Return a talk that leads a server's check to two answers like this one."""
    sizes = frame({"sizes": [len(answer)] * 2}, answer * 2)
    return [fuzzing.started, frame({}, b""), frame({"reached": True}, b""), sizes]


def page(headers, body=b"", status="200 OK"):
    """Return a talk of one page."""
    return [frame({"status": status, "headers": headers}, body)] * 3


FOUND = {
    "an empty cookie": (fuzzing.page_is_right, page([["Set-Cookie", ""]])),
    "an age that is no number": (
        fuzzing.page_is_right,
        page([["Set-Cookie", "a=b; Max-Age=x"]]),
    ),
    "a redirect to no address": (
        fuzzing.page_is_right,
        page([["Location", "http://["]], b"", "302 FOUND"),
    ),
    "a tag that is none": (fuzzing.page_is_right, page([], b"<![x<![")),
    "a page that takes hours": (
        fuzzing.page_is_right,
        page([["Content-Type", "text/html"]], b"<a " * 100_000),
    ),
    "data as deep as a well": (
        fuzzing.data_is_right,
        [fuzzing.home, frame({"value": 1}, b""), *page([], b"[" * 100_000)],
    ),
    "a length of thirty digits": (fuzzing.server_is_right, both(ODD[0])),
    "a piece of eighty bits": (fuzzing.server_is_right, both(ODD[1])),
}


@pytest.mark.parametrize(("check", "talk"), FOUND.values(), ids=[*FOUND])
def test_what_was_found_once_ends_in_a_verdict(check, talk):
    assert fuzzing.verdict_on(talk, check)["kind"] == "code"


def test_a_judge_that_stumbles_is_told(monkeypatch, capsys):
    def stumble(talk, check):
        raise RuntimeError("it stumbled")

    monkeypatch.setattr(fuzzing, "verdict_on", stumble)
    monkeypatch.setattr(command, "EXAMPLES", 2)
    assert command.fuzz("0.001") == 1
    assert "page_is_right, seed" in (told := capsys.readouterr().out)
    assert "RuntimeError: it stumbled" in told


def test_a_short_search_ends_well(monkeypatch, capsys):
    monkeypatch.setattr(command, "EXAMPLES", 1)
    assert command.fuzz("0.0001") == 0
    assert "4 talks, and each ended in a verdict." in capsys.readouterr().out
