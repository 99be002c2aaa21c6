import pytest

from lib_omost.llm.request_subjects import MAX_SUBJECTS, subjects


def asked(*requests: str) -> tuple[str, ...]:
    messages = [{"role": "system", "content": "a drawing of everything"}]
    for request in requests:
        messages += [{"role": "user", "content": request}, {"role": "assistant", "content": "bird"}]
    return subjects(messages)


def test_subjects_are_the_words_that_may_name_what_is_seen():
    assert set(asked("A cat and a dog on a sofa")) == {"cat", "dog", "sofa"}
    assert set(asked("please paint the T-shirt, with 3 old ships")) == {"t-shirt", "ships"}


def test_the_newest_request_counts_first_and_none_is_named_twice():
    assert asked("a cat on the moon", "add a dog beside the cat") == ("cat", "dog", "moon")


@pytest.mark.parametrize("request_", ["ein roter Hund", "红色的猫", "", "un gato negro", "make it"])
def test_what_is_not_english_or_names_nothing_has_no_subjects(request_):
    assert asked(request_) == ()


def test_there_are_never_very_many():
    assert len(asked("the " + " ".join(f"thing{i}" for i in range(200)))) == MAX_SUBJECTS
