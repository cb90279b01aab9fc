"""The blog's feed, read by the library that programs read feeds with."""

import datetime

import feedparser
import pytest

from checks.engine.judging.code import Code
from checks.engine.judging.trial import Trial
from checks.engine.judging.unseen import Unseen
from checks.engine.tests.content import LESSONS, solution_files
from checks.engine.worker.process import Worker

# Every lesson whose blog has a feed, from lesson 17 on.
FED = [name for name in LESSONS[16:] if "app.py" in solution_files(name)]


@pytest.fixture
def read():
    """Read the feed of a lesson's solution, with posts of the test's own."""
    worker, trials = Worker(), []

    def read(name, posts, base="http://localhost"):
        trial = Trial(Code(worker, solution_files(name)), f"solutions/{name}", "feed")
        trials.append(trial)
        client = trial.make_app(posts=posts).test_client()
        response = client.get("/feed.xml", base_url=base)
        assert response.mimetype == "application/atom+xml"
        feed = feedparser.parse(response.data)
        assert not feed.bozo, feed.bozo_exception
        assert feed.version == "atom10"
        return feed, client

    yield read
    for trial in trials:
        trial.close()
    worker.close()


@pytest.mark.parametrize("name", FED)
def test_a_feed_reader_understands_every_entry(read, name):
    posts = Unseen("feed").posts(3)
    posts[0]["title"] = title = "Tea & <b>biscuits</b> “for two”"
    posts[1]["author"] = "Zoë <Ada>"
    feed, _ = read(name, posts, "https://blog.example")
    newest_first = sorted(posts, key=lambda post: post["date"], reverse=True)
    days = [day(entry) for entry in feed.entries]
    assert days == [post["date"] for post in newest_first]
    assert feed.entries[-1].title_detail.type == "text/plain"
    assert feed.entries[-1].title == title
    assert feed.entries[1].author == "Zoë <Ada>"
    assert all(entry.link.startswith("https://blog.example/") for entry in feed.entries)
    assert len({entry.id for entry in feed.entries}) == 3
    assert feed.feed.title and feed.feed.id and feed.feed.updated


@pytest.mark.parametrize("name", FED)
def test_the_feed_of_an_empty_blog_is_a_feed(read, name):
    feed, _ = read(name, [])
    assert feed.entries == [] and feed.feed.title


@pytest.mark.parametrize("name", FED)
def test_a_post_without_a_date_does_not_break_the_feed(read, name):
    posts = Unseen("undated").posts(2)
    posts[1]["date"] = None
    feed, client = read(name, posts)
    for entry in feed.entries:
        assert client.get(entry.link).status_code == 200


def day(entry):
    """Return the day of an entry."""
    return datetime.date(*entry.updated_parsed[:3])
