"""Real servers: their processes, who reaches them, and many requests at once."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from checks.engine.judging.code import Code
from checks.engine.judging.trial import Trial
from checks.engine.tests.small import wait_until
from checks.engine.worker.inside import servers
from checks.engine.worker.remote import NotAnswering

APP = """
import os, time
from flask import Flask, request
app = Flask(__name__)

@app.get("/<name>")
def page(name):
    time.sleep(0.2)
    return f"{name} {os.getpid()}"

@app.get("/")
def seen():
    return {"from": request.headers.get("X-From"), "host": request.host}
"""
CONF = """
import os
wsgi_app = "app:app"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ['PORT']}"
"""


NGINX = """
daemon off;
pid instance/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path instance/a;
  proxy_temp_path instance/b;
  fastcgi_temp_path instance/c;
  uwsgi_temp_path instance/d;
  scgi_temp_path instance/e;
  server {
    listen 127.0.0.1:8443 ssl;
    ssl_certificate instance/cert.pem;
    ssl_certificate_key instance/key.pem;
    location /site/ {
      proxy_pass http://127.0.0.1:8000/;
      proxy_set_header Host $http_host;
      proxy_set_header X-From $remote_addr;
    }
  }
}
"""


@pytest.fixture
def trial(worker):
    files = {
        "app.py": APP.encode(),
        "gunicorn.conf.py": CONF.encode(),
        "nginx.conf": NGINX.encode(),
    }
    trial = Trial(Code(worker, files), "99_servers", "seed")
    yield trial
    trial.close()


def test_a_configuration_of_their_own_decides_where_gunicorn_listens(trial):
    assert "page" in trial.server("gunicorn").get("/page").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_processes_of_a_server_are_counted(trial, count):
    server = trial.server("gunicorn", env={"WEB_CONCURRENCY": str(count)})
    assert server.get("/page").status_code == 200  # the first worker is there
    wait_until(lambda: server.children >= count)  # they are started one after another
    assert server.children == count


@pytest.mark.parametrize(("host", "reached"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_a_server_for_everybody_is_noticed(trial, host, reached):
    server = trial.server("gunicorn", env={"HOST": host})
    assert server.reached_from_outside is reached


def test_requests_together_come_back_in_their_order(trial):
    server = trial.server("gunicorn", env={"WEB_CONCURRENCY": "3"})
    names = [f"tea{number}" for number in range(9)]
    answers = server.together([f"/{name}" for name in names])
    assert [answer.text.split()[0] for answer in answers] == names
    assert {answer.status_code for answer in answers} == {200}
    workers = {answer.text.split()[1] for answer in answers}
    assert len(workers) > 1, "they were waiting at the same time"


def test_a_server_leaves_nothing_behind(trial):
    server = trial.server("gunicorn", env={"WEB_CONCURRENCY": "2"})
    pid = int(server.get("/page").text.split()[1])
    assert server.stop() == 0
    assert server.children == 0
    trial.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_nginx_stands_in_front_with_the_lessons_own_configuration(trial, needs_nginx):
    behind = trial.server("gunicorn")
    nginx = trial.nginx(behind)
    seen = nginx.get("/site/").json
    assert seen == {"from": nginx.visitor, "host": "localhost:8443"}
    assert nginx.get("/elsewhere").status_code == 404
    behind.stop()
    assert nginx.get("/site/").status_code == 502


def test_a_configuration_that_nginx_refuses_is_told_with_its_line(worker, needs_nginx):
    conf = NGINX.replace("proxy_pass", "proxy_passs")
    names = ("app.py", "gunicorn.conf.py", "nginx.conf")
    files = dict(zip(names, map(str.encode, (APP, CONF, conf)), strict=True))
    trial = Trial(Code(worker, files), "99_servers", "seed")
    with pytest.raises(NotAnswering) as caught:
        trial.nginx(trial.server("gunicorn"))
    line = conf[: conf.index("proxy_passs")].count("\n") + 1
    assert 'unknown directive "proxy_passs"' in caught.value.output
    assert f"nginx.conf:{line}" in caught.value.output
    trial.close()


def test_nginx_leaves_nothing_behind(trial, needs_nginx):
    nginx = trial.nginx(trial.server("gunicorn"))
    files = trial.written()
    pid = int(files["instance/nginx.pid"])
    assert nginx.children >= 1
    trial.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_each_process_takes_the_passwords_that_another_has_hashed(trial):
    security = "from werkzeug import security\n"
    hashed = trial.python(security + "security.generate_password_hash('tea')")
    assert hashed.startswith("scrypt:")
    took = f"print(security.check_password_hash({hashed!r}, 'tea'))"
    assert trial.cli("python", "-c", security + took).stdout == "True\n"


@pytest.mark.parametrize("closed", [False, True])
def test_root_starts_what_all_may_read_as_nobody(closed):
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "1", "app")
        home.mkdir(parents=True)
        files = ["/bin/sh", *[folder] * closed]  # only its owner may enter the folder
        user = servers.unprivileged(str(home), *files)
        command = ["/bin/sh", "-c", "id -u; touch made"]
        told = subprocess.run(command, cwd=home, capture_output=True, **user)
        assert (home / "made").is_file(), told.stderr
    mine = os.geteuid()
    assert int(told.stdout) == (servers.NOBODY if mine == 0 and not closed else mine)


def test_what_lies_below_a_closed_folder_is_not_open_to_all():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program")
        path.touch(0o755)
        assert not servers.open_to_all(str(path))
        os.chmod(folder, 0o755)
        assert servers.open_to_all(str(path))
