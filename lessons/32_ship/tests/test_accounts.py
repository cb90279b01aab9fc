"""Are members who they say, and only authors at their posts?"""

import pytest

from blog.models import User, db

from .conftest import signed_in

MIRA = {"name": "Mira", "password": "tea at four"}


@pytest.fixture
def address(member):
    """The address of a post that Mira wrote."""
    return member.post("/new", data={"title": "Mine", "body": "text"}).location


def test_a_password_is_hashed(app, member):
    with app.app_context():
        user = db.session.scalar(db.select(User).filter_by(name="Mira"))
        assert MIRA["password"] not in user.password_hash


def test_a_name_is_taken_once(client, member):
    assert client.post("/auth/register", data=MIRA).status_code == 409


def test_both_mistakes_get_one_message(client, member):
    wrong = [{"name": "Mira", "password": "wrong"}, {"name": "Nobody", "password": "x"}]
    for who in wrong:
        assert "Wrong name or password" in client.post("/auth/login", data=who).text


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "https://a.b"]
)
def test_nobody_is_led_away(client, member, address):
    response = client.post("/auth/login", query_string={"next": address}, data=MIRA)
    assert response.location == "/"


def test_the_way_back_is_kept(client, member):
    form = client.get("/new?draft=1").location
    assert client.post(form, data=MIRA).location == "/new?draft=1"


def test_only_the_author_changes_a_post(app, member, address):
    other = signed_in(app, "Nora")
    assert other.get(f"{address}/edit").status_code == 403
    assert other.post(f"{address}/delete").status_code == 403
    assert "Edit" not in other.get(address).text
    assert "Mine" in member.get(f"{address}/edit").text
    changed = {"title": "Mine", "body": "changed"}
    member.post(f"{address}/edit", data=changed)
    assert "changed" in member.get(address).text
    member.post(f"{address}/delete")
    assert member.get(address).status_code == 404


def test_admin_is_for_admins(client, member, runner):
    assert client.get("/admin").status_code == 303
    assert member.get("/admin").status_code == 403
    runner.invoke(args=["make-admin", "Mira"])
    assert member.get("/admin").status_code == 200
