"""The fixtures of the lessons' checks: the ones you meet again in lesson 22."""

import pytest


@pytest.fixture
def make_app(trial):
    """Make the lesson's app, in a process of its own.

    ``make_app(env={...})`` starts it in another environment, ``config={...}`` sets
    keys before the first request, ``posts=[...]`` gives it other posts,
    ``dotenv={...}`` a file .env, ``crash="/x"`` adds an address that crashes.
    ``instance=instance()`` gives it what an app before it has in its folder instance.
    """
    return trial.make_app


@pytest.fixture
def make_blog(trial):
    """Make the app as make_app does, and run its commands `init-db` and `seed`."""
    return trial.make_blog


@pytest.fixture
def instance(trial):
    """What the last app has in its folder instance: ``instance()``, path to bytes."""
    return trial.instance


@pytest.fixture
def app(make_app):
    """The lesson's app as it stands: ``app.config["KEY"]``, ``app.routes``."""
    return make_app()


@pytest.fixture
def client(app):
    """A browser without a window: ``client.get("/")`` returns a response."""
    return app.test_client()


@pytest.fixture
def cli(trial):
    """Run a command as typed in the lesson's folder: ``cli("flask", "routes")``."""
    return trial.cli
