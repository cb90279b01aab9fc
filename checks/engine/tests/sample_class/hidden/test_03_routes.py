"""What the lesson does not say: also who comes by a link with a query is thanked."""

import pytest


@pytest.mark.step(5)
@pytest.mark.points(2)
def test_a_sender_with_a_query_is_thanked(client, unseen):
    response = client.post(f"/contact?from={unseen.word()}")
    assert response.status_code == 200
    assert "Thank you" in response.text
