"""Submissions: only a lesson's own files are taken, whatever else is handed in."""

import gzip
import io
import os
import socket
import stat
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest

from checks.engine.grading import archives, looks, submissions
from checks.engine.grading.submissions import Unreadable, read
from checks.engine.lessons import LESSONS, MOST_BYTES, all_lessons, code_of, files_of

NAMES = [lesson.name for lesson in all_lessons()]
LESSON = "03_routes"
FILES = {f"{LESSON}/app.py": b"app", f"{LESSON}/templates/index.html": b"<p>\xff"}
TAKEN = {"app.py": b"app", "templates/index.html": b"<p>\xff"}


def write_folder(top, files):
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    return top


def write_zip(top, files):
    with zipfile.ZipFile(top.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return Path(archive.filename)


def write_tar(top, files, *members):
    path = top.with_name(f"{top.name}.tar.gz")
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in members:
            archive.addfile(member)
    return path


def git(folder, *words, **environ):
    safe = {"GIT_CONFIG_GLOBAL": os.devnull, "PATH": os.environ["PATH"], **environ}
    who = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.c",
        "-c",
        "init.defaultBranch=main",
    ]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=safe, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def write_repository(top, files, **environ):
    work = write_folder(top.with_name("work"), files)
    git(work, "init", "--quiet")
    git(work, "add", "--all", "--force")
    git(work, "commit", "--quiet", "--message", "handed in", **environ)
    bare = top.with_name(f"{top.name}.git")
    git(work, "clone", "--quiet", "--bare", "--no-local", ".", str(bare))
    return bare


WRITERS = [write_folder, write_zip, write_tar, write_repository]


@pytest.fixture(params=WRITERS, ids=lambda writer: writer.__name__[6:])
def hand_in(request, tmp_path, tmp_path_factory, monkeypatch):
    """Hand files in, in each way; return the submission as it is read."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield lambda files: read(request.param(tmp_path / "ada", files), NAMES)
    assert not [*temporary.iterdir()]


def reasons(submission):
    return {left.path: left.reason for left in submission.left_out}


@pytest.mark.parametrize("before", ["", "lessons/", "my work/lessons/"])
def test_a_lessons_files_are_taken_wherever_its_folder_is(hand_in, before):
    files = {before + name: content for name, content in FILES.items()}
    submission = hand_in({**files, "README.md": b"", f"{before}notes.txt": b""})
    assert submission.name == "ada"
    assert submission.lessons == {LESSON: TAKEN}
    assert submission.elsewhere == 2 and submission.left_out == []


def test_a_whole_workbook_gives_the_lessons_alone(hand_in):
    other = {f"{place}/{LESSON}/app.py": b"other" for place in ("solutions", "checks")}
    kept = {f".workbook/starters/{LESSON}/app.py": b"other"}
    mine = {f"lessons/{name}": content for name, content in FILES.items()}
    submission = hand_in({**other, **kept, **mine, f"lessons/{LESSON}/README.md": b""})
    assert submission.lessons == {LESSON: TAKEN}


def test_what_a_check_at_home_reads_is_what_is_taken_here():
    lessons = read(LESSONS, NAMES).lessons
    for lesson in all_lessons():
        assert lessons[lesson.name] == code_of(files_of(lesson.folder)), lesson.name


def test_a_folder_or_archive_may_be_one_lesson(tmp_path):
    top = tmp_path / LESSON
    for path in (
        write_folder(top, TAKEN),
        write_zip(top, TAKEN),
        write_tar(top, TAKEN),
    ):
        assert read(path, NAMES).lessons == {LESSON: TAKEN}


def test_of_two_places_one_is_taken_and_the_other_told(hand_in):
    old = {f"old/{LESSON}/app.py": b"old", f"old/a/{LESSON}/app.py": b"older"}
    submission = hand_in({**old, **{f"lessons/{k}": v for k, v in FILES.items()}})
    assert submission.lessons == {LESSON: TAKEN}
    told = reasons(submission)
    assert told == dict.fromkeys(
        [f"old/{LESSON}", f"old/a/{LESSON}"],
        f"another copy is judged, lessons/{LESSON}",
    )


@pytest.mark.parametrize(("second", "looked_at"), [(b"app = 2", True), (b"app", False)])
def test_two_copies_that_differ_are_a_reason_to_look(hand_in, second, looked_at):
    files = {f"x/{LESSON}/app.py": b"app", f"y/{LESSON}/app.py": second}
    submission = hand_in({**files, f"x/{LESSON}/README.md": b""})
    assert submission.lessons == {LESSON: {"app.py": b"app"}}
    [reason] = reasons(submission).values()
    assert f"x/{LESSON}" in reason
    assert reason.startswith(looks.HARMLESS) != looked_at


@pytest.mark.parametrize(
    "name",
    ["conftest.py", "pytest.ini", "setup.cfg", "tox.ini", "pyproject.toml"]
    + ["sitecustomize.py", "usercustomize.py", "x.pth", "a/Conftest.py", "a/b.PTH"],
)
def test_what_could_act_on_judging_is_left_out(hand_in, name):
    submission = hand_in({**FILES, f"{LESSON}/{name}": b"raise SystemExit"})
    assert submission.lessons == {LESSON: TAKEN}
    assert [*reasons(submission)] == [f"{LESSON}/{name}"]


def test_a_lesson_with_tests_has_their_files(hand_in):
    names = ["conftest.py", "tests/conftest.py", "pytest.ini"]
    files = {f"22_testing/{name}": b"mine" for name in names}
    submission = hand_in({**files, "22_testing/sitecustomize.py": b""})
    assert submission.lessons == {"22_testing": dict.fromkeys(sorted(names), b"mine")}


@pytest.mark.parametrize(
    "name", ["instance/blog.db", ".env", "__pycache__/app.pyc", "._app.py", ".DS_Store"]
)
def test_what_tools_leave_is_left_out(hand_in, name):
    assert hand_in({**FILES, f"{LESSON}/{name}": b"x"}).lessons == {LESSON: TAKEN}


def test_too_large_and_too_many_are_left_out(hand_in):
    large = {f"{LESSON}/big.bin": bytes(MOST_BYTES + 1)}
    submission = hand_in({**FILES, **large})
    assert submission.lessons == {LESSON: TAKEN}
    assert reasons(submission) == {f"{LESSON}/big.bin": submissions.LARGE}


def test_too_many_files_are_left_out(hand_in):
    many = {f"{LESSON}/{number:04}.txt": b"" for number in range(520)}
    submission = hand_in(many)
    assert len(submission.lessons[LESSON]) == 500
    assert {*reasons(submission).values()} == {"more than 500 files"}


# Folders.


def test_links_and_devices_are_not_followed_or_opened(tmp_path):
    top = write_folder(tmp_path / "ada", FILES)
    secret = tmp_path / "secret.py"
    secret.write_text("the solution")
    folder = top / LESSON
    (folder / "link.py").symlink_to(secret)
    (folder / "static").symlink_to(tmp_path)
    (top / "04_url_variables").symlink_to(folder)
    os.mkfifo(folder / "pipe.py")
    with socket.socket(socket.AF_UNIX) as sock:
        here = os.open(folder, os.O_RDONLY)
        sock.bind(f"/proc/self/fd/{here}/socket.py")
        os.close(here)
        submission = read(top, NAMES)
    assert submission.lessons == {LESSON: TAKEN}
    told = reasons(submission)
    assert told[f"{LESSON}/link.py"] == told[f"{LESSON}/static"] == "a link"
    assert told[f"{LESSON}/pipe.py"] == told[f"{LESSON}/socket.py"]
    (tmp_path / "eve").symlink_to(top)
    with pytest.raises(Unreadable, match="eve is a link"):
        read(tmp_path / "eve", NAMES)


def test_a_folder_that_becomes_a_link_is_not_followed(tmp_path):
    top = write_folder(tmp_path / "ada", FILES)
    write_folder(tmp_path / "other", {"index.html": b"another student's"})
    found = [*submissions.of_folder(top)]
    (top / LESSON / "templates/index.html").unlink()
    (top / LESSON / "templates").rmdir()
    (top / LESSON / "templates").symlink_to(tmp_path / "other")
    [entry] = [entry for entry in found if entry.path.endswith("index.html")]
    with pytest.raises(OSError, match="Not a directory|Too many levels"):
        entry.read(100)


def test_a_name_that_is_not_utf8_is_left_out(tmp_path):
    top = write_folder(tmp_path / "ada", FILES)
    with open(os.path.join(os.fsencode(top / LESSON), b"\xff.py"), "wb"):
        pass
    submission = read(top, NAMES)
    assert submission.lessons == {LESSON: TAKEN}
    assert [*reasons(submission).values()] == ["a name that is not UTF-8"]


# Archives.

CLIMBING = ["../app.py", f"{LESSON}/../../app.py", f"/{LESSON}/app.py", "C:/app.py"]
CLIMBING += [
    f"{LESSON}//app.py",
    f"{LESSON}/./app.py",
    f"{LESSON}/a\nb",
    f"{LESSON}/\u200bapp.py",
]
CLIMBING += [f"{LESSON}/{'x' * 300}", f"{LESSON}/{'x/' * 40}y", f"..\\{LESSON}\\app.py"]


@pytest.mark.parametrize("write", [write_zip, write_tar], ids=["zip", "tar"])
@pytest.mark.parametrize("name", CLIMBING, ids=ascii)
def test_names_that_climb_or_are_none_are_left_out(tmp_path, write, name):
    submission = read(write(tmp_path / "ada", {**FILES, name: b"evil"}), NAMES)
    assert submission.lessons == {LESSON: TAKEN}
    assert len(submission.left_out) == 1
    assert not [*tmp_path.rglob("app.py")]


def test_links_in_archives_are_left_out(tmp_path):
    link = zipfile.ZipInfo(f"{LESSON}/link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = write_zip(tmp_path / "ada", FILES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    members = []
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        members.append(tarfile.TarInfo(f"{LESSON}/{kind.decode()}.py"))
        members[-1].type, members[-1].linkname = kind, f"{LESSON}/app.py"
    assert len(reasons(read(path, NAMES))) == 1
    submission = read(write_tar(tmp_path / "ada", FILES, *members), NAMES)
    assert submission.lessons == {LESSON: TAKEN} and len(reasons(submission)) == 4


@pytest.mark.parametrize("write", [write_zip, write_tar], ids=["zip", "tar"])
def test_a_file_that_is_twice_in_an_archive_is_told(tmp_path, write):
    path = write(tmp_path / "ada", FILES)
    twice = f"{LESSON}/app.py"
    if write is write_zip:
        with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning):
            archive.writestr(twice, b"second")
    else:
        raw = gzip.decompress(path.read_bytes()).rstrip(b"\0")
        more = gzip.decompress(write(tmp_path / "eve", {twice: b"second"}).read_bytes())
        raw += bytes(-len(raw) % 512)
        path.write_bytes(gzip.compress(raw + more))
    submission = read(path, NAMES)
    assert submission.lessons[LESSON]["app.py"] == b"second"
    assert "twice" in reasons(submission)[twice]


def test_a_zip_whose_sizes_lie_gives_no_more_than_it_says(tmp_path):
    path = write_zip(tmp_path / "ada", {f"{LESSON}/big.txt": bytes(50_000_000)})
    content = path.read_bytes()
    path.write_bytes(content.replace((50_000_000).to_bytes(4, "little"), b"\5\0\0\0"))
    submission = read(path, NAMES)
    assert submission.lessons == {} and "damaged" in str(submission.left_out)


def test_a_bomb_of_many_bytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_UNPACKED", 20_000_000)
    path = write_tar(tmp_path / "ada", {"elsewhere.bin": bytes(30_000_000)})
    with pytest.raises(Unreadable, match="unpacks to more than"):
        read(path, NAMES)


@pytest.mark.parametrize("write", [write_zip, write_tar, write_folder])
def test_a_bomb_of_many_files_is_refused(tmp_path, monkeypatch, write):
    monkeypatch.setattr(submissions, "MOST_SEEN", 100)
    files = {f"{number}.txt": b"" for number in range(120)}
    with pytest.raises(Unreadable, match="more than 100 files"):
        read(write(tmp_path / "ada", files), NAMES)


def test_a_long_list_of_files_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_DIRECTORY", 1000)
    files = {f"{number}.txt": b"" for number in range(120)}
    with pytest.raises(Unreadable, match="lists more than"):
        read(write_zip(tmp_path / "ada", files), NAMES)


def test_what_is_packed_in_a_packed_file_stays_packed(hand_in, tmp_path):
    inner = write_zip(tmp_path / "inner", FILES).read_bytes()
    submission = hand_in({f"{LESSON}/inner.zip": inner, "inner.zip": inner})
    assert submission.lessons == {LESSON: {"inner.zip": inner}}


@pytest.mark.parametrize("ending", [".zip", ".tar.gz", ".tgz"])
@pytest.mark.parametrize(
    "content", [b"", b"PK\5\6", b"\x1f\x8b\x08", b"no archive" * 99]
)
def test_a_damaged_archive_is_told(tmp_path, ending, content):
    path = tmp_path / f"ada{ending}"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="ada"):
        read(path, NAMES)


def test_a_cut_archive_is_told_or_gives_nothing_wrong(tmp_path):
    for write in (write_zip, write_tar):
        path = write(tmp_path / "ada", FILES)
        whole = path.read_bytes()
        for cut in range(0, len(whole), 7):
            path.write_bytes(whole[:cut])
            try:
                lessons = read(path, NAMES).lessons
            except Unreadable:
                continue
            assert lessons.get(LESSON, {}).items() <= TAKEN.items()


def test_what_is_no_submission_is_told(tmp_path):
    (tmp_path / "ada.rar").write_bytes(b"Rar!")
    os.mkfifo(tmp_path / "eve.zip")
    for name in ("ada.rar", "eve.zip", "nobody.zip"):
        with pytest.raises(Unreadable, match=name):
            read(tmp_path / name, NAMES)


# Repositories.


def test_a_repositorys_settings_and_hooks_are_not_used(tmp_path):
    bare = write_repository(tmp_path / "ada", FILES)
    trap = tmp_path / "trap"
    with open(bare / "config", "a") as config:
        config.write(
            f"[core]\n\tfsmonitor = touch {trap}\n\tsshCommand = touch {trap}\n"
        )
        config.write(
            f"[alias]\n\tls-tree = !touch {trap}\n[include]\n\tpath = /dev/zero\n"
        )
        config.write('[extensions]\n\tpartialClone = origin\n[remote "origin"]\n')
        config.write(f"\tpromisor = true\n\turl = ext::touch {trap}\n")
    (bare / "hooks").mkdir(exist_ok=True)
    assert read(bare, NAMES).lessons == {LESSON: TAKEN}
    assert not trap.exists()


@pytest.mark.parametrize(
    "trick", ["alternates", "link", "linked pack", "head", "no commit"]
)
def test_a_repository_that_leads_out_of_itself_is_refused(tmp_path, trick):
    bare = write_repository(tmp_path / "ada", FILES)
    if trick == "alternates":
        (bare / "objects/info").mkdir(exist_ok=True)
        theirs = tmp_path / "another" / "objects"
        (bare / "objects/info/alternates").write_text(f"{theirs}\n")
    elif trick == "link":
        (bare / "refs/heads/other").symlink_to("/etc/passwd")
    elif trick == "linked pack":
        (bare / "objects").rename(tmp_path / "objects")
        (bare / "objects").symlink_to(tmp_path / "objects")
    else:
        text = "ref: refs/heads/../../../x" if trick == "head" else "ref: refs/heads/x"
        (bare / "HEAD").write_text(text)
    try:
        assert read(bare, NAMES).lessons == {}
    except Unreadable as error:
        assert "ada.git" in str(error)


def test_links_in_a_repository_are_left_out(tmp_path):
    work = write_folder(tmp_path / "work", FILES)
    (work / LESSON / "link.py").symlink_to("/etc/passwd")
    submission = read(write_repository(tmp_path / "ada", FILES), NAMES)
    assert submission.lessons == {LESSON: TAKEN}
    assert reasons(submission) == {f"{LESSON}/link.py": "a link"}


def test_a_broken_object_is_told(tmp_path):
    bare = write_repository(tmp_path / "ada", FILES)
    for pack in (bare / "objects").rglob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:60])
    with pytest.raises(Unreadable, match="cannot be listed"):
        read(bare, NAMES)
