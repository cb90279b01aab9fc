"""Lesson 14, Uploads: does the blog take pictures, and trust no file name?"""

from pathlib import PurePath
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import links, parse, seen, texts

TAKEN, REFUSED = (201, 302, 303), (400, 422)
GIF = b"GIF89a"  # the first bytes of every picture of this kind
LIMIT = 1024 * 1024
FORM = "multipart/form-data; boundary=edge"
HEAD = b'--edge\r\nContent-Disposition: form-data; name="picture"; filename='
END = b"\r\n--edge--\r\n"
NO_NAME = {"data": HEAD + b'""\r\n\r\n' + END, "content_type": FORM}
NOTHING = [{}, NO_NAME, {"data": {"picture": "tea.gif"}}]
# Flask takes one of two backslashes away, as some browsers send two for one.
TRICKS = ["../../{}.gif", "../../static/{}.gif", "..\\\\..\\\\{}.gif"]
TRICKS += ["/no-such-folder/{}.gif", "pots/{}.gif", ".gif", "猫.gif"]
OUTSIDE = ["../../app.py", "..%2f..%2fapp.py", "../../static/js/theme.js"]
OUTSIDE += ["posts.py", "../posts.py", "/etc/passwd", "../../../../../../etc/passwd"]

# A file of the app's own, in the folder that holds the folder of the pictures.
BESIDE = """
from pathlib import Path
from flask.cli import ScriptInfo

app = ScriptInfo(app_import_path="app").load_app()
Path(app.instance_path, "uploads").mkdir(parents=True, exist_ok=True)
Path(app.instance_path, "blog.db").write_text("the blog's own")
names = ["../blog.db", "..%2fblog.db"]
[app.test_client().get(f"/files/{name}").status_code for name in names]
"""


@pytest.mark.step(1)
def test_pictures_are_taken_and_each_address_gives_the_same_bytes(
    client, files, unseen
):
    for name in (f"{unseen.word()}.gif", f"{unseen.word()}.gif"):
        before, content = files(), picture(unseen)
        response = send(client, name, content)
        saved = kept(before, files())
        rule = "the picture is kept; now answer 201, 302 or 303, with its address"
        rule = rule if saved else "keep the picture that came in request.files"
        assert response.status_code in TAKEN, rule
        where = address(response)
        assert where, f"lead to an address below /files/, not to {response.location}"
        again = client.get(where)
        assert again.status_code == 200, other_name(where, saved)
        lost = "" if again.data else ", not none: who read it before it was saved?"
        assert again.data == content, f"its address should give the same bytes{lost}"


@pytest.mark.step(1)
def test_the_form_sends_a_file_and_not_only_its_name(client):
    elements = parse(client.get("/upload").text).elements
    posting = [element for element in elements if posts_here(element)]
    assert posting, "a form of the page should post to /upload"
    kinds = [e["attrs"]["enctype"] for e in elements if "enctype" in e["attrs"]]
    rule = "with another enctype, or none, a browser sends the file's name as text"
    assert kinds == ["multipart/form-data"], rule
    fields = [e["attrs"] for e in elements if e["attrs"].get("type") == "file"]
    assert fields, "no field of the page is of the type file, for which a browser asks"
    assert [field.get("name") for field in fields] == ["picture"], "its name is picture"


@pytest.mark.step(2)
@pytest.mark.parametrize("ending", [".txt", ".html", ".svg", ".py", ""])
def test_what_is_no_picture_by_its_name_is_refused(client, files, unseen, ending):
    form, before, word = client.get("/upload"), files(), unseen.word()
    response = send(client, f"<b>{word}{ending}", picture(unseen))
    kind = ending or "a name without an ending"
    rule = f"refuse {kind}, whatever Content-Type the request claims"
    assert response.status_code in REFUSED, rule
    assert says_why(response, form), "the page should say why, in your own words"
    bold = texts(response.text, "b") if response.mimetype == "text/html" else []
    assert word not in " ".join(bold), "a file's name is a visitor's text: escape it"
    assert kept(before, files()) == [], "what is refused should not be kept"


@pytest.mark.step(2)
@pytest.mark.parametrize("sent", NOTHING, ids=["nothing", "no name", "only text"])
def test_no_file_is_refused(client, files, sent):
    form, before = client.get("/upload"), files()
    response = client.post("/upload", **sent)
    assert response.status_code in REFUSED, "no file came, so refuse it"
    assert says_why(response, form), "the page should say why, in your own words"
    assert kept(before, files()) == [], "what is refused should not be kept"


@pytest.mark.step(2)
def test_capitals_in_the_ending_are_fine(client, unseen):
    response = send(client, f"{unseen.word()}.GIF", picture(unseen))
    assert response.status_code in TAKEN, "capitals do not count: take .GIF and .JPG"


@pytest.mark.step(3)
@pytest.mark.parametrize("name", TRICKS)
def test_a_name_with_a_trick_is_refused_or_changed(client, files, unseen, name):
    before, name = files(), name.format(unseen.word())
    response = send(client, name, picture(unseen))
    assert response.status_code in TAKEN + REFUSED, f"change {name}, or refuse it"
    new = kept(before, files())
    outside = [path for path in new if not path.startswith("instance/uploads/")]
    rule = f"{name} came, and should write no file outside instance/uploads"
    assert outside == [], rule
    rule = f"if {name} is taken, it lies in instance/uploads; if refused, nowhere"
    assert bool(new) is (response.status_code in TAKEN), rule
    for path in map(PurePath, new):
        assert "\\" not in path.name, f"{name} came: keep no backslash of it"
        rule = f"{name} came, and was kept as {path.name}: something is to stand before"
        assert path.name != ".gif", f"{rule} its ending"
        assert path.suffix == ".gif", f"{name} came, and its ending was lost"


@pytest.mark.step(3)
def test_a_long_name_is_refused_or_cut(client, files, unseen):
    before, content, letters = files(), picture(unseen), 300
    response = send(client, f"{unseen.word().ljust(letters, 'x')}.gif", content)
    rule = f"a name of {letters} letters came: cut it, or refuse it"
    assert response.status_code in TAKEN + REFUSED, rule
    gone = response.status_code in TAKEN and kept(before, files()) == []
    assert not gone, "a long name that is taken should lie in instance/uploads"


@pytest.mark.step(3)
def test_a_plain_name_still_works(client, files, unseen):
    before, content = files(), picture(unseen)
    where = address(send(client, f"{unseen.word()}.gif", content))
    assert where, "a plain name should be taken, and get an address"
    assert client.get(where).data == content
    assert len(kept(before, files())) == 1, "keep it as one file in instance/uploads"


@pytest.mark.step(4)
def test_two_files_of_one_name_are_both_kept(client, files, unseen):
    name, first, second = f"{unseen.word()}.gif", picture(unseen), picture(unseen)
    before = files()
    one, two = (address(send(client, name, content)) for content in (first, second))
    assert one and two, "both should be taken, and get an address below /files/"
    alone = one != two
    assert alone, f"two files of one name should get two addresses, not {one} twice"
    for where in (one, two):
        saved = kept(before, files())
        assert client.get(where).status_code == 200, other_name(where, saved)
    assert client.get(one).data == first, "the first should still be what it was"
    assert client.get(two).data == second, "the second should be there, too"


@pytest.mark.step(5)
@pytest.mark.parametrize(("more", "right"), [(1, (413,)), (0, TAKEN)])
def test_a_request_of_1048576_bytes_is_the_largest(app, client, unseen, more, right):
    start = HEAD + f'"{unseen.word()}.gif"\r\n\r\n'.encode() + GIF
    data = start.ljust(LIMIT + more - len(END), b"\0") + END
    response = client.post("/upload", data=data, content_type=FORM)
    limit = app.config["MAX_CONTENT_LENGTH"]
    rule = f"this request has {len(data)} bytes; MAX_CONTENT_LENGTH is {limit}"
    assert response.status_code in right, rule


@pytest.mark.step(6)
@pytest.mark.parametrize("name", OUTSIDE)
def test_what_lies_outside_the_folder_is_404(client, name):
    send(client, "tea.gif", GIF)
    response = client.get(f"/files/{name}", follow_redirects=True)
    assert response.status_code == 404, "only what lies in instance/uploads is sent"


@pytest.mark.step(6)
def test_what_lies_beside_the_folder_is_404(python):
    rule = "instance/blog.db is no picture: /files/../blog.db and /files/..%2fblog.db"
    assert python(BESIDE) == [404, 404], f"{rule} should both be 404"


@pytest.mark.step(6)
def test_an_uploaded_picture_is_sent_as_a_picture(client, unseen):
    content = picture(unseen)
    where = address(send(client, f"{unseen.word()}.gif", content))
    assert where, "a picture should be taken, and get an address below /files/"
    response = client.get(where)
    assert response.status_code == 200
    assert response.mimetype == "image/gif", "a .gif should be sent as a picture"
    assert response.data == content
    assert client.get(f"/files/{unseen.word()}.gif").status_code == 404


def picture(unseen):
    """Return the bytes of a small file that begins as a GIF does."""
    return GIF + unseen.word().encode()


def send(client, name, content):
    """Upload a file as the form does, and claim that it is a picture."""
    start = HEAD + f'"{name}"\r\nContent-Type: image/gif\r\n\r\n'.encode()
    return client.post("/upload", data=start + content + END, content_type=FORM)


def address(response):
    """Return the path below /files/ that an answer leads to, "" without one."""
    found = [response.location or "", *links(response.text)]
    paths = [urlsplit(urljoin("/upload", link)).path for link in found]
    return next((path for path in paths if path.startswith("/files/")), "")


def other_name(where, saved):
    """Say that an address gives no file, and which files there are."""
    names = " and ".join(saved) or "nothing"
    return f"{where} should be the name of a file that was kept; that is {names}"


def kept(before, after):
    """Return the files that are new, or not what they were."""
    return sorted(path for path in after if after[path] != before.get(path))


def posts_here(element):
    """Is this a form that sends what it holds to /upload, by POST?"""
    found = {"method": "", "action": "", **element["attrs"]}
    path = urlsplit(urljoin("/upload", found["action"] or "")).path
    posts = (found["method"] or "").lower() == "post"
    return element["tag"] == "form" and posts and path == "/upload"


def says_why(response, form):
    """Does an answer say more than the form, and more than Flask says by itself?"""
    said, bare = seen(response), ("could not understand", "unable to be followed")
    return said not in ("", seen(form)) and not any(words in said for words in bare)
