"""Does the blog believe a proxy, and nobody else?"""

import pytest

from blog import create_app

SENT = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "blog.example",
    "X-Forwarded-Prefix": "/blog",
    "X-Forwarded-Proto": "https",
}
LINK = "https://blog.example/blog/post/first-cup"


@pytest.mark.parametrize("proxies", [0, 1])
def test_links_are_what_the_visitor_asked_for(app, proxies):
    settings = {
        "SQLALCHEMY_DATABASE_URI": "sqlite://",
        "TRUSTED_HOSTS": ["localhost", "blog.example"],
        "PROXIES": proxies,
    }
    app = create_app("testing", settings)
    for command in ["init-db", "seed"]:
        app.test_cli_runner().invoke(args=[command])
    page = app.test_client().get("/sitemap.txt", headers=SENT)
    assert (LINK in page.text) == (proxies == 1)
