"""Language models as the list shows them, and their names elsewhere."""

import pytest

from lib_omost.llm.demo.request import understand
from lib_omost.llm.model_catalog import LISTED_MODELS
from lib_omost.llm.server.discovery import LocalServer
from lib_omost.ui import texts
from lib_omost.ui.chat_view import ChatInputs, examples
from lib_omost.ui.model_names import model_choices, model_label, model_name


def test_the_list_begins_with_no_choice_and_says_what_each_model_needs():
    shown = model_choices()
    assert shown[:3] == [
        "Choose a language model",
        "demo (shapes only) (0.3 GB of memory, nothing to download)",
        "qwen2.5-coder-1.5b (2 GB of memory, 1.1 GB to download)",
    ]
    assert len(shown) == len(LISTED_MODELS) + 1
    assert all("GB of memory" in label and "download" in label for label in shown[1:])


def test_servers_on_this_machine_come_before_the_models():
    assert model_choices([LocalServer("Ollama", "127.0.0.1:11434")])[:2] == [
        "Choose a language model",
        "Ollama (127.0.0.1:11434)",
    ]


@pytest.mark.parametrize(
    "name", [*(model.name for model in LISTED_MODELS), "", "some/model", "/a (b)/c"]
)
def test_what_is_shown_means_the_name_again(name):
    assert model_name(model_label(name)) == name


def test_a_label_of_an_earlier_version_still_means_its_model():
    label = "lllyasviel/omost-llama-3-8b-4bits (6 GB of memory, 6 GB to download)"
    assert model_name(label) == "lllyasviel/omost-llama-3-8b-4bits"
    assert model_name("demo (shapes only) (1 GB of memory, nothing to download)") == "composer"


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("composer", "composer"),
        ("Ollama (127.0.0.1:11434)", "127.0.0.1:11434"),
        ("Ollama (10.0.0.1:11434)", "Ollama (10.0.0.1:11434)"),
        ("Choose a language model", ""),
        (" localhost:8080 ", "localhost:8080"),
    ],
)
def test_names_and_addresses_that_are_typed_or_kept_mean_themselves(shown, name):
    assert model_name(shown) == name
    assert ChatInputs.from_page(model=shown).model == name


def test_examples_suit_the_model():
    assert examples("composer") == texts.DEMO_EXAMPLES
    assert examples("qwen2.5-coder-1.5b") == examples("") == texts.EXAMPLES
    assert len(texts.DEMO_EXAMPLES) == len(texts.EXAMPLES)
    for example in texts.DEMO_EXAMPLES:
        understood = understand(example)
        assert (understood.problem, understood.remarks, understood.model_request) == (
            "",
            (),
            example,
        )
