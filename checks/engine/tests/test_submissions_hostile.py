"""Archives that are made to cost the grader its time or its memory, or its run."""

import pytest

from checks.engine.grading import archives, identical, submissions
from checks.engine.grading.submissions import Unreadable, read
from checks.engine.redteam import packing, tars
from checks.engine.redteam.families import honest

LESSON = "03_routes"


def pack(tmp_path, form):
    """Hand in an honest lesson in one of the red team's forms; return the submission."""
    given = honest(LESSON)
    packing.FORMS[form](given, tmp_path / "ada")
    return read(next(tmp_path.iterdir()), [LESSON])


@pytest.mark.parametrize("form", ["extended header", "long name", "holes", "old holes"])
def test_a_header_of_a_tar_is_never_read_at_any_length(tmp_path, monkeypatch, form):
    monkeypatch.setattr(tars, "SIZE", 2 * tars.MB)
    taken = []
    read = archives.Limited.read
    monkeypatch.setattr(
        archives.Limited, "read", lambda self, n: taken.append(n) or read(self, n)
    )
    with pytest.raises(Unreadable, match="too long|holes"):
        pack(tmp_path, form)
    assert sum(taken) < tars.MB, "the bomb was read"


def test_headers_that_lead_to_headers_end(tmp_path):
    with pytest.raises(Unreadable, match="damaged"):
        pack(tmp_path, "chain")


def test_damaged_files_are_unpacked_up_to_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MOST_IN_VAIN", 20 * 1024 * 1024)
    found = pack(tmp_path, "lying")
    said = [left.reason for left in found.left_out]
    assert sum("damaged: " in each for each in said) == 3
    assert sum("not read" in each for each in said) == len(said) - 3
    assert "app.py" in found.lessons[LESSON]


@pytest.mark.parametrize("name", ["hex", "rot13", "base64", "klingon", "idna"])
def test_an_encoding_that_is_no_text_changes_nothing(name):
    first = f"# coding: {name}\n".encode()
    assert identical.words("app.py", first + b"x = 1\n") == ("x", "=", "1", "")


def test_a_file_that_is_not_utf8_is_compared_by_lines():
    assert identical.words("app.py", b"x = '\xff'\n") == ("x = '\ufffd'",)
