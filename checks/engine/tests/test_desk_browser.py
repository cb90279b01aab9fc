"""The desk in a real browser: it goes along with the editor, and nobody gets in."""

import contextlib
import json
import subprocess
import sys
import urllib.request
from importlib.resources import files

import pytest

from checks.engine.browser import browser
from checks.engine.lessons import TOP
from checks.engine.tests.small import SOLVED, STARTERS, Workbook, wait_until
from checks.engine.tests.test_browser import COLOURS, TOO_FAINT

APP = "lessons/01_hello/app.py"
STARTER = STARTERS["01_hello"]["app.py"]
HALF = STARTER.replace("nothing", "hello")
CRASH = STARTER.replace('return "nothing"', 'return {}["tea"]')
SUMMARY = "document.querySelector('#summary').innerText"
VERDICT = "document.querySelector('#verdict').innerText"
TOP_OF = "document.querySelector('#{}').getBoundingClientRect().top"
FRAMES = "!document.querySelector('#frame').hidden"
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def page(needs_chromium):
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def lesson(model, tmp_path_factory):
    """Lesson 1, running, for all tests of this module."""
    with Workbook(model, tmp_path_factory.mktemp("desk") / "a workbook") as small:
        running = small.start("lesson", "1")
        running.until("0 of 2", "next:")
        running.workbook = small
        yield running


@pytest.fixture
def desk(page, lesson):
    """The desk of the untouched lesson 1, open and seen by nobody before."""
    (lesson.workbook.top / ".workbook" / "progress.json").unlink(missing_ok=True)
    save(lesson, STARTER)
    look(page, lesson)
    page.until(f"{SUMMARY}.includes('0 of 2') && {VERDICT}.includes('expected')")
    return page


def save(lesson, text):
    """Save the app as an editor does."""
    lesson.workbook.write(APP, text)


def shown(lesson):
    """Return the page of the desk as a browser would get it now."""
    with urllib.request.urlopen(lesson.desk) as answer:
        return answer.read().decode()


def look(page, lesson, width=1400, path="/", **more):
    """Open a page of the desk."""
    page.open(lesson.desk + path, width, **more)


def own_complaints(page, lesson):
    """Return what the console says of the desk.

    That the app crashes is meant, and so is the end of the desk that was open before.
    """
    told = page.complaints()
    return [text for text in told if lesson.desk in text or "127.0.0.1" not in text]


def test_a_save_ticks_its_step_while_nobody_touches_the_page(desk, lesson):
    assert desk.value("document.querySelector('#mark-1').innerText") == "not yet"
    save(lesson, HALF)
    desk.until("document.querySelector('#mark-1').innerText === 'ok'")
    desk.until(f"{SUMMARY}.includes('1 of 2')")
    assert desk.value("document.title").startswith("■□ 1 of 2")
    save(lesson, SOLVED)
    desk.until(f"{VERDICT}.includes('Every step is done')")
    assert "make lesson 2" in desk.value(VERDICT)
    desk.until(
        "document.querySelector('#rail [aria-current] .count').innerText === 'done'"
    )
    assert not own_complaints(desk, lesson)


def test_a_mistake_is_explained_with_the_lines_around_it(desk, lesson):
    save(lesson, CRASH)
    desk.until(f"{VERDICT}.includes(\"KeyError: 'tea'\")")
    meant = desk.value("document.querySelector('.row.meant').innerText")
    assert 'return {}["tea"]' in meant
    desk.value("document.querySelector('#exchange summary').click()")
    assert "500" in desk.value("document.querySelector('#exchange').innerText")
    spoken = desk.until("document.querySelector('#said').textContent")
    assert spoken.startswith("0 of 2 steps ok. Step 1, Say hello: not yet.")
    save(lesson, STARTER.replace("nothing", "hallo"))
    desk.until(f"{VERDICT}.includes(\"expected to see 'hello'\")")
    assert desk.value("document.querySelector('#exchange').open"), "it stays unfolded"
    save(lesson, "def (\n")
    desk.until(f"{VERDICT}.includes('SyntaxError')")


def test_an_app_that_ends_and_comes_back(desk, lesson):
    desk.until(f"{FRAMES}")
    save(lesson, "raise SystemExit(4)\n")
    ended = "document.querySelector('#app').innerText.includes('has ended')"
    desk.until(f"{ended} && !({FRAMES})")
    save(lesson, SOLVED)
    desk.until(f"{SUMMARY}.includes('2 of 2') && {FRAMES}")
    desk.until("document.querySelector('#log').textContent.includes('GET /')")


def test_the_reader_keeps_the_place(desk, lesson):
    look(desk, lesson, 360, height=400)
    desk.value(
        "document.querySelector('#step-2').scrollIntoView({behavior: 'instant'})"
    )
    before = desk.value(TOP_OF.format("step-2"))
    tall = desk.value("document.body.scrollHeight")
    save(lesson, CRASH)
    desk.until(f"{VERDICT}.includes('KeyError')")
    assert desk.value("document.body.scrollHeight") != tall, "the verdict has grown"
    assert abs(desk.value(TOP_OF.format("step-2")) - before) <= 2


def test_hints_and_the_solution_by_mouse(desk, lesson):
    desk.value("document.querySelector('#hint').click()")
    desk.until(
        "document.querySelector('#help').innerText.includes('The first idea of step 1')"
    )
    assert "The second" not in desk.value("document.querySelector('#help').innerText")
    desk.value("document.querySelector('#ask').click()")
    desk.until("!!document.querySelector('#sure')")
    assert not desk.value("!!document.querySelector('.sides')")
    desk.value("document.querySelector('#sure').click()")
    desk.until("document.querySelector('#help').innerText.includes('Are you sure')")
    desk.value("document.querySelector('#sure').click()")
    desk.until("!!document.querySelector('.sides')")
    assert "My own blog" in desk.value("document.querySelector('.sides').innerText")
    desk.value("document.querySelector('#away').click()")
    desk.until("!document.querySelector('.sides')")
    assert not own_complaints(desk, lesson)


def test_what_was_drawn_before_does_not_undo_what_is_newer(desk, lesson):
    desk.value(
        "fetch('/parts?want=verdict').then((old) => old.text()).then((html) => {"
        " window.old = html; byId('hint').click(); })"
    )
    told = "byId('help').innerText.includes('The first idea')"
    desk.until(told)
    desk.value("place(old)")
    assert desk.value(told)


def test_all_of_it_by_keyboard(desk, lesson):
    desk.press("Tab")
    assert desk.value("document.activeElement.className") == "skip"
    desk.press("h")
    desk.until("document.querySelector('#help').innerText.includes('The first idea')")
    desk.press("2")
    desk.until("location.hash === '#step-2'")
    desk.press("?")
    desk.until("document.querySelector('#keys').open")
    desk.press("h")
    desk.press("Escape")
    desk.until("!document.querySelector('#keys').open")
    assert "The second" not in desk.value("document.querySelector('#help').innerText")
    desk.press("a")
    desk.until("document.activeElement.id === 'show'")
    for letter in "/name":
        desk.press(letter)
    desk.press("Enter")
    desk.until("document.querySelector('#preview').src.endsWith('/name')")
    desk.value("document.activeElement.blur()")
    desk.press("s")
    desk.until("!!document.querySelector('#sure')")
    desk.press("s")
    desk.value("document.querySelector('#not-now').focus()")
    desk.press("Enter")
    desk.until("!document.querySelector('#sure')")
    desk.until("!!document.activeElement.closest('#help')")


def test_the_address_follows_the_frame(desk, lesson):
    link = HALF.replace('"hello"', "\"hello <a href='/name'>name</a>\"")
    desk.value(
        "const seen = saves; let fresh = false;"
        "frame.addEventListener('load', () => (fresh ||= saves !== seen))"
    )
    save(lesson, link)
    desk.until("fresh")
    desk.until("document.querySelector('#show').value === '/'")
    desk.value("document.querySelector('#preview').src += 'name'")
    desk.until("document.querySelector('#show').value === '/name'")
    assert desk.value("document.querySelector('#out').href").endswith("/name")


def test_the_address_is_not_that_of_a_request_from_before(desk, lesson):
    lesson.get("/name?before")
    desk.until("document.querySelector('#log').textContent.includes('/name?before')")
    look(desk, lesson)
    desk.value("loaded = Date.now(); showAddress()")
    assert desk.value("address.value") == "/"


def test_the_page_knows_at_once_which_save_its_frame_shows(desk, lesson):
    look(desk, lesson)
    assert desk.value("saves === byId('app').dataset.saves")


FORBIDDEN = """

@app.after_request
def harden(response):
    response.headers["X-Frame-Options"] = "DENY"
    return response
"""


def test_an_app_that_forbids_frames_is_linked(desk, lesson):
    save(lesson, HALF + FORBIDDEN)
    desk.until(
        "document.querySelector('#app').innerText.includes('X-Frame-Options: DENY')"
    )
    assert not desk.value(FRAMES)
    assert "__workbook__" not in lesson.text, (
        "how that was found out is no one's concern"
    )
    save(lesson, HALF)
    desk.until(FRAMES)


HOSTILE = (
    HALF.replace('return "hello"', "return HTML")
    + '''

DESK = "{desk}"
HTML = """hello <script>
const tries = {{
  read: async () => (await fetch(DESK + "/")).text(),
  blind: async () => {{ if (!(await (await fetch(DESK + "/", {{mode: "no-cors"}})).text())) throw 1; }},
  post: async () => {{
    const answer = await fetch(DESK + "/solution", {{method: "POST", body: new URLSearchParams({{do: "ask"}})}});
    if (!answer.ok) throw 1;
  }},
  parent: async () => parent.document.title,
  top: async () => {{ top.location = "/gone"; await new Promise((end) => setTimeout(end, 300)); throw 1; }},
  events: () => new Promise((good, bad) => {{
    const source = new EventSource(DESK + "/events");
    source.onmessage = good;
    source.onerror = bad;
  }}),
}};
const DESK = "{desk}";
const told = {{}};
(async () => {{
  for (const [name, attempt] of Object.entries(tries))
    told[name] = await attempt().then(() => "got in", () => "kept out");
  await fetch("/told", {{method: "POST", body: JSON.stringify(told)}});
}})();
</script>"""
TOLD = []


@app.route("/told", methods=["GET", "POST"])
def told():
    from flask import request

    TOLD.append(request.get_data(as_text=True)) if request.method == "POST" else None
    return TOLD[-1] if TOLD else ""
'''
)


def test_a_script_in_the_learners_page_cannot_reach_the_desk(desk, lesson):
    save(lesson, HOSTILE.format(desk=lesson.desk))
    desk.until(f"{SUMMARY}.includes('1 of 2')")

    def told():
        with contextlib.suppress(OSError):
            return lesson.get("/told")

    wait_until(told, lambda: lesson.text)
    assert json.loads(told()) == dict.fromkeys(
        ["read", "blind", "post", "parent", "top", "events"], "kept out"
    )
    assert desk.value("location.origin") == lesson.desk
    assert not desk.value("!!document.querySelector('#sure')")


def test_a_name_that_was_bound_to_this_machine_is_refused(page, lesson):
    address = lesson.desk.replace("127.0.0.1", "desk.localhost")
    page.open(address, 800)
    assert "answers to its own address" in page.value("document.body.innerText")
    assert not page.value("!!document.querySelector('#verdict')")


def test_without_javascript_it_is_a_plain_page(page, lesson):
    (lesson.workbook.top / ".workbook" / "progress.json").unlink(missing_ok=True)
    save(lesson, STARTER)
    wait_until(
        lambda: "idea of step" not in shown(lesson) and "0 of 2" in shown(lesson)
    )
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        look(page, lesson)
        assert "Say hello" in page.value("document.querySelector('.text').innerText")
        assert "reload it" in page.value("document.querySelector('noscript').innerText")
        page.value("document.querySelector('#hint').click()")
        page.until(
            "document.querySelector('#help')?.innerText.includes('idea of step')"
        )
        assert page.value("location.hash") == "#help"
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)


SERVE = """
import sys
from pathlib import Path
from checks.engine.desk.board import Board
from checks.engine.desk.factory import create_app
from checks.engine.desk.serving import server
from checks.engine.learner.green import Green
from checks.engine.learner.running import listen
from checks.engine.learner.state import Memory
from checks.engine.lessons import find

folder, port = Path(sys.argv[1]), int(sys.argv[2])
board = Board(find("03_routes"), Green("03_routes", folder))
with listen(port) as sock:
    app = create_app(board, Memory(print, folder / "progress.json"), port)
    server(app, sock).serve_forever()
"""
FREE = 45051  # far from all that takes the next free port


def test_a_desk_that_went_away_comes_back_by_itself(page, tmp_path):
    command = [sys.executable, "-c", SERVE, str(tmp_path), str(FREE)]
    gone = "!document.querySelector('#gone').hidden"

    def answers():
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{FREE}/")

    runs = []
    for _ in range(2):
        with subprocess.Popen(command, cwd=TOP) as process:
            wait_until(answers)
            if not runs:
                page.open(f"http://127.0.0.1:{FREE}/", 800)
            page.until(
                f"document.body.dataset.now !== {json.dumps(runs[-1:] and runs[-1])}"
            )
            page.until(f"!({gone}) && !document.querySelector('#keys-button').hidden")
            runs.append(page.value("document.body.dataset.now"))
            process.kill()
        page.until(gone)
    assert runs[0] != runs[1]


PATHS = ["/", "/progress", "/lessons/02_url_for/"]


@pytest.mark.parametrize("path", PATHS)
def test_it_fits_and_can_be_read_light_and_dark(page, lesson, path):
    save(lesson, CRASH)
    look(page, lesson, path=path)
    if path == "/":
        page.until(f"{VERDICT}.includes('KeyError')")
    colours = set()
    for dark in ("light", "dark"):
        for contrast in ("no-preference", "more"):
            page.wish(prefers_color_scheme=dark, prefers_contrast=contrast)
            for width in (360, 800, 1400):
                page.resize(width, 800)
                assert page.value(TOO_WIDE) <= 0, (width, dark)
                assert not page.value(TOO_FAINT), (width, dark, contrast)
        colours.add(page.value(COLOURS))
    assert len(colours) == 2
    assert page.value("document.querySelectorAll('h1').length") == 1
    assert not own_complaints(page, lesson)


def test_who_wants_no_motion_gets_none(page, lesson):
    look(page, lesson)
    motion = "getComputedStyle(document.documentElement).scrollBehavior"
    page.wish(prefers_reduced_motion="reduce")
    assert page.value(motion) == "auto"
    page.wish(prefers_reduced_motion="no-preference")
    assert page.value(motion) == "smooth"


AXE = files("axe_core_python").joinpath("axe.min.js").read_text
SERIOUS = """
axe.run({iframes: false}).then(result => window.found = result.violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => each.id + ": " + each.nodes.map(node => node.html).join(" | ")))
"""


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(page, lesson, path):
    save(lesson, CRASH)
    look(page, lesson, path=path)
    if path == "/":
        page.until(f"{VERDICT}.includes('KeyError')")
        page.value("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.value(AXE(encoding="utf-8"))
    for dark in ("light", "dark"):
        page.wish(prefers_color_scheme=dark)
        page.value(f"delete window.found; {SERIOUS}")
        page.until("window.found !== undefined")
        assert page.value("window.found") == [], dark


def test_more_tabs_than_a_browser_has_lines_and_the_one_in_front_catches_up(
    desk, lesson
):
    tabs = [
        desk.call("Target.createTarget", url=lesson.desk)["targetId"] for _ in range(8)
    ]

    def titles():
        infos = desk.call("Target.getTargets")["targetInfos"]
        return [info["title"] for info in infos if info["targetId"] in tabs]

    try:
        wait_until(lambda: all(t.startswith("□□ 0 of 2") for t in titles()), titles)
        assert desk.value("document.hidden"), "another tab is in front"
        save(lesson, HALF)
        wait_until(lambda: "■□ 1 of 2 · 1 · Hello · Flask workbook" in titles(), titles)
        assert "0 of 2" in desk.value(SUMMARY), "nobody looks at this one"
        desk.call("Page.bringToFront")
        desk.until(f"{SUMMARY}.includes('1 of 2')")
    finally:
        for tab in tabs:
            desk.call("Target.closeTarget", targetId=tab)


def test_the_page_asks_nobody_else(page, lesson):
    look(page, lesson)
    page.until(FRAMES)
    own = (lesson.desk, f"http://127.0.0.1:{lesson.port}")
    assert [address for address in page.asked() if not address.startswith(own)] == []
    with urllib.request.urlopen(lesson.desk) as answer:
        assert "Set-Cookie" not in answer.headers
