"""Who has handed in much the same: found whatever it is called, and nobody else."""

import io
import tokenize

import pytest

from checks.engine import starters
from checks.engine.grading import exports, fingerprints, identical, similar
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.results import Results
from checks.engine.lessons import SOLUTIONS, code_of, files_of

LESSON = "17_blog"
# One task, done by three who did not meet: a slug, a shelf of tags, neighbours, a feed.
ADA = '''
def slug_of(title):
    """Return the words of a title, joined."""
    kept = []
    for letter in title.lower():
        if letter.isalnum():
            kept.append(letter)
        elif kept and kept[-1] != "-":
            kept.append("-")
    return "".join(kept).strip("-")


def shelf(posts):
    """Return the tags with their posts."""
    found = {}
    for post in posts:
        for tag in sorted(set(post["tags"])):
            if tag not in found:
                found[tag] = []
            found[tag].append(post["id"])
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def neighbours(posts, post_id):
    """Return the post before and the post after."""
    before, after, seen = None, None, False
    for post in sorted(posts, key=lambda each: each["date"]):
        if seen:
            after = post
            break
        if post["id"] == post_id:
            seen = True
        else:
            before = post
    return before, after
'''
BEA = """
import re
from itertools import groupby, pairwise


def slug_of(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "post"


def shelf(posts):
    both = sorted((tag, post["id"]) for post in posts for tag in post["tags"])
    grouped = groupby(both, key=lambda pair: pair[0])
    return {tag: [number for _, number in pairs] for tag, pairs in grouped}


def neighbours(posts, post_id):
    ordered = [None, *sorted(posts, key=lambda post: post["date"]), None]
    for (left, middle), (_, right) in pairwise(pairwise(ordered)):
        if middle["id"] == post_id:
            return left, right
    return None, None
"""
CLEO = """
import unicodedata
from collections import Counter, defaultdict


class Shelf:
    def __init__(self, posts):
        self.posts = {post["id"]: post for post in posts}
        self.order = [p["id"] for p in sorted(posts, key=lambda p: p["date"])]
        self.tags = Counter(tag for post in posts for tag in post["tags"])

    def around(self, post_id):
        at = self.order.index(post_id)
        older = self.posts[self.order[at - 1]] if at else None
        newer = None if at + 1 == len(self.order) else self.posts[self.order[at + 1]]
        return older, newer

    def by_tag(self):
        result = defaultdict(set)
        while self.tags:
            tag, _ = self.tags.popitem()
            result[tag] |= {i for i, post in self.posts.items() if tag in post["tags"]}
        return result


def slug_of(title):
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join(word for word in plain.lower().split() if word.isascii())
"""


def renamed(code):
    """Return code with other names, other texts, other comments and blank lines."""
    words = {
        "slug_of": "nice",
        "shelf": "racks",
        "found": "zz",
        "kept": "out",
        "post": "x",
    }
    words |= {
        "letter": "c",
        "posts": "items",
        "title": "t",
        "tag": "label",
        "seen": "hit",
    }
    told = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        told.append((token.type, words.get(token.string, token.string)))
    text = tokenize.untokenize(told).replace('"""Return', '"""Give back')
    return text.replace("\n    return", "\n\n    # and back\n    return")


def reordered(code):
    """Return code whose functions stand in another order."""
    first, *rest = code.split("\n\n\n")
    return "\n\n\n".join([*reversed(rest), first])


def handed_in(own):
    """Return a submission: the starter, with code of somebody's own."""
    files = dict(starters.starter(LESSON))
    files["app.py"] += own.encode()
    return {LESSON: fingerprints.of(LESSON, files)}


HONEST = {"ada": handed_in(ADA), "bea": handed_in(BEA), "cleo": handed_in(CLEO)}
COPIES = {
    "word for word": ADA,
    "renamed": renamed(ADA),
    "reordered": reordered(ADA),
    "both": reordered(renamed(ADA)),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=[*COPIES])
def test_a_copy_is_found_and_nobody_else(copy):
    assert copy == ADA or copy not in ADA
    (pair,) = similar.pairs({**HONEST, "zoe": handed_in(copy)}, [LESSON])
    assert (pair.student, pair.other, pair.lesson) == ("ada", "zoe", LESSON)
    assert pair.share > 0.7


def test_those_who_did_not_meet_are_no_pair():
    assert similar.pairs(HONEST, [LESSON]) == []


def test_the_spans_lead_to_the_lines():
    files = dict(starters.starter(LESSON))
    begin = files["app.py"].count(b"\n") + 1
    files["app.py"] = b"# mine\n" * 10 + files["app.py"] + renamed(ADA).encode()
    zoe = {LESSON: fingerprints.of(LESSON, files)}
    (pair,) = similar.pairs({**HONEST, "zoe": zoe}, [LESSON])
    span = pair.spans[0]
    assert (span.file, span.other_file) == ("app.py", "app.py")
    # A run may begin in the last lines of the starter.
    assert begin - 6 <= span.first < span.last <= begin + ADA.count("\n")
    assert begin + 4 <= span.other_first < span.other_last
    assert span.last - span.first > 15
    assert pair.told("zoe").startswith("much like ada in 17_blog: app.py:")
    assert str(span) in pair.told("ada") and str(span.turned) in pair.told("zoe")


def test_the_starter_and_the_solution_are_nobodys_own():
    assert fingerprints.of(LESSON, starters.starter(LESSON)) == {}
    solution = code_of(files_of(SOLUTIONS / LESSON))
    assert fingerprints.of(LESSON, solution) == {}
    shuffled = reordered(solution["app.py"].decode()).encode()
    left = fingerprints.of(LESSON, {"app.py": shuffled})
    assert len(left["app.py"]) < len(fingerprints.prints(shuffled)) / 5


def test_what_most_of_a_class_has_weighs_nothing():
    taught = {f"student {n}": handed_in(ADA + f"\nx = {[n] * n}\n") for n in range(12)}
    assert similar.pairs(taught, [LESSON]) == [], "the teacher showed it to all"
    two = {name: taught[name] for name in [*taught][:2]}
    others = {f"other {n}": handed_in(BEA + f"\nx = {[n] * n}\n") for n in range(9)}
    found = similar.pairs({**two, **others}, [LESSON])
    assert [pair.share > 0.7 for pair in found] == [True]


def test_what_has_not_changed_is_not_compared_again(tmp_path, monkeypatch):
    book = Gradebook(tmp_path / "week.gradebook")
    handed = {**HONEST, "zoe": handed_in(renamed(ADA))}
    first = similar.kept(book, handed, [LESSON])
    assert len(first) == 1 and first == similar.pairs(handed, [LESSON])
    compared = []
    monkeypatch.setattr(similar, "pairs", lambda *given: compared.append(given) or [])
    assert similar.kept(book, handed, [LESSON]) == first and compared == []
    assert similar.kept(book, HONEST, [LESSON]) == [] and len(compared) == 1
    book.close()


def test_only_projects_are_compared():
    alike = {name: {"03_routes": HONEST["ada"][LESSON]} for name in ("ada", "zoe")}
    assert similar.pairs(alike, ["03_routes"]) == []


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"# coding: hex\n", b"'''"])
def test_what_is_no_python_has_no_prints(raw):
    assert fingerprints.of(LESSON, {"app.py": raw}) == {}


def test_a_large_hand_in_is_read_up_to_a_bound():
    lines = (f"x{n} = [{n}] * {n} + [{', '.join('a' * (n % 40))}]" for n in range(3000))
    large = "\n".join(lines).encode()
    found = fingerprints.of(LESSON, {"app.py": large, "b.py": large})
    assert 0 < sum(map(len, found.values())) <= fingerprints.MOST_KEPT
    beyond = fingerprints.of(LESSON, {"app.py": large * 10})
    assert beyond == {}, "a file that is too large is not read"


def test_it_is_told_in_the_table_the_pages_and_a_csv(tmp_path):
    book = Gradebook(tmp_path / "week.gradebook")
    for name, prints in {**HONEST, "zoe": handed_in(renamed(ADA))}.items():
        book.save(name, {"prints": prints, "path": name}, [])
    course = Course(lessons=(LESSON,))
    names = ["ada", "bea", "cleo", "zoe"]
    results = Results(course, names, book, {LESSON: []}, {}, {})
    book.close()
    alike = [
        name
        for name, found in results.looks.items()
        if "similar" in [look.word for look in found]
    ]
    assert alike == ["ada", "zoe"]
    head, row, *_ = exports.similar(results).splitlines()
    assert head.startswith("lesson,student,lines,other")
    assert row.startswith("17_blog,ada,app.py:") and ",zoe,app.py:" in row


# The published solution.


def test_a_solution_with_other_names_is_the_published_one_where_there_is_much_of_it():
    files = code_of(files_of(SOLUTIONS / LESSON))
    text = files["app.py"].decode()
    assert identical.to_solution(LESSON, files)
    other = text.replace("slug", "nice").replace("found", "gathered")
    assert other != text
    assert identical.to_solution(LESSON, {**files, "app.py": other.encode()})
    less = other.replace("[::-1]", "[::1]", 1).replace("return", "return None or", 1)
    assert not identical.to_solution(LESSON, {**files, "app.py": less.encode()})


def test_where_there_is_little_of_it_the_words_must_be_the_same():
    files = code_of(files_of(SOLUTIONS / "03_routes"))
    other = files["app.py"].replace(b"authors", b"writers")
    assert identical.to_solution("03_routes", files)
    assert not identical.to_solution("03_routes", {**files, "app.py": other})
