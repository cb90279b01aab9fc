"""Lesson 4, URL variables: does one view answer for many addresses, and no others?"""

from uuid import UUID

import pytest

from checks.pages import seen


@pytest.mark.step(1)
def test_an_author_page_names_the_author(client, unseen):
    name = unseen.name()
    response = client.get(f"/author/{name}")
    assert response.status_code == 200
    assert name in seen(response)


@pytest.mark.step(1)
@pytest.mark.parametrize("rest", ["", "Ada/Linus"])
def test_a_name_is_one_part_without_a_slash(client, rest):
    response = client.get(f"/author/{rest}")
    assert response.status_code == 404


@pytest.mark.step(2)
@pytest.mark.parametrize("name", ["<b>Ada", "<img src=x>Ada", "&copy;Ada"])
def test_no_visitor_writes_html_into_your_page(client, unseen, name):
    name += str(unseen.number())
    response = client.get(f"/author/{name}")
    assert response.status_code == 200
    assert name not in html_of(response), "the browser reads this as HTML of yours"
    assert name in seen(response)


@pytest.mark.step(2)
def test_your_own_tags_stay_tags(client, unseen):
    response = client.get(f"/author/{unseen.name()}")
    assert response.status_code == 200
    assert "</" not in seen(response), (
        "your tags came out as text: escape(), and a + beside it, escape all they touch"
    )


@pytest.mark.step(3)
def test_a_post_page_shows_the_number(client, unseen):
    post_id = unseen.number()
    response = client.get(f"/post/{post_id}")
    assert response.status_code == 200
    assert str(post_id) in seen(response)


@pytest.mark.step(3)
@pytest.mark.parametrize("post_id", ["abc", "-1", "1.0"])
def test_a_post_is_a_whole_number(client, post_id):
    response = client.get(f"/post/{post_id}")
    assert response.status_code == 404


@pytest.mark.step(4)
@pytest.mark.parametrize("decimals", ["", ".5", ".99"])
def test_a_tip_is_thanked_for_with_two_decimals(client, unseen, decimals):
    amount = f"{unseen.number()}{decimals}"
    response = client.get(f"/tip/{amount}")
    assert response.status_code == 200
    assert f"{float(amount):.2f}" in seen(response)


@pytest.mark.step(4)
def test_a_tip_is_rounded_to_two_decimals(client, unseen):
    amount = unseen.number()
    response = client.get(f"/tip/{amount}.999")
    assert f"{amount + 1}.00" in seen(response)


@pytest.mark.step(4)
@pytest.mark.parametrize("amount", ["-1", "-1.5", "nan", "abc"])
def test_what_is_no_amount_is_not_found(client, amount):
    response = client.get(f"/tip/{amount}")
    assert response.status_code == 404


@pytest.mark.step(5)
def test_a_draft_opens_with_its_key(client, unseen):
    key = UUID(int=unseen.number(0, 2**128 - 1), version=4)
    response = client.get(f"/draft/{key}")
    assert response.status_code == 200
    assert str(key) in seen(response)


@pytest.mark.step(5)
@pytest.mark.parametrize("key", ["abc", "zzzzzzzz-1111-4111-8111-111111111111"])
def test_a_key_is_a_uuid(client, key):
    response = client.get(f"/draft/{key}")
    assert response.status_code == 404


@pytest.mark.step(6)
@pytest.mark.parametrize("last", ["c.txt", "<b>c.txt", "a..b.txt"])
def test_a_file_is_named_with_its_folders(client, unseen, last):
    name = f"{unseen.word()}/{unseen.word()}/{last}"
    response = client.get(f"/files/{name}")
    assert response.status_code == 200
    assert name in seen(response)


@pytest.mark.step(6)
@pytest.mark.parametrize("name", ["..%2fsecret.txt", "a%2f..%2f..%2fsecret.txt"])
def test_a_way_up_out_of_the_folder_is_refused(client, name):
    response = client.get(f"/files/{name}")
    assert response.status_code in (400, 403, 404)


def html_of(response):
    """Return what a browser would read as HTML: nothing, if the answer is none."""
    return response.text if response.mimetype == "text/html" else ""
