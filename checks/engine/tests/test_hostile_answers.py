"""Answers that no check has thought of: they cost their step, and are not our own fault."""

import pytest

from checks.engine.judging.session import Round, judge
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.lessons import SOLUTIONS, find
from checks.engine.tests.content import solution_files
from checks.engine.worker.process import Lost
from checks.engine.worker.remote import _raw_response

LESSON = find("03_routes")
ANSWERS = {
    "no cookie": 'response.headers["Set-Cookie"] = ""',
    "no date": 'response.headers["Set-Cookie"] = "a=b; Max-Age=x"',
    "no page": 'response.set_data("<![" * 100)',
}


@pytest.mark.parametrize("line", ANSWERS.values(), ids=[*ANSWERS])
def test_an_answer_that_nobody_can_read_is_the_apps(line):
    files = solution_files(LESSON.name)
    files["app.py"] += f"""
@app.after_request
def odd(response):
    if request.path == "/authors/":
        {line}
    return response
from flask import request
""".encode()
    found = []
    judge([LESSON], SOLUTIONS, found.append, [Round({LESSON.name: files})])
    states = {step.number: step.state for step in found[0].steps}
    assert states == {1: OK, 2: NOT_YET, 3: OK, 4: OK}, found[0].steps[1].details


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 99999999999999999999999\r\n\r\nx",
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nx",
        b"Transfer-Encoding: chunked\r\n\r\n-5\r\nx",
        b"Content-Length: -5\r\n\r\nx" * 200,
    ],
)
def test_an_answer_of_a_server_has_no_size_that_only_it_knows(rest):
    try:
        _raw_response(b"HTTP/1.1 200 OK\r\n" + rest, "GET")
    except Lost as lost:
        assert "is not HTTP" in str(lost)
