from lib_omost.text.sub_prompt import quoted


def test_long_texts_are_quoted_short() -> None:
    assert quoted("a fox") == "'a fox'"
    assert quoted("a fox in the snow", most=9) == "'a fox in…'"
