"""The services of the running WebUI."""

from __future__ import annotations

from lib_omost.presets.preset import Preset
from lib_omost.webui.services import get_compose_service, get_library
from tests.host_stand_in import run


def test_the_library_is_in_the_host_s_data_folder(monkeypatch, tmp_path):
    run(monkeypatch, tmp_path)
    get_library().save("Harbour", Preset("canvas = Canvas()"))
    assert (tmp_path / "omost" / "library" / "Harbour.json").exists()


def test_a_webui_has_one_compose_service():
    assert get_compose_service() is get_compose_service()
