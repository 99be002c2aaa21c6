from lib_omost.text.sub_prompt import quote


def test_long_texts_are_shortened_in_quotes() -> None:
    assert quote("a fox") == "'a fox'"
    assert quote("a fox in the snow", limit=9) == "'a fox in…'"
