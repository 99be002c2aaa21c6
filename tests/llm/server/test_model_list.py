"""Lists of models as servers send them, and the model that is chosen from them."""

import pytest

from lib_omost.llm.server.model_list import can_chat, chat_models, parse_models


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('{"object": "list", "data": [{"id": "a"}, {"id": "b"}]}', ["a", "b"]),
        ('{"object": "list", "data": null}', []),
        ('[{"id": "a"}]', ["a"]),
        ('["a", "b"]', ["a", "b"]),
        ('{"models": [{"name": "a:latest", "model": "a:latest"}]}', ["a:latest"]),
        ("[]", []),
    ],
    ids=["OpenAI", "Ollama without a model", "bare list", "names", "Ollama's tags", "nothing"],
)
def test_lists(body, names):
    assert [entry["id"] for entry in parse_models(body)] == names


@pytest.mark.parametrize(
    "body", ['{"hello": 1}', "[1]", '[{"created": 1}]', "<html>", "3", "[" * 9999]
)
def test_no_list(body):
    assert parse_models(body) is None


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "text-embedding-3-small"},
        {"id": "nomic-embed-text:latest"},
        {"id": "BAAI/bge-m3"},
        {"id": "all-minilm"},
        {"id": "jina-reranker-v2"},
        {"id": "whisper-large-v3"},
        {"id": "gpt-4o-mini-tts"},
        {"id": "omni-moderation-latest"},
        {"id": "dall-e-3"},
        {"id": "meta-llama/llama-guard-4"},
        {"id": "a", "type": "embeddings"},
        {"id": "a", "capabilities": {"completion_chat": False}},
        {"id": "a", "capabilities": ["embedding"]},
    ],
)
def test_models_that_do_not_chat(entry):
    assert not can_chat(entry)


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "qwen2.5-coder:1.5b"},
        {"id": "gemma-3-4b-it"},
        {"id": "openai/gpt-oss-20b", "type": "llm"},
        {"id": "mistral-small", "capabilities": {"completion_chat": True}},
        {"id": "a", "capabilities": ["completion", "tools"]},
        {"id": "lllyasviel/omost-llama-3-8b"},
    ],
)
def test_models_that_chat(entry):
    assert can_chat(entry)


def test_models_that_chat_come_first():
    assert chat_models([{"id": "bge-m3"}, {"id": "b"}, {"id": "a"}]) == ["b", "a", "bge-m3"]
