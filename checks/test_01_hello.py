import pytest


@pytest.mark.step(1)
def test_home(client):
    r = client.get("/")
    assert r.status_code == 200
    assert "Hello" in r.text


@pytest.mark.step(2)
def test_python(server):
    assert server("python", "app.py").get("/").status_code == 200
