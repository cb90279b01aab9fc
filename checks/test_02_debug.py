"""Lesson 2, Debug: are both pages mended, and is debug mode switched from outside?"""

from datetime import date

import pytest

from checks.pages import seen

CRASH = "/added-by-the-check"


@pytest.mark.step(1)
def test_the_motto_has_a_page(client):
    response = client.get("/motto")
    assert response.status_code == 200


@pytest.mark.step(1)
def test_the_page_shows_the_motto_that_is_in_about(python, unseen):
    motto = unseen.word()
    page = python(f"""
import app
from flask.cli import find_best_app
for key in app.ABOUT:
    app.ABOUT[key] = {motto!r}
find_best_app(app).test_client().get("/motto").text
""")
    assert motto in page, (
        f"ABOUT holds the motto {motto} now: /motto shows what it holds"
    )


@pytest.mark.step(2)
def test_the_page_shows_todays_date(client):
    before = date.today()
    response = client.get("/today")
    days = {before, date.today()}  # two of them around midnight
    assert response.status_code == 200
    page = seen(response)
    assert any(str(day.year) in page and str(day.day) in page for day in days), (
        f"/today shows the year {before.year} and the day {before.day}, not "
        f"{response.text.strip()[:80]}"
    )


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
