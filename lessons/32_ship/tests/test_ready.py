"""Does the blog know when it can be shipped?"""

import pytest

from blog import create_app

LONG = "x" * 32
GOOD = {"SECRET_KEY": LONG, "API_TOKEN": LONG, "TRUSTED_HOSTS": ["blog.example"]}


@pytest.fixture
def ready(tmp_path):
    """Type commands in a production with some settings; return the last result."""

    def type_all(settings, *commands):
        uri = f"sqlite:///{tmp_path}/blog.db"
        settings = GOOD | {"SQLALCHEMY_DATABASE_URI": uri} | settings
        runner = create_app("production", settings).test_cli_runner()
        return [runner.invoke(args=[word]) for word in commands][-1]

    return type_all


@pytest.mark.parametrize(
    ("key", "value"),
    [("SECRET_KEY", "short"), ("API_TOKEN", "short"), ("TRUSTED_HOSTS", ["localhost"])],
)
def test_a_poor_setting_is_named(ready, key, value):
    result = ready({key: value}, "init-db", "ready")
    assert result.exit_code == 1
    assert key in result.output


def test_tables_that_are_missing_are_named(ready):
    assert "comment" in ready({}, "ready").output


def test_somebody_must_be_an_admin(ready):
    assert "admin" in ready({}, "init-db", "ready").output


def test_with_an_admin_all_is_there(app, member, runner):
    app.config.update(GOOD, SESSION_COOKIE_SECURE=True)
    runner.invoke(args=["make-admin", "Mira"])
    assert runner.invoke(args=["ready"]).output == "Ready to ship\n"
