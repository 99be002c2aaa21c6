import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_omost.canvas.prompt_texts import normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a red fox", "a red fox."),
        ("a red fox.", "a red fox."),
        (" ,. a red fox ., ,\n", "a red fox."),
        ("fur, tail, snow", "fur, tail, snow."),
        ("Is it? It is!", "Is it? It is!."),
        ("a fox. in snow", "a fox. in snow."),
        ("", ""),
        (" ., \u00a0", ""),
        ("(a, b:1.3)", "(a, b:1.3)."),
        ("(a, b:1.3).", "(a, b:1.3)."),
        ("[dim,],", "[dim,]."),
    ],
)
def test_a_sub_prompt_ends_in_one_full_stop(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
