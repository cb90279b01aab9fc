"""The lessons with a database, on a real PostgreSQL: no line of theirs is changed."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from checks.engine.lessons import SOLUTIONS
from checks.engine.worker.inside.programs import program
from checks.engine.worker.inside.servers import NOBODY, free_port

*EARLIER, LAST = sorted(f.name for f in SOLUTIONS.glob("[2-3]?_*") if f.name >= "26")
LESSONS = [*(pytest.param(name, marks=pytest.mark.long) for name in EARLIER), LAST]
# Debian keeps the server's programs out of everybody's PATH.
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
PATIENCE = 60.0  # seconds for the server to answer

# What a visitor, a member and a program do; argv[1] is the number of the lesson.
STORY = r"""
import re
import sys

from blog import create_app

lesson = int(sys.argv[1])
app = create_app()
TOKEN = {"Authorization": f"Bearer {app.config['API_TOKEN']}"}
MIRA = {"name": "Mira", "password": "tea at four"}
HOSTILE = "It's 100% <tea>"


def typed(*words, code=0):
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == code, result.output
    return result.output


def send(path, status=303, **data):
    page = client.get("/contact").text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)', page)[1]
    response = client.post(path, data={**data, "csrf_token": token})
    assert response.status_code == status, (path, response.status_code, response.text)
    return response


def shown(path, status=200):
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.text


typed("init-db")
typed("init-db")
typed("seed")
typed("seed", code=1)
assert typed("posts").splitlines()[0].endswith("Reading a traceback")

client = app.test_client()
page = shown("/")
order = [page.index(title) for title in ["Reading a trace", "First cup", "Tea &amp; bis"]]
assert order == sorted(order), "the newest first, no date last"
assert "First cup" in shown("/search?q=KETTLE")
assert "First cup" not in shown("/search?q=%25")
assert "First cup" not in shown("/search?q=%27")
shown("/post/no-such-post", status=404)
shown("/api/posts/1234567", status=404)

if lesson >= 27:
    send("/auth/register", **MIRA)
    send("/auth/register", status=409, **MIRA)
send("/auth/login", **MIRA)
addresses = [send("/new", title=HOSTILE, body="text").location for _ in range(9)]
assert len({*addresses}) == 9, "each its own address"
page = shown(addresses[0])
assert "It&#39;s 100% &lt;tea&gt;" in page
assert "100%" in shown("/search?q=100%25")
assert "First cup" in shown("/?page=3"), "twelve posts, five a page"

post = client.post("/api/posts", json={"title": "t", "body": "b"}, headers=TOKEN)
assert post.status_code == 201, post.text
path = f"/api/posts/{post.json['id']}"
new = {"title": "other", "body": "b"}
assert client.put(path, json=new, headers=TOKEN).json["title"] == "other"
assert client.delete(path, headers=TOKEN).status_code == 204
shown(path, status=404)

if lesson >= 27:
    edited = {"title": "Edited", "body": "text", "tags": "one, two"}
    send(f"{addresses[0]}/edit", **edited)
    assert "Edited" in shown("/tag/two")
    send(f"{addresses[1]}/delete")
    shown(addresses[1], status=404)
    typed("make-admin", "Mira")
    assert "Mira" in shown("/admin")
if lesson >= 29:
    assert shown("/export.csv").count("\n") == 12
    for status in [201, 409]:
        made = client.post("/api/authors", json={"name": "Nora"}, headers=TOKEN)
        assert made.status_code == status
if lesson >= 30:
    assert shown("/health")
    shown("/post/first-cup")
    assert "Read 2 times" in shown("/post/first-cup")
if lesson >= 32:
    place = f"{addresses[2]}/comments"
    send(place, body=HOSTILE)
    assert "It&#39;s 100% &lt;tea&gt;" in shown(addresses[2])
    send(f"{addresses[2]}/delete")
    shown(addresses[2], status=404)

app = create_app()
client = app.test_client()
assert "100%" in shown("/"), "it survives a restart"
"""


def server_program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs; skip, by name, without it."""
    for folder in PLACES:
        if (folder / name).is_file():
            return str(folder / name)
    try:
        return program(name)
    except FileNotFoundError:
        pytest.skip(
            "PostgreSQL is not installed: `apt-get install postgresql` brings it"
        )


@pytest.fixture(scope="module")
def postgres():
    """A server on the loopback, with an empty disk of its own; the start of its URLs."""
    programs = {name: server_program(name) for name in ["initdb", "postgres"]}
    port, password = free_port(), secrets.token_hex(8)
    # PostgreSQL refuses to run as root, and nobody may enter what pytest gives root.
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    asked = {"cwd": "/", "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    asked |= user if os.geteuid() == 0 else {}
    place = Path(tempfile.mkdtemp(prefix="workbook-postgres-"))
    try:
        secret = place / "password"
        secret.write_text(password, encoding="utf-8")
        if os.geteuid() == 0:
            for path in [place, secret]:
                os.chown(path, NOBODY, NOBODY)
        words = ["--no-sync", "-A", "scram-sha-256", "-U", "workbook", "-E", "UTF8"]
        folder, file = str(place / "data"), str(secret)
        made = subprocess.run(
            [programs["initdb"], "-D", folder, "--pwfile", file, *words], **asked
        )
        assert made.returncode == 0, made.stdout.decode()
        words = ["-D", folder, "-h", "127.0.0.1", "-p", str(port), "-k", "", "-F"]
        asked["stdout"] = subprocess.DEVNULL
        running = subprocess.Popen([programs["postgres"], *words], **asked)
        try:
            url = f"workbook:{password}@127.0.0.1:{port}"
            wait_for(f"postgresql://{url}/postgres", running)
            yield url
        finally:
            running.terminate()
            running.wait()
    finally:
        shutil.rmtree(place)


def wait_for(url: str, running: subprocess.Popen) -> None:
    """Wait until the server lets somebody in."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert running.poll() is None, "the server has ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize("name", LESSONS)
def test_the_blog_lives_on_postgresql_too(postgres, tmp_path, name):
    database = f"blog_{name[:2]}"
    with psycopg.connect(f"postgresql://{postgres}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {database}")
    shutil.copytree(SOLUTIONS / name, tmp_path / name)
    # All else is unset: the settings of a development, and no folder but this one.
    env = {"DATABASE_URL": f"postgresql+psycopg://{postgres}/{database}"}
    told = subprocess.run(
        [sys.executable, "-c", STORY, name[:2]],
        cwd=tmp_path / name,
        env=env,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert not [*tmp_path.rglob("*.db")], "nothing went to SQLite"
