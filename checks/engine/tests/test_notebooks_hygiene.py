"""Every stored notebook keeps the rules, and each rule sees what breaks it."""

import copy

import pytest

from checks.engine.notebooks import all_notebooks
from checks.engine.tests import notebook_rules as rules

MODEL = rules.read(all_notebooks()[0])


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", all_notebooks(), ids=lambda path: path.stem)
def test_a_notebook(path, rule):
    problems = list(rule(rules.read(path)))
    assert not problems, f"notebooks/{path.name}:\n  " + "\n  ".join(problems)


def markdown(text):
    return {"cell_type": "markdown", "id": "x", "metadata": {}, "source": text}


def edit(cell, **changes):
    """Return a break that changes the code cell with this number."""
    return lambda book: book.code[cell].update(changes)


def tagged(number, *tags, **more):
    return edit(number, metadata={"tags": list(tags), **more})


def stream(text, name="stdout"):
    return [{"output_type": "stream", "name": name, "text": text}]


def add(text):
    """Return a break that adds a text cell before the last."""
    return lambda book: book.cells.insert(-1, markdown(text))


def drop(word):
    """Return a break that takes out the cells that hold a word."""

    def broken(book):
        book.cells[:] = [c for c in book.cells if word not in rules.source(c)]

    return broken


BREAKS = {
    "another title": (lambda b: b.cells[0].update(source="# Hello"), "begin with `# 1"),
    "no summary": (lambda b: b.cells[0].update(source="# 1 · Hello"), "one line"),
    "no recap": (drop("## Recap"), "these headings"),
    "a step of its own": (add("## Step 9: Rest"), "as in the lesson's README"),
    "no questions": (drop("<details>"), "two folded questions"),
    "no next lesson": (drop("02_debug"), "the last cell links"),
    "no check": (drop("check("), "one cell is `check"),
    "shouting": (add("Well done!"), "no exclamation mark"),
    "too few cells": (lambda b: b.cells.__delitem__(slice(6, None)), "are right"),
    "a long cell": (edit(4, source="print()\n" * 9), "has 9 lines"),
    "not run": (edit(4, execution_count=None), "writes it anew"),
    "run out of order": (edit(4, execution_count=77), "writes it anew"),
    "stripped outputs": (edit(4, outputs=[]), "shows nothing"),
    "a warning": (edit(4, outputs=stream("oh", "stderr")), "stderr"),
    "a traceback": (edit(4, outputs=[{"output_type": "error"}]), "by error(…)"),
    "a path": (edit(4, outputs=stream(f"see /{'home'}/me/x.py")), "next machine"),
    "a port": (edit(4, outputs=stream("on 127.0.0.1:43211")), "next machine"),
    "an address": (edit(4, outputs=stream("<X at 0x7f00aa>")), "next machine"),
    "a date": (
        edit(4, outputs=stream("Sun, 22 Nov 2026 15:00:00 GMT")),
        "next machine",
    ),
    "a year": (edit(4, outputs=stream("© 2026 My blog")), "next machine"),
    "a magic": (edit(4, source="%%writefile app.py\n1"), "no plain Python"),
    "a shell": (edit(4, source="!flask run"), "no plain Python"),
    "a question": (edit(4, source="app?"), "no plain Python"),
    "a skip": (tagged(4, "nbval-skip"), "no tags"),
    "an ignore": (tagged(4, "nbval-ignore-output"), "no tags"),
    "a fold by hand": (edit(4, metadata={"collapsed": True}), "its metadata"),
    "an unfolded solution": (tagged(-2, "solution"), "its metadata"),
    "another kernel": (lambda b: b.content["metadata"].update(x=1), "metadata"),
    "a double id": (edit(4, id=MODEL.code[3]["id"]), "ids"),
    "a broken link": (add("[x](nowhere.md)"), "leads nowhere"),
    "a broken image": (add("![x](nowhere.svg)"), "leads nowhere"),
    "an absolute link": (add("[x](/etc/hosts)"), "leads nowhere"),
    "an open question": (tagged(2), "hide-input"),
    "an open answer": (tagged(3), "hide-output"),
    "no prediction": (drop("predict("), "at least one prediction"),
    "no exercise": (drop("kitchen = "), "at least one exercise"),
    "no solution": (drop("# One solution"), "the next code cell is its solution"),
    "solved at first": (edit(-3, outputs=stream("that is it")), "fails at first"),
    "unsolved": (edit(-2, outputs=stream("not there yet")), "does not solve it"),
    "another test": (edit(-2, source="is_it(kitchen, bool)"), "the same is_it"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_notebook_is_told_how_to_be_repaired(name):
    broken, words = BREAKS[name]
    book = rules.Notebook(MODEL.lesson, MODEL.folder, copy.deepcopy(MODEL.content))
    broken(book)
    problems = [problem for rule in rules.RULES for problem in rule(book)]
    assert any(words in problem for problem in problems), problems
