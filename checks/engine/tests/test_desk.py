"""The desk without a browser: who may ask it for what, and what it says."""

import json
import re
import shutil
import threading
from html.parser import HTMLParser
from http.client import HTTPMessage
from types import SimpleNamespace

import pytest

from checks.engine import lessons
from checks.engine.desk import preview, telling
from checks.engine.desk.board import Board
from checks.engine.desk.factory import create_app
from checks.engine.desk.preview import Frame, told_by
from checks.engine.desk.sides import compare
from checks.engine.judging import words
from checks.engine.judging.verdict import NOT_YET, OK, StepVerdict, Verdict
from checks.engine.learner import hints
from checks.engine.learner.green import Green
from checks.engine.learner.state import Memory
from checks.engine.tests.content import LESSONS

PORT = 5051
OWN = f"http://127.0.0.1:{PORT}"
NAME = "03_routes"
EXCHANGE = {
    "method": "GET", "path": "/about", "host": "localhost", "scheme": "http",
    "prefix": "", "type": "", "cookie": "", "authorization": "", "body": "",
    "status": "200 OK", "location": "", "allow": "",
    "headers": [["Content-Type", "text/html"]],
    "response": "<h1>Abuot <script>alert(1)</script></h1>",
}  # fmt: skip
FACTS = {
    "kind": "code",
    "check": "the page says who",
    "lesson": f"lessons/{NAME}",
    "exchange": EXCHANGE,
    "expected": "expected to see 'About <b>'",
    "wanted": "ABUOT <b>",
    "saw": "Abuot",
    "crash": {
        "type": "KeyError",
        "message": "'<i>'",
        "frames": [{"file": "app.py", "line": 3, "source": "data['<i>']"}],
    },
}
FILES = {"app.py": b"one\ntwo\ndata['<i>']\nfour\n"}


def verdict(passed=0, count=4, **facts):
    """Return a verdict whose first steps are ok; facts are those of the first that is not."""
    steps = [StepVerdict(n, f"Title {n}", OK) for n in range(1, passed + 1)]
    for number in range(passed + 1, count + 1):
        steps.append(StepVerdict(number, f"Title {number}", NOT_YET, FACTS | facts))
    return Verdict(NAME, "Routes", "lessons", "hash", steps)


@pytest.fixture
def board(tmp_path):
    board = Board(lessons.find(NAME), Green(NAME, tmp_path / "green"))
    board.judged(verdict(), FILES)
    return board


@pytest.fixture
def memory(tmp_path):
    return Memory(pytest.fail, tmp_path / "progress.json")


@pytest.fixture
def app(board, memory):
    return create_app(board, memory, PORT)


@pytest.fixture
def token(app):
    return app.extensions["desk"].token


class Visitor:
    """Somebody who asks the desk, by its own name unless another is given."""

    def __init__(self, app):
        self.client = app.test_client(use_cookies=False)

    def get(self, path, **headers):
        return self.ask("GET", path, headers)

    def post(self, path, data=None, **headers):
        return self.ask("POST", path, headers, data)

    def ask(self, method, path, headers, data=None):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        told = {"Host": f"127.0.0.1:{PORT}"} | named
        return self.client.open(path, method=method, headers=told, data=data)


@pytest.fixture
def visitor(app):
    return Visitor(app)


@pytest.fixture
def send(visitor, token):
    """Return a function that presses a button of the page, as its script does."""
    return lambda path, **data: visitor.post(path, data, Origin=OWN, X_Desk_Token=token)


# Who may ask.

READ = ["/", f"/lessons/{NAME}/", "/progress", "/parts?want=verdict", "/notebooks/03_routes/"]  # fmt: skip


@pytest.mark.parametrize("path", [*READ, "/events", "/static/desk.js"])
@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:5051", "127.0.0.1", "127.0.0.1:5050", "localhost.evil.example:5051", "127.0.0.1:5051.evil.example", ""],
)  # fmt: skip
def test_a_foreign_name_is_refused(visitor, token, path, host):
    answer = visitor.get(path, Host=host)
    assert answer.status_code in (400, 403)
    assert token not in answer.text and "Routes" not in answer.text


def test_both_names_of_this_machine_are_its_own(visitor):
    for host in ("127.0.0.1", "localhost"):
        answer = visitor.get("/", Host=f"{host}:{PORT}")
        assert answer.status_code == 200
        assert f'src="http://{host}:5050/"' in answer.text, "cookies of the same name"


STRANGERS = ["http://127.0.0.1:5050", "null", "https://evil.example", f"http://localhost:{PORT}", f"https://127.0.0.1:{PORT}"]  # fmt: skip


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_foreign_origin_is_refused(visitor, token, board, memory, origin):
    for path in READ:
        assert visitor.get(path, Origin=origin).status_code == 403
    for path in ("/hint", "/solution"):
        answer = visitor.post(
            path, {"step": "1", "do": "ask"}, Origin=origin, X_Desk_Token=token
        )
        assert answer.status_code == 403
    assert board.questions == 0 and not memory.read()["hints"]


@pytest.mark.parametrize("path", ["/", "/events", "/pictures/07_templates.png"])
def test_no_other_site_loads_anything_into_its_page(visitor, path):
    for site in ("same-site", "cross-site"):
        for dest in ("image", "script", "iframe", "empty"):
            answer = visitor.get(path, Sec_Fetch_Site=site, Sec_Fetch_Dest=dest)
            assert answer.status_code == 403
    followed = visitor.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document")
    assert followed.status_code == 200, "a link may lead to the desk"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OWN},
        {"Origin": OWN, "X_Desk_Token": "guessed"},
        {"Origin": OWN, "X_Desk_Token": "é"},
        {"X_Desk_Token": "right"},
    ],
)
def test_nothing_is_changed_without_token_and_origin(
    visitor, token, board, memory, headers
):
    if headers.get("X_Desk_Token") == "right":
        headers = headers | {"X_Desk_Token": token}
    for path in ("/hint", "/solution"):
        answer = visitor.post(path, {"step": "1", "do": "ask"}, **headers)
        assert answer.status_code == 403
    assert board.questions == 0 and not memory.read()["hints"]


def test_get_changes_nothing(visitor, app, board, memory):
    before = board.now()
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    assert rules
    for path in READ:
        visitor.get(path)
    assert visitor.get("/hint").status_code == 405
    assert visitor.get("/solution?do=ask").status_code == 405
    assert board.now() == before and not memory.file.exists()


def test_every_answer_keeps_strangers_out_and_sets_no_cookie(visitor):
    for path in [*READ, "/static/desk.css", "/nowhere", "/hint"]:
        answer = visitor.get(path)
        rules = dict(
            rule.strip().split(" ", 1)
            for rule in answer.headers["Content-Security-Policy"].split(";")
        )
        assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == "'self'"
        assert "unsafe" not in str(rules)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_cookies_of_the_learners_app_mean_nothing_here(visitor):
    plain = visitor.get("/").text
    assert visitor.get("/", Cookie="session=abc; token=x; csrf=1").text == plain


def test_pages_hold_no_script_and_no_style_of_their_own(visitor):
    for path in [*READ, "/lessons/12_forms/", "/nowhere"]:
        page = visitor.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize(
    "path",
    ["../04_url_variables/app.py", "..%2f04_url_variables%2fapp.py", "%2e%2e/%2e%2e/README.md", "/etc/passwd", ".env", "instance/blog.db", "link", "README.md/..", "nothing"],
)  # fmt: skip
def test_no_file_beside_the_lessons_is_shown(visitor, monkeypatch, tmp_path, path):
    folder = tmp_path / "lessons" / NAME
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("# 3 · Routes\n")
    (folder / ".env").write_text("SECRET=1")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "instance").mkdir()
    (folder / "instance" / "blog.db").write_text("secret")
    monkeypatch.setattr(lessons, "LESSONS", tmp_path / "lessons")
    assert visitor.get(f"/lessons/{NAME}/files/README.md").status_code == 200
    answer = visitor.get(f"/lessons/{NAME}/files/{path}")
    assert answer.status_code in (308, 404) and "SECRET" not in answer.text


def test_a_fault_of_the_desks_own_is_a_page_and_no_line_in_the_terminal(
    app, visitor, monkeypatch, capsys
):
    monkeypatch.delenv("WORKBOOK_DEBUG", raising=False)
    app.view_functions["reading.progress"] = lambda: 1 / 0
    answer = visitor.get("/progress")
    assert answer.status_code == 500 and "The desk itself failed" in answer.text
    assert capsys.readouterr() == ("", "")


# What it says.


def test_the_words_are_those_of_the_terminal(visitor, board):
    page = text_of(visitor.get("/").text)
    for line in words.told(board.verdict.first_open.details):
        assert " ".join(line.split()) in page
    assert words.repeat(board.verdict.first_open.details, 5050) in page
    assert "○" not in page, "signs are for the eye, and are drawn by the style"


def text_of(page):
    """Return what a page says, without its tags."""
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_what_anybody_wrote_is_escaped(visitor, board, monkeypatch):
    board.told("<script>log</script>")
    board.told("GET /<img/src=x>  404")
    for path in ("/", "/parts?want=verdict,log"):
        page = visitor.get(path).text
        assert "<script>alert" not in page and "script&gt;alert(1)" in page
        assert "<script>log" not in page and "&lt;script&gt;log" in page
        assert "data[&#39;&lt;i&gt;&#39;]" in page and "<img/" not in page
    readme = (
        "# 3 · Routes\n\n<script>x</script> [a](javascript:alert(1)) [b](/etc/passwd)"
        " [c](../../checks/conftest.py)\n\n<img src=x onerror=y>\n\n"
        "![d](http://evil.example/x.png) ![e](../../checks/x.png)\n"
    )
    monkeypatch.setattr(lessons.Lesson, "text", readme)
    page = visitor.get("/").text
    article = page[page.index("<article") :]
    assert "<script>x" not in article and "<img" not in article
    assert "href" not in article.split("</article>")[0]


def test_the_lines_around_the_learners_own_are_shown_as_they_were_judged(visitor):
    page = visitor.get("/").text
    assert re.search(r'class="row meant"[^\n]*→.*3</span>  data', page)
    assert page.count('class="row') == 4


@pytest.mark.parametrize(
    ("body", "wanted", "found"),
    [
        ("<h1>Abuot us</h1>", "About us", "Ab"),
        ("say HELLO there", "hello", "HELLO"),
        ("nothing of it", "xyz", ""),
        ("", "abc", ""),
        ("a b", "", ""),
        ("İstanbul", "İst", ""),
        ("a <b> c", "a <b> d", "a <b> "),
    ],
)
def test_the_body_is_marked_where_it_leaves_what_was_wanted(body, wanted, found):
    start, end = telling.departure(body, wanted)
    if len(found) < telling.SHORTEST:
        found = ""
    assert body[start:end] == found


def test_the_first_difference_is_marked_on_both_sides():
    assert [*telling.sides("a<b>c", "a<bc")] == [
        "a&lt;b<mark>&gt;</mark>c",
        "a&lt;b<mark>c</mark>",
    ]
    assert telling.sides("ab", "abc")[0] == "ab<mark>¶</mark>"


class Pieces(HTMLParser):
    """The moving parts of a page: name to all that stands in it."""

    def __init__(self, page):
        super().__init__()
        self.found, self.open = {}, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "data-part" in named:
            self.found[named["id"]] = []
        self.open.append(named["id"] if "data-part" in named else None)
        self.note((tag, attrs))
        if tag in ("meta", "link", "input", "img", "br"):
            self.open.pop()

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        self.note(" ".join(data.split()))

    def note(self, what):
        for name in filter(None, self.open):
            self.found[name].append(what)


def test_a_fragment_is_the_page_over_again(visitor, board):
    board.told("GET /about  404")
    whole = Pieces(visitor.get("/").text).found
    pieces = Pieces(visitor.get("/parts?want=verdict,log,rail").text).found
    assert pieces == {name: whole[name] for name in whole if name != "app"}
    assert {"summary", "verdict", "help", "changes", "log", "rail"} <= pieces.keys()
    assert {f"mark-{number}" for number in range(1, 5)} <= pieces.keys()


def test_parts_that_do_not_exist_are_refused(visitor):
    assert visitor.get("/parts?want=verdict,secret").status_code == 400


def test_every_link_of_every_lesson_leads_somewhere_on_the_desk(visitor):
    leads = {}
    for name in LESSONS:
        page = visitor.get(f"/lessons/{name}/").text
        for path in re.findall(r'(?:href|src)="(/[^"#]*)', page):
            leads.setdefault(path, name)
        left = re.findall(r'href="(?!/|#|https?://)([^"]*)"', page)
        assert not left, f"{name}: links that leave the desk by accident"
        for anchor in re.findall(r'href="#([^"]*)"', page):
            assert f'id="{anchor}"' in page, f"{name}: #{anchor}"
    assert len(leads) > len(LESSONS)
    for path, name in leads.items():
        assert visitor.get(path).status_code == 200, f"{name}: {path}"


def test_addresses_of_the_app_are_those_that_it_got(board, visitor):
    class Elsewhere:
        port, starts, state = 5077, 1, "has ended"

    board.begin(Elsewhere())
    page = visitor.get("/").text
    assert "127.0.0.1:5077/about" in page and "127.0.0.1:5050" not in page
    policy = visitor.get("/").headers["Content-Security-Policy"]
    assert "frame-src http://127.0.0.1:5077 http://localhost:5077;" in policy


def test_another_lesson_is_a_page_to_read(visitor):
    page = visitor.get("/lessons/17_blog/").text
    assert "make lesson 17" in page and "iframe" not in page
    assert visitor.get("/lessons/99_nothing/").status_code == 404


def test_the_notebook_is_named_with_its_command(visitor):
    page = visitor.get(f"/notebooks/{NAME}/").text
    assert "make notebooks" in page and f"{NAME}.ipynb" in page


# Hints and the solution.


def test_hints_come_one_at_a_time_and_are_remembered(visitor, send, memory):
    ladder = hints.ladders(lessons.find(NAME))[1]
    firsts = [text_of(rung.replace("`", ""))[:20] for rung in ladder]
    assert not any(first in visitor.get("/").text for first in firsts)
    for count in (1, 2, 3):
        answer = send("/hint", step="1")
        assert answer.status_code == 200
        assert answer.text.count("<li><p>") == count
        assert memory.read()["hints"] == {NAME: {"1": count}}
    assert 'id="hint"' not in send("/hint", step="1").text, "there are no more"
    assert memory.read()["hints"] == {NAME: {"1": 3}}


def test_an_old_page_takes_no_hint_of_another_step(send, board, memory):
    board.judged(verdict(1), FILES)
    send("/hint", step="1")
    assert not memory.read()["hints"]
    board.judged(verdict(4), FILES)
    assert send("/hint", step="4").status_code == 409


def test_the_solution_needs_a_question_and_before_the_hints_two(send):
    assert 'class="sides"' not in send("/solution", do="ask").text
    second = send("/solution", do="ask").text
    assert 'class="sides"' not in second and "Are you sure" in second
    shown = send("/solution", do="ask").text
    assert 'class="sides"' in shown and "nothing of yours was changed" in shown
    assert 'class="sides"' not in send("/solution", do="close").text
    for _ in range(3):
        send("/hint", step="1")
    assert 'class="sides"' not in send("/solution", do="ask").text
    assert 'class="sides"' in send("/solution", do="ask").text


def test_a_kit_offers_no_solution(visitor, send, board, monkeypatch):
    monkeypatch.setattr("checks.engine.kits.here", lambda: True)
    assert 'id="ask"' not in visitor.get("/").text
    answer = send("/solution", do="ask")
    assert answer.status_code == 409 and "your teacher has them" in answer.text
    board.ask(3)
    assert 'class="sides"' not in visitor.get("/").text


def test_the_sides_of_a_difference():
    mine = {"a": b"1\n2\n3\n4\n5\n6\n7\n8\n9", "b": b"x", "d": b"\xff"}
    theirs = {"a": b"1\n2\n3\n4\n5\n6\n7\nacht\n9", "c": b"y", "d": b"\xfe"}
    a, b, c, d = compare(mine, theirs)
    assert [row.kind for row in a.rows] == ["gap", *["same"] * 3, "other", "same"]
    changed = a.rows[4]
    assert (changed.left, changed.right) == ((8, "8"), (8, "acht"))
    assert "solution does not" in b.note and "you do not" in c.note
    assert d.rows == [] and "no text" in d.note
    assert compare(mine, mine) == []


# Without a script, and going along.


def test_without_a_script_it_is_a_page_with_forms(visitor, token, memory):
    page = visitor.get("/").text
    assert "<noscript>" in page and f'name="token" value="{token}"' in page
    answer = visitor.post("/hint", {"step": "1", "token": token}, Origin=OWN)
    assert (answer.status_code, answer.location) == (303, "/#help")
    assert memory.read()["hints"] == {NAME: {"1": 1}}
    assert visitor.get("/").text.count("<li><p>") == 1
    assert 'src="http://127.0.0.1:5050/about?x=1"' in visitor.get("/?show=/about%3Fx=1").text  # fmt: skip


def test_an_address_to_show_stays_one_of_the_app(visitor):
    for show in ("//evil.example/", "http://evil.example/", "@evil.example/", "javascript:x"):  # fmt: skip
        page = visitor.get("/", **{}).text if not show else visitor.get(f"/?show={show}").text  # fmt: skip
        [source] = re.findall(r'<iframe[^>]*src="([^"]*)"', page)
        assert source.startswith("http://127.0.0.1:5050/")


def heard(answer):
    """Return the next event of a stream as data."""
    line = next(answer)
    assert line.startswith(b"data: ") and line.endswith(b"\n\n")
    return json.loads(line[6:])


def test_an_event_comes_at_once_and_after_every_change(visitor, board):
    answer = visitor.get("/events")
    assert answer.mimetype == "text/event-stream"
    events = answer.iter_encoded()
    first = heard(events)
    assert first == board.now()
    found = []
    reader = threading.Thread(target=lambda: found.append(heard(events)))
    reader.start()
    board.judged(verdict(1), FILES)
    reader.join(30)
    assert found[0]["verdict"] == first["verdict"] + 1
    assert found[0]["log"] == first["log"]
    assert found[0]["pieces"] == visitor.get("/parts?want=verdict").text
    answer.close()


def test_pages_that_were_closed_make_room_for_others(visitor):
    from checks.engine.desk.going_along import MOST_PAGES

    for _ in range(2):
        open_pages = [visitor.get("/events") for _ in range(MOST_PAGES)]
        assert visitor.get("/events").status_code == 503
        for answer in open_pages:
            next(answer.iter_encoded())
            answer.close()


# What the app says of frames, what was green, and how far one is.


def test_an_app_that_has_not_answered_yet_is_asked_again(monkeypatch):
    denied = HTTPMessage()
    denied["X-Frame-Options"] = "DENY"
    answers = iter([None, denied])
    monkeypatch.setattr(preview, "headers_of", lambda port: next(answers))
    app, frame = SimpleNamespace(starts=1, port=1), Frame()
    told = [frame.forbids(app) for _ in range(3)]
    assert told == ["", "X-Frame-Options: DENY", "X-Frame-Options: DENY"]


@pytest.mark.parametrize(
    ("name", "value", "forbidden"),
    [
        ("X-Frame-Options", "DENY", True),
        ("X-Frame-Options", "sameorigin", True),
        ("X-Frame-Options", "ALLOWALL", False),
        ("Content-Security-Policy", "default-src 'self'", False),
        ("Content-Security-Policy", "default-src 'self'; Frame-Ancestors 'none'", True),
        ("Content-Security-Policy", "frame-ancestors *", False),
        ("X-Other", "DENY", False),
    ],
)
def test_what_forbids_a_frame(name, value, forbidden):
    from email.message import Message

    headers = Message()
    headers[name] = value
    assert bool(told_by(headers)) is forbidden


def test_the_last_green_is_where_the_newest_step_turned_ok(tmp_path):
    green = Green(NAME, tmp_path)
    assert green.changes({"app.py": b"0\n"}) == []
    for passed, content in [(0, b"0\n"), (1, b"1\n"), (1, b"2\n")]:
        green.judged(verdict(passed), {"app.py": content})
    assert not green.lost and green.changes({"app.py": b"2\n"})[-2:] == ["-1", "+2"]
    green.judged(verdict(0), {"app.py": b"3\n"})
    assert green.lost and green.changes({"app.py": b"3\n"})[-2:] == ["-2", "+3"]
    again = Green(NAME, tmp_path)
    again.judged(verdict(0), {"app.py": b"3\n"})
    assert again.lost and again.changes({"app.py": b"3\n"})[-2:] == ["-1", "+3"]


def test_a_damaged_or_forbidden_green_is_none(tmp_path):
    (tmp_path / f"{NAME}.zip").write_bytes(b"PK but no archive")
    green = Green(NAME, tmp_path)
    assert green.turned is None
    shutil.rmtree(tmp_path)
    tmp_path.write_text("no folder")
    green.judged(verdict(1), {"app.py": b"1"})
    assert green.turned.passed == 1


def test_the_progress_page_tells_hints_and_times(visitor, memory):
    with memory.change() as data:
        data["hints"][NAME] = {"1": 2, "2": 1}
        data["steps"][NAME] = {
            "1": {"first": "2026-03-01T10:12:13", "files": "x"},
            "2": {"first": "2026-03-02T11:00:00", "files": "x"},
        }
    page = visitor.get("/progress").text
    assert f"0 of {len(LESSONS)} lessons done" in page
    [row] = [part for part in page.split("<tr") if "3 · Routes" in part]
    assert "2 of 4" in row and "2026-03-01 10:12" in row and ">3<" in row
    assert "2026-03-02" not in row, "not all steps are ok"


def test_the_page_is_small(visitor):
    sizes = [len(visitor.get(path).data) for path in ("/", "/static/desk.css", "/static/desk.js")]  # fmt: skip
    assert sum(sizes) <= 100_000
