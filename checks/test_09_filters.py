"""Lesson 9, Filters: does a card say when, what about, and how well liked?"""

import re

import pytest

from checks.pages import parse, seen

ASK_THE_FILTER = """
from flask import render_template_string
from flask.cli import ScriptInfo

app = ScriptInfo(app_import_path="app").load_app()
with app.test_request_context():
    page = render_template_string("{{ amount | money }}", amount=%r)
page.strip()
"""


@pytest.mark.step(1)
def test_tips_have_thousands_and_two_decimals(make_app, unseen):
    tips = [0, 9.5, unseen.number() + 0.25, unseen.number() * 10_007]
    posts = unseen.posts(4)
    for post, amount in zip(posts, tips, strict=True):
        post["tips"] = amount
    home = home_page(make_app(posts=posts))
    rule = "an amount: a dollar sign, commas between thousands, two decimals"
    assert amounts(home) == [f"${amount:,.2f}" for amount in tips], rule


@pytest.mark.step(1)
def test_any_template_can_use_the_filter_money(python, unseen):
    amount = unseen.number(1000, 99_999) + 0.5
    answer = parse(python(ASK_THE_FILTER % amount) or "").text
    rule = f"{{{{ {amount} | money }}}} should be that amount in any template"
    assert answer in (f"{amount:,.2f}", f"${amount:,.2f}"), rule


@pytest.mark.step(2)
def test_a_post_without_a_date_says_so(make_app, unseen):
    posts = unseen.posts(3)
    posts[0]["date"] = None
    home = home_page(make_app(posts=posts))
    assert "None" not in home, "a visitor should never read None"
    assert "No date" in home
    rule = "of three posts only one has no date"
    assert home.count("No date") == 1, rule


@pytest.mark.step(2)
def test_a_date_stays_a_date(make_app, unseen):
    posts = unseen.posts(3)
    posts[2]["date"] = None
    home = home_page(make_app(posts=posts))
    for post in posts[:2]:
        assert post["date"].isoformat() in home


@pytest.mark.step(3)
def test_tags_are_joined_in_small_letters(make_app, unseen):
    posts = unseen.posts(2)
    posts[0]["tags"] = [unseen.word().title(), unseen.word().upper(), unseen.word()]
    home = home_page(make_app(posts=posts))
    for post in posts:
        tags = ", ".join(post["tags"]).lower()
        assert f"Tags: {tags}" in home
        assert f"{tags}," not in home, "a comma stands between two tags, not at the end"


@pytest.mark.step(3)
def test_a_tag_stays_text(make_app, unseen):
    posts = unseen.posts(1)
    posts[0]["tags"] = tags = [f"{unseen.word()} & <b>", f"{unseen.word()}'s"]
    app = make_app(posts=posts)
    home = home_page(app)
    rule = "a tag should arrive as text, even one that looks like HTML"
    assert tags[0] not in app.test_client().get("/").text, rule
    assert f"Tags: {', '.join(tags)}" in home


@pytest.mark.step(4)
def test_a_long_summary_is_cut_behind_a_word(make_app, unseen):
    posts = unseen.posts(2)
    begin = sentence(unseen, 28) + " <b> & <i> & <u> &"
    long = unseen.word() + unseen.word()
    posts[0]["summary"] = summary = f"{begin} {long} {sentence(unseen, 60)}"
    home = home_page(make_app(posts=posts))
    whole = summary in home
    assert not whole, f"a card holds 60 characters, and here are all {len(summary)}"
    shown, mark = cut(home, summary)
    assert mark, f"only a part of {summary!r} is there, without … or ... behind it"
    assert shown == begin, "of 60 characters, as many whole words as fit should be left"


@pytest.mark.step(4)
@pytest.mark.parametrize("length", [66, 90])
def test_a_summary_of_more_than_65_characters_is_cut(make_app, unseen, length):
    posts = unseen.posts(2)
    posts[0]["summary"] = summary = sentence(unseen, length)
    whole = summary in home_page(make_app(posts=posts))
    assert not whole, f"{summary!r} has {length} characters, so it should be cut"


@pytest.mark.step(4)
@pytest.mark.parametrize("length", [20, 60])
def test_a_short_summary_stays_whole(make_app, unseen, length):
    posts = unseen.posts(2)
    posts[0]["summary"] = summary = sentence(unseen, length)
    home = home_page(make_app(posts=posts))
    assert summary in home, f"it has {length} characters, so all of it fits"
    _, mark = cut(home, summary)
    assert not mark, f"behind {summary!r} stands {mark}, though nothing is cut off"


def home_page(app):
    """Return what a visitor reads on the home page, from the first card on."""
    response = app.test_client().get("/")
    assert response.status_code == 200
    return seen(response).rpartition("Posts so far: ")[2]


def amounts(text):
    """Return every word that begins with a dollar sign."""
    return re.findall(r"\$\S*", text)


def sentence(unseen, length):
    """Return words that have this length together."""
    words = " ".join(unseen.word() for _ in range(length // 8))
    return words[:length].rstrip().ljust(length, "x")


def cut(text, summary):
    """Return how much of a summary the text has, and the mark behind it, if any."""
    assert summary[:12] in text
    rest = text[text.index(summary[:12]) :][: len(summary) + 4]
    found = re.match(r"(.*?)\s?(…|\.\.\.)", rest)
    return found.groups() if found else (rest, "")
