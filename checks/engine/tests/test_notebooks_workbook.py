"""What notebooks show with: the right things, escaped, and the same each time."""

import sys
from urllib.request import urlopen

import pytest
from flask import Flask, Response, redirect

from checks.engine.lessons import TOP

sys.path.append(str(TOP / "notebooks"))
import workbook


@pytest.fixture
def shown(monkeypatch):
    """The bundles that were displayed: ``shown[0]["text/plain"]``."""
    bundles = []
    monkeypatch.setattr(workbook, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


@pytest.fixture
def app():
    app = Flask("demo")

    @app.get("/")
    def index():
        return (
            "<style>p {}</style><h1>A &amp; B</h1><p>one <b>two</b></p><ul><li>x</ul>"
        )

    @app.get("/old")
    def old():
        return redirect("/")

    @app.get("/boom")
    def boom():
        raise KeyError("title")

    return app


# load and module


def test_each_lesson_has_modules_of_its_own():
    first, second = workbook.load("05_url_for"), workbook.load("06_responses")
    posts = [workbook.module(n, "posts") for n in ("05_url_for", "06_responses")]
    assert posts[0] is not posts[1]
    assert first.view_functions["index"].__globals__["POSTS"] is posts[0].POSTS
    assert second.view_functions["index"].__globals__["POSTS"] is posts[1].POSTS
    assert not {"app", "page", "posts"} & set(sys.modules)


def test_loading_again_starts_afresh_and_writes_nothing():
    before = sorted(workbook.SOLUTIONS.rglob("*"))
    first = workbook.load("05_url_for")
    workbook.module("05_url_for", "posts").POSTS.clear()
    assert "First cup" not in first.test_client().get("/").text
    assert "First cup" in workbook.load("05_url_for").test_client().get("/").text
    assert sorted(workbook.SOLUTIONS.rglob("*")) == before


def test_loading_hides_nothing_of_the_caller(monkeypatch):
    monkeypatch.setitem(sys.modules, "posts", mine := object())
    path = list(sys.path)
    workbook.load("05_url_for")
    assert sys.modules["posts"] is mine
    assert sys.path == path


def test_a_module_beside_the_app_may_import_it():
    app = workbook.load("05_url_for")
    workbook.module("05_url_for", "newsletter")
    assert workbook.module("05_url_for", "app").app is app


def test_a_package_is_found_and_its_factory_makes_apps_of_one_import():
    create_app = workbook.factory("19_factory")
    red, green = create_app("testing", {"BLOG_NAME": "Red"}), create_app("testing")
    assert "Red" in red.test_client().get("/about").text
    assert "Red" not in green.test_client().get("/about").text
    views = [app.view_functions["index"] for app in (red, green)]
    assert views[0] is views[1]
    main = workbook.module("19_factory", "blog.main")
    assert main.index is views[0]
    other = workbook.load("19_factory")
    assert other.view_functions["index"] is not main.index
    assert not [name for name in sys.modules if name.startswith("blog")]


def test_a_wrong_name_gets_the_right_one():
    with pytest.raises(ValueError, match="did you mean '03_routes'"):
        workbook.load("03_route")


# show


def test_a_page_is_a_window_with_its_words_beside_it(app, shown):
    workbook.show(app.test_client().get("/?a=1"), headers=["Content-Type"])
    plain, html = shown[0]["text/plain"], shown[0]["text/html"]
    assert plain == (
        "GET /?a=1 → 200 OK\nContent-Type: text/html; charset=utf-8\n\nA & B\none two\n- x"
    )
    assert 'sandbox=""' in html
    assert "&lt;h1&gt;A &amp;amp; B" in html
    assert ">A &amp; B\none two\n- x</iframe>" in html


def test_what_a_page_holds_cannot_leave_its_window(app, shown):
    page = "\"><script>x</script></iframe><b id='x'>&"
    app.add_url_rule("/evil", "evil", lambda: page)
    app.add_url_rule("/text", "text", lambda: Response(page, mimetype="text/plain"))
    workbook.show(app.test_client().get("/evil?<i>"), headers=["Content-Type"])
    workbook.show(app.test_client().get("/text"))
    for bundle in shown:
        assert "<script" not in bundle["text/html"]
        assert bundle["text/html"].count("</iframe>") <= 1
        assert "<i>" not in bundle["text/html"]


def test_links_of_a_page_lead_nowhere_and_its_doctype_stays_first(app, shown):
    app.get("/p")(lambda: "<!DOCTYPE html>\n<a href='/'>home</a>")
    workbook.show(app.test_client().get("/p"))
    inside = 'srcdoc="&lt;!DOCTYPE html&gt;&lt;base target=&quot;_blank&quot;&gt;'
    assert inside in shown[0]["text/html"]


@pytest.mark.parametrize("base", ["http://localhost", "http://localhost/blog"])
def test_a_window_has_the_stylesheet_and_the_images_in_it(shown, base):
    client = workbook.load("10_static_files").test_client()
    page = client.get("/about", base_url=base)
    workbook.show(page)
    workbook.show(page, static=False)
    dressed, bare = (bundle["text/html"] for bundle in shown)
    assert "color-scheme: light dark" in dressed
    assert "data:image/svg+xml;base64," in dressed
    assert "color-scheme" not in bare
    for html in (dressed, bare):
        assert "/static/" not in html, "the notebook's own server would be asked"


def test_a_redirect_shows_where_to(app, shown):
    workbook.show(app.test_client().get("/old"))
    assert shown[0]["text/plain"] == "GET /old → 302 FOUND\nLocation: /"


def test_followed_redirects_show_every_step(app, shown):
    workbook.show(app.test_client().get("/old", follow_redirects=True))
    first = shown[0]["text/plain"].splitlines()[:2]
    assert first == ["GET /old → 302 FOUND", "GET / → 200 OK"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"b": 1, "a": [2]}, '{"a":[2],"b":1}'),
        (("", 204), "(no body)"),
        (Response(b"\x89PNG", mimetype="image/png"), "(4 bytes of image/png)"),
        (Response("a\nb", mimetype="text/plain"), "a\nb"),
        (" ", "(an empty page)"),
    ],
)
def test_other_bodies_are_shown_as_what_they_are(app, shown, answer, words):
    app.get("/it")(lambda: answer)
    workbook.show(app.test_client().get("/it"))
    assert shown[0]["text/plain"].endswith(words)


def test_headers_that_change_are_shown_without_what_changes(app, shown):
    @app.get("/cookie")
    def cookie():
        response = Response("x", headers={"Allow": "POST, GET", "Date": "now"})
        response.set_cookie("a", "1", max_age=60)
        response.delete_cookie("b")
        return response

    response = app.test_client().get("/cookie")
    workbook.show(response, headers=["Allow", "Date", "Set-Cookie", "X-None"])
    assert shown[0]["text/plain"].splitlines()[1:5] == [
        "Allow: GET, POST",
        "Date: …",
        "Set-Cookie: a=1; Expires=…; Max-Age=60; Path=/",
        "Set-Cookie: b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/",
    ]


# source and changes


def test_source_shows_a_view_with_its_decorators(shown):
    app = workbook.load("03_routes")
    workbook.source(app, "index", "BLOG_NAME")
    workbook.source(app.view_functions["index"])
    workbook.source("page.py", "03_routes", "page")
    plain = shown[0]["text/plain"]
    assert plain.startswith(
        'solutions/03_routes/app.py\n\n@app.route("/")\n@app.route('
    )
    assert plain.endswith('\n\n\nBLOG_NAME = "Tea and Tracebacks"')
    assert "```python\n@app.route" in shown[1]["text/markdown"]
    assert shown[2]["text/plain"].startswith("solutions/03_routes/page.py\n\ndef page(")


def test_source_of_what_is_not_there_says_so():
    with pytest.raises(ValueError, match="nothing under the name 'nobody'"):
        workbook.source(workbook.load("03_routes"), "nobody")


def test_changes_are_a_diff_without_line_numbers(shown):
    workbook.changes("01_hello", "requirements.txt")
    lines = shown[0]["text/plain"].splitlines()
    assert "@@" in lines
    assert "+Flask==3.1.3" in lines
    workbook.changes("01_hello")
    assert "+++ app.py" in shown[1]["text/plain"]


# questions and errors


def test_a_prediction_offers_its_choices(shown):
    workbook.predict("What <b> comes?", "a & b", "nothing")
    assert shown[0]["text/plain"] == "Predict: What <b> comes?\n( ) a & b\n( ) nothing"
    assert shown[0]["text/html"].count('type="radio"') == 2
    assert "&lt;b&gt;" in shown[0]["text/html"]


def test_an_exercise_says_whether_it_is_done(app, capsys):
    workbook.is_it(app, lambda client: client.get("/").status_code == 200)
    workbook.is_it(app, lambda client: client.get("/none").status_code == 200)
    workbook.is_it(app, lambda client: client.get("/boom").status_code == 200)
    workbook.is_it(app, lambda client: client.nothing)
    assert capsys.readouterr().out.splitlines() == [
        "that is it",
        "not there yet",
        "not there yet (KeyError)",
        "not there yet (AttributeError)",
    ]


def test_an_exception_behind_a_500_is_shown(app, shown, capfd):
    workbook.error(app.test_client().get, "/boom")
    assert shown[0]["text/plain"] == "KeyError: 'title'"
    assert capfd.readouterr().err == ""


def test_an_exception_is_shown_with_the_lessons_own_lines(shown, monkeypatch):
    app = workbook.load("02_debug")
    workbook.module("02_debug", "app").ABOUT.clear()
    with workbook.error():
        app.test_client().get("/motto")
    lines = shown[0]["text/plain"].splitlines()
    assert lines[0] == "solutions/02_debug/app.py, in motto"
    assert lines[-1] == "KeyError: 'motto'"
    assert len(lines) == 3


def test_no_exception_is_told(app, capsys):
    workbook.error(app.test_client().get, "/")
    assert capsys.readouterr().out == "no exception came\n"


# commands, sockets, verdicts


def test_a_command_runs_in_a_copy(capsys):
    workbook.run("01_hello", 'python -c \'open("x", "w"); print(1); exit(3)\'')
    printed = capsys.readouterr().out
    assert printed.startswith("$ python -c ")
    assert printed.endswith("\n1\n(exit code 3)\n")
    assert not (workbook.SOLUTIONS / "01_hello" / "x").exists()


def note(number, word, go):
    from pathlib import Path

    Path(f"{number}.here").write_text(word)
    go()
    all_here = len(list(Path().glob("*.here"))) == 3
    Path(f"{number}.saw").write_text(f"{number}{all_here} ")


def test_processes_work_together():
    assert workbook.together(note, 3, "tea") == "tea0True tea1True tea2True "


def test_a_command_may_have_files_and_variables_and_show_its_end(capsys):
    command = (
        'python -c \'import os; print(1); print(os.environ["A"], open("x").read())\''
    )
    workbook.run("01_hello", command, {"x": "text"}, {"A": "b"}, last=1)
    printed = capsys.readouterr().out
    assert printed == f"$ A=b {command}\n…\nb text\n"


def test_a_server_answers_without_date_and_port(app):
    with workbook.serve(app) as server:
        answer = server.talk("GET /old HTTP/1.1\nX-Tea: green")
    assert answer.startswith("HTTP/1.1 302 FOUND\nContent-Type: text/html")
    assert not {"Date", "Server"} & {x.partition(":")[0] for x in answer.splitlines()}


def test_a_server_says_where_a_proxy_finds_it(app):
    with workbook.serve(app) as server, urlopen(server.origin) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("root", ["starters", "solutions"])
def test_check_shows_the_verdict_on_a_root(root, monkeypatch, capsys):
    folder = {"starters": workbook.starters(), "solutions": workbook.SOLUTIONS}[root]
    monkeypatch.setenv("WORKBOOK_ROOT", str(folder))
    workbook.check("1")
    first = capsys.readouterr().out
    workbook.check("01_hello")
    assert first == capsys.readouterr().out
    assert ("0 of 4" if root == "starters" else "4 of 4") in first
    assert "starters/" not in first
