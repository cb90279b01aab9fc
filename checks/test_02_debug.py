"""Lesson 2, Debug: are both pages mended, and is debug mode switched from outside?"""

import pytest

CRASH = "/added-by-the-check"

# A visit without a server; flask run finds the app in a module the same way.
VISIT = """
import app
from flask.cli import find_best_app
{change}
find_best_app(app).test_client().get("{address}").text
"""

# A calendar that can be turned, in the place of the real one.
CALENDAR = """
import datetime

class Date(datetime.date):
    today = classmethod(lambda cls: cls(*day))

class Moment(datetime.datetime):
    now = today = utcnow = classmethod(lambda cls, tz=None: cls(*day, tzinfo=tz))

datetime.date, datetime.datetime = Date, Moment
day = (2001, 2, 3)
"""


@pytest.mark.step(1)
def test_the_motto_has_a_page(client):
    response = client.get("/motto")
    assert response.status_code == 200


@pytest.mark.step(1)
def test_the_page_shows_the_motto_that_is_in_about(python, unseen):
    motto = unseen.word()
    change = f"app.ABOUT.update(dict.fromkeys(app.ABOUT, {motto!r}))"
    page = python(VISIT.format(change=change, address="/motto"))
    assert motto in page, (
        f"ABOUT holds the motto {motto} now: /motto shows what it holds"
    )


@pytest.mark.step(2)
def test_today_has_a_page(client):
    response = client.get("/today")
    assert response.status_code == 200


@pytest.mark.step(2)
def test_the_page_shows_the_day_of_the_visit(python, unseen):
    year, day = unseen.number(2031, 2098), unseen.number(13, 28)
    change = f"day = ({year}, 7, {day})"
    page = python(CALENDAR + VISIT.format(change=change, address="/today"))
    rule = f"the check turned the calendar to {year}-07-{day}: /today shows that day"
    assert str(year) in page, rule
    assert str(day) in page, rule


@pytest.mark.step(3)
@pytest.mark.parametrize("env", [{}, {"FLASK_DEBUG": "0"}])
def test_debug_mode_is_off_unless_you_ask_for_it(server, env):
    page = server("python", "app.py", env=env, crash=CRASH).get(CRASH).text
    assert not has_traceback(page), (
        f"`{typed(env)}` shows its code to everyone when a page crashes"
    )


@pytest.mark.step(3)
@pytest.mark.parametrize("env", [{"FLASK_DEBUG": "1"}, {"FLASK_DEBUG": "true"}])
def test_debug_mode_is_on_when_you_ask_for_it(server, env):
    page = server("python", "app.py", env=env, crash=CRASH).get(CRASH).text
    assert has_traceback(page), f"`{typed(env)}` shows no debugger when a page crashes"


@pytest.mark.step(4)
def test_the_page_that_crashes_is_gone(client):
    response = client.get("/boom")
    assert response.status_code == 404, "an address without a view answers 404"


def has_traceback(page):
    """Does this page show a visitor where the code crashed?"""
    return "Traceback" in page


def typed(env):
    """Return the command that starts the app with these variables."""
    return "".join(f"{name}={value} " for name, value in env.items()) + "python app.py"
