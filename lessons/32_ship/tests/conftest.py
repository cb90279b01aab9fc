"""What every test may ask for."""

import pytest

from blog import create_app


@pytest.fixture
def app(tmp_path):
    """A blog of its own for each test, pictures too."""
    settings = {
        "UPLOADS": tmp_path,
        "SQLALCHEMY_DATABASE_URI": "sqlite://",
        "TRUSTED_HOSTS": ["localhost", "blog.example"],
    }
    app = create_app("testing", settings)
    for command in ["init-db", "seed"]:
        assert app.test_cli_runner().invoke(args=[command]).exit_code == 0
    return app


@pytest.fixture
def client(app):
    """A browser without a window."""
    return app.test_client()


@pytest.fixture
def runner(app):
    """A terminal for the blog's commands."""
    return app.test_cli_runner()


@pytest.fixture
def member(app):
    """A browser of somebody who has signed in, as Mira."""
    return signed_in(app, "Mira")


def signed_in(app, name):
    """Register a member and return a browser that has signed in."""
    client, who = app.test_client(), {"name": name, "password": "tea at four"}
    client.post("/auth/register", data=who)
    client.get("/about")  # where the message goes
    client.post("/auth/login", data=who)
    return client
