"""A host is started with the flags that it declares, in a folder that it accepts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.host_process import Files, WebUI, prepare_data

ARGUMENT = 'parser.add_argument("{}", action="store_true")\n'


@pytest.fixture
def checkout(tmp_path):
    """Make a host's folder out of the flags that its files declare."""

    def checkout(files, sources=()):
        for file, flags in files.items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(map(ARGUMENT.format, flags)))
        for file, text in dict(sources).items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return WebUI(tmp_path, Path("python"))

    return checkout


def test_a1111_is_kept_on_the_cpu_by_its_own_flags(checkout):
    webui = checkout({"modules/cmd_args.py": ["--api", "--use-cpu", "--no-half", "--lowvram"]})
    assert webui.name == "A1111"
    assert webui.flags() == ["--api", "--use-cpu", "all", "--no-half"]


def test_forge_is_kept_on_the_cpu_by_one_flag(checkout):
    webui = checkout(
        {
            "modules/cmd_args.py": ["--api", "--use-cpu", "--skip-google-blockly"],
            "modules_forge/shared.py": [],
            "backend/args.py": ["--always-cpu"],
        }
    )
    assert webui.name == "Forge"
    assert webui.flags() == ["--skip-google-blockly", "--api", "--always-cpu"]


@pytest.mark.parametrize(
    ("version", "name"), [("classic", "Forge Classic"), ("1.0.0v2-v1.10.1RC", "reForge")]
)
def test_a_host_with_the_first_backend_is_recognised(checkout, version, name):
    webui = checkout(
        {
            "modules/cmd_args.py": ["--api"],
            "ldm_patched/modules/args_parser.py": ["--always-cpu"],
        },
        {"modules_forge/forge_version.py": f"version = '{version}'\n"},
    )
    assert webui.name == name
    assert webui.flags() == ["--api", "--always-cpu"]


def test_forge_neo_gets_the_mark_of_its_version_and_a_folder_to_write_to(checkout, tmp_path):
    webui = checkout(
        {
            "modules/cmd_args.py": ["--api"],
            "modules_forge/shared.py": [],
            "backend/args.py": ["--cpu"],
        },
        {"modules/launch_utils.py": 'VERSION_UID: Final[str] = "PY313"\n'},
    )
    assert webui.name == "Forge Neo"
    assert webui.flags() == ["--api", "--cpu"]
    data = tmp_path / "data"
    prepare_data(data, webui, Files(tmp_path / "sd.safetensors"), with_extension=False)
    assert json.loads((data / "config.json").read_text())["VERSION_UID"] == "PY313"
    assert (data / "tmp").is_dir()


def test_a_checkpoint_without_a_description_shares_that_of_the_first(checkout, tmp_path):
    webui = checkout({"modules/cmd_args.py": ["--api"]})
    models = tmp_path / "checkpoints"
    models.mkdir()
    for name in ("first.safetensors", "first.yaml", "like.safetensors", "own.safetensors"):
        (models / name).touch()
    (models / "own.yaml").touch()
    others = [models / "like.safetensors", models / "own.safetensors"]
    files = Files(models / "first.safetensors", others=others)
    data = tmp_path / "data"
    prepare_data(data, webui, files, with_extension=False)
    folder = data / "models" / "Stable-diffusion"
    # A1111 looks for "first.yaml" beside both; in Forge each file has its own name.
    assert {path.name: path.resolve().name for path in folder.iterdir()} == {
        "first.safetensors": "first.safetensors",
        "first.SAFETENSORS": "like.safetensors",
        "first.yaml": "first.yaml",
        "own.safetensors": "own.safetensors",
        "own.yaml": "own.yaml",
    }


def test_other_extensions_are_installed_beside(checkout, tmp_path):
    webui = checkout({"modules/cmd_args.py": ["--api"]})
    beside = tmp_path / "sd-dynamic-prompts"
    beside.mkdir()
    data = tmp_path / "data"
    files = Files(tmp_path / "sd.safetensors")
    prepare_data(data, webui, files, with_extension=True, beside=[beside])
    names = {path.name for path in (data / "extensions").iterdir()}
    assert names == {"omost-probe", "sd-webui-omost", "sd-dynamic-prompts"}
