import pytest

from lib_omost.llm import model_notation, plan_prompt, system_prompt
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.engine_factory import DEMO_NOTE, create_engine
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.model_catalog import find_model
from lib_omost.llm.model_downloads.store import MissingModelError
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.llm.transformers_engine import TransformersEngine


def test_the_default_is_the_composer_with_a_note():
    chosen = create_engine()
    assert isinstance(chosen.engine, DemoEngine)
    assert isinstance(chosen.engine.inner, TransformersEngine)
    assert (chosen.note, chosen.context) == (DEMO_NOTE, 4096)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("someone/omost-llama-3-8b-4bits", system_prompt.omost_prompt()),
        ("some/model", plan_prompt.plan_prompt()),
    ],
)
def test_untrained_models_get_instructions(name, system):
    chosen = create_engine(name)
    assert isinstance(chosen.engine, TransformersEngine)
    assert (chosen.system, chosen.note) == (system, "")


def test_a_listed_model_has_to_be_downloaded_before(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    with pytest.raises(MissingModelError, match="has not been downloaded yet"):
        create_engine("omost-llama-3-8b-4bits", models=tmp_path)
    folder = tmp_path / "omost-llama-3-8b-4bits"
    folder.mkdir()
    for file in find_model("omost-llama-3-8b-4bits").download.files:
        (folder / file.name).touch()
    chosen = create_engine("omost-llama-3-8b-4bits", models=tmp_path)
    assert (chosen.system, chosen.context) == (system_prompt.omost_prompt(), 8192)


@pytest.mark.parametrize("address", ["localhost:11434", "http://10.0.0.1:8000/v1", "host:80/v1/"])
def test_an_address_creates_a_server_engine(address):
    engine = create_engine(address).engine
    assert isinstance(engine, ServerEngine)


def test_the_system_prompt_fits_the_dialect_of_the_server():
    address = "localhost:8080"
    assert create_engine(address).system == system_prompt.json_prompt()
    assert create_engine(address, dialect="llama.cpp").system == plan_prompt.plan_prompt()
    assert (
        create_engine(address, server_model="omost-llama-3").system == system_prompt.omost_prompt()
    )


@pytest.mark.parametrize("name", ["some/model", "localhost:8080"])
def test_a_general_model_may_answer_with_plans(name):
    chosen = create_engine(name, form="plan")
    assert chosen.notation == model_notation.PLAN
    assert chosen.system == plan_prompt.plan_prompt()
    without = create_engine(name, form="plan", prompt="no example")
    assert without.system == plan_prompt.plan_prompt(0)
    with pytest.raises(ValueError, match="choose examples, one example, no example"):
        create_engine(name, form="plan", prompt="other")


def test_omost_models_write_code_in_any_case():
    chosen = create_engine("someone/omost-llama-3-8b-4bits", form="plan")
    assert chosen.notation == model_notation.CODE


def test_invalid_names_and_addresses_are_rejected():
    with pytest.raises(UnusableError, match="check the path"):
        create_engine("no/such/folder")
    with pytest.raises(ValueError, match="http"):
        create_engine("ftp://host")
