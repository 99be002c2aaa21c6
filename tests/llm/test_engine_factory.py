import pytest

from lib_omost.llm import system_prompt
from lib_omost.llm.demo.engine import DemoEngine
from lib_omost.llm.engine_factory import DEMO_NOTE, create_engine
from lib_omost.llm.failures import UnusableError
from lib_omost.llm.server.engine import ServerEngine
from lib_omost.llm.transformers_engine import TransformersEngine


def test_without_a_name_it_is_the_composer_and_that_is_said():
    chosen = create_engine()
    assert isinstance(chosen.engine, DemoEngine)
    assert isinstance(chosen.engine.inner, TransformersEngine)
    assert (chosen.note, chosen.context) == (DEMO_NOTE, 4096)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("lllyasviel/omost-llama-3-8b-4bits", system_prompt.omost_prompt()),
        ("smollm2", system_prompt.code_prompt()),
        ("some/model", system_prompt.code_prompt()),
    ],
)
def test_a_model_is_told_what_it_does_not_know(name, system):
    chosen = create_engine(name)
    assert isinstance(chosen.engine, TransformersEngine)
    assert (chosen.system, chosen.note) == (system, "")


@pytest.mark.parametrize("address", ["localhost:11434", "http://10.0.0.1:8000/v1", "host:80/v1/"])
def test_an_address_is_a_server(address):
    engine = create_engine(address).engine
    assert isinstance(engine, ServerEngine)


def test_a_server_s_model_is_told_the_form_it_is_held_to():
    address = "localhost:8080"
    assert create_engine(address).system == system_prompt.json_prompt()
    assert create_engine(address, dialect="llama.cpp").system == system_prompt.code_prompt()
    assert (
        create_engine(address, server_model="omost-llama-3").system == system_prompt.omost_prompt()
    )


def test_what_cannot_be_a_model_or_a_server_is_said():
    with pytest.raises(UnusableError, match="check the path"):
        create_engine("no/such/folder")
    with pytest.raises(ValueError, match="http"):
        create_engine("ftp://host")
