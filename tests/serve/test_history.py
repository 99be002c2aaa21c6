"""The list, thumbnails and files of saved pictures."""

from __future__ import annotations

import io

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from lib_omost.serve import history
from lib_omost.serve.history import PictureHistory, add_history_routes


def save(folder, name, size=(640, 320)):
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    Image.new("RGB", size, "red").save(file)
    return file


@pytest.fixture
def saved(tmp_path):
    for name in (
        "2026-11-29/00002-8.png",
        "2026-11-29/00001-7.png",
        "2026-11-30/99999-5.png",
        "2026-11-30/100000-6.png",
    ):
        save(tmp_path, name)
    return tmp_path


@pytest.fixture
def client(saved):
    app = FastAPI()
    add_history_routes(app, PictureHistory(saved))
    return TestClient(app)


NEWEST_FIRST = [
    {"name": "2026-11-30/100000-6.png", "seed": 6},
    {"name": "2026-11-30/99999-5.png", "seed": 5},
    {"name": "2026-11-29/00002-8.png", "seed": 8},
    {"name": "2026-11-29/00001-7.png", "seed": 7},
]


def test_the_newest_picture_is_the_first(client):
    assert client.get("/omost/history/pictures").json() == NEWEST_FIRST


def test_other_files_in_the_folder_are_not_listed(client, saved):
    for name in ("notes.png", "00003.png", "00003-8.txt", "00003-8.png.part"):
        (saved / "2026-11-30" / name).write_text("text")
    (saved / "2026-11-31x").mkdir()
    assert client.get("/omost/history/pictures").json() == NEWEST_FIRST


def test_a_long_list_has_only_the_newest(client, monkeypatch):
    monkeypatch.setattr(history, "MAX_ENTRIES", 3)
    assert client.get("/omost/history/pictures").json() == NEWEST_FIRST[:3]


def test_a_folder_without_pictures_has_an_empty_list(tmp_path):
    assert PictureHistory(tmp_path / "absent").names() == []


def test_a_thumbnail_is_small_and_not_distorted(client):
    answer = client.get("/omost/history/thumbnails/2026-11-29/00002-8.png")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (160, 80)


def test_a_download_is_the_saved_file(client, saved):
    answer = client.get("/omost/history/pictures/2026-11-29/00002-8.png")
    assert answer.content == (saved / "2026-11-29" / "00002-8.png").read_bytes()
    disposition = 'attachment; filename="2026-11-29-00002-8.png"'
    assert answer.headers["content-disposition"] == disposition


@pytest.mark.parametrize("kind", ["pictures", "thumbnails"])
@pytest.mark.parametrize("name", ["2026-11-29/00009-7.png", "../00001-7.png", "%2e%2e/secret.png"])
def test_only_saved_pictures_are_served(client, saved, kind, name):
    (saved.parent / "secret.png").write_bytes(b"secret")
    assert client.get(f"/omost/history/{kind}/{name}").status_code == 404


@pytest.mark.parametrize(
    "name", ["../secret.png", "2026-11-29/../../secret.png", "", "/etc/passwd"]
)
def test_a_name_cannot_leave_the_folder(saved, name):
    with pytest.raises(ValueError, match="This picture was removed"):
        PictureHistory(saved).find(name)


def test_a_damaged_picture_has_no_thumbnail(client, saved):
    (saved / "2026-11-29" / "00003-7.png").write_bytes(b"nonsense")
    answer = client.get("/omost/history/thumbnails/2026-11-29/00003-7.png")
    assert answer.status_code == 404
    assert "not a readable picture" in answer.json()["detail"]
