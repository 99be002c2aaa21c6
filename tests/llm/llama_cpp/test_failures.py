"""llama.cpp's errors, each in one sentence with a remedy."""

import pytest

from lib_omost.llm.engine import Failed
from lib_omost.llm.llama_cpp.failures import explain_load_failure, explain_refusal


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (
            "0.01.2 E llama_model_load: error loading model: unknown model architecture: 'omega'",
            "x.gguf has the architecture omega, which the installed llama.cpp does not know",
        ),
        (
            "E ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9",
            "There is not enough memory for x.gguf: close other programs",
        ),
        (
            "0.01.2 W hint\n0.01.3 E tensor 'a' data is not within the file bounds, model is "
            "corrupted or incomplete",
            "The file x.gguf is damaged or incomplete (tensor 'a' data is not",
        ),
        ("E load: bad luck", "llama.cpp cannot load x.gguf (load: bad luck): choose another file"),
        ("", "llama.cpp cannot load x.gguf (llama.cpp gives no reason): choose another file"),
    ],
)
def test_why_a_model_does_not_load(log, message):
    assert explain_load_failure("x.gguf", log).startswith(message)


def test_why_a_request_is_refused():
    error = {"code": 400, "message": "failed to parse grammar.", "type": "invalid_request_error"}
    message = "llama.cpp refuses the request (failed to parse grammar): choose another model."
    assert explain_refusal(error) == Failed(message, refused=True)


def test_a_conversation_longer_than_the_context_window_is_refused():
    error = {"type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 8192}
    assert explain_refusal(error) == Failed(
        "The conversation has 9000 tokens, but the model reads 8192: start a new chat, or continue "
        "from the current canvas alone.",
        refused=True,
    )
