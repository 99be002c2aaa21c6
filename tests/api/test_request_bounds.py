"""What is no JSON, too long, or from a page of another site is refused."""

from __future__ import annotations

import pytest

from lib_omost.api import request_bounds

PATH = "/omost/v1/canvas/validate"
JSON = {"Content-Type": "application/json"}


def test_what_a_page_of_another_site_could_send_is_refused(client):
    for headers in ({}, {"Content-Type": "text/plain"}):
        answer = client.post(PATH, content='{"text": "a"}', headers=headers)
        assert answer.status_code == 422
        assert answer.json()["detail"].endswith("Content-Type: application/json.")


@pytest.mark.parametrize("kind", ["APPLICATION/JSON", "Application/Json; charset=utf-8"])
def test_the_kind_of_content_may_be_written_in_capitals(client, kind):
    answer = client.post(PATH, content='{"text": "a"}', headers={"Content-Type": kind})
    assert answer.status_code == 200


def test_what_only_begins_like_json_is_refused(client):
    headers = {"Content-Type": "application/jsonx"}
    assert client.post(PATH, content='{"text": "a"}', headers=headers).status_code == 422


@pytest.mark.parametrize(
    "body",
    ["", "{", "\ud800", '{"text": "\\ud800"}', '{"text": NaN}', "[" * 100_000, "9" * 5000, "[]"],
)
def test_what_is_no_json_is_refused(client, body):
    answer = client.post(PATH, content=body.encode(errors="surrogatepass"), headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(("This is no JSON: ", "The JSON is to be an object"))


def test_too_much_is_refused(client, monkeypatch):
    assert client.post(PATH, json={"text": "x" * 400_000}).status_code == 200
    longer = client.post(PATH, json={"text": "x" * 400_001})
    assert longer.status_code == 422
    assert longer.json()["detail"].startswith("'text': ")
    monkeypatch.setattr(request_bounds, "MAX_BYTES", 50)
    answer = client.post(PATH, json={"text": "x" * 50})
    assert (answer.status_code, answer.json()) == (413, {"detail": "Send at most 50 bytes."})


def test_the_longest_canvas_fits_however_its_letters_are_written(client):
    as_written_by_ascii_json = len('{"text": ""}') + 400_000 * len("\\ud83d\\ude00")
    assert as_written_by_ascii_json <= request_bounds.MAX_BYTES
