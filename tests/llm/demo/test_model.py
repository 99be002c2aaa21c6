import random
from pathlib import Path

import pytest

from lib_omost.canvas.code_reader import read_code
from lib_omost.llm.demo import model
from lib_omost.llm.demo.model import DemoComposer
from lib_omost.llm.engine import Task
from lib_omost.llm.engine_factory import create_engine
from lib_omost.llm.failures import UnusableError
from tests.llm.asking import answer
from training.composer.architecture import new_model, new_tokenizer, save
from training.composer.conversations import assistant, user
from training.composer.requests import random_request


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> DemoComposer:
    folder: Path = tmp_path_factory.mktemp("composer")
    tokenizer = new_tokenizer(seed=0, turns=40)
    save(new_model(tokenizer, seed=0), tokenizer, folder)
    return DemoComposer(folder)


def test_a_model_that_learned_nothing_answers_and_its_answer_is_no_canvas(
    untrained: DemoComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "MAX_ANSWER_TOKENS", 20)
    reading = untrained.compose("a red circle")
    assert reading.canvas is None
    assert reading.diagnostics[0].severity == "error"


def test_the_same_conversation_has_the_same_answer(
    untrained: DemoComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "MAX_ANSWER_TOKENS", 20)
    request = random_request(random.Random(0))
    turns = [user(request.text), assistant(request.composition), user("make the background black")]
    assert untrained.answer(turns) == untrained.answer(turns) != untrained.answer(turns[:1])


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="`python -m training composer` trains one"):
        DemoComposer(tmp_path)


def test_the_one_that_ships_puts_things_where_they_are_asked_for() -> None:
    reading = DemoComposer().compose("a red circle to the left of a blue star, under a navy sky")
    assert reading.canvas is not None
    assert not reading.diagnostics
    left, other = sorted(reading.canvas.regions, key=lambda region: region.box.left)
    assert "red circle" in left.description
    assert "blue star" in other.description
    assert left.box.right <= other.box.right
    assert "navy" in reading.canvas.description


@pytest.mark.parametrize(
    "said",
    [
        "a red circle on the left of a blue square",
        "Red circle left of blue square",
        "a red circle beside a blue square",
        "a blue square to the right of a red circle",
    ],
)
def test_the_one_that_ships_knows_the_ways_to_say_left_and_right(said: str) -> None:
    reading = DemoComposer().compose(said)
    assert reading.canvas is not None
    places = {region.description: region.place.location for region in reading.canvas.regions}
    assert places == {"a red circle.": "on the left", "a blue square.": "on the right"}


def test_the_grammar_of_canvases_changes_none_of_its_answers() -> None:
    messages = [user("a red circle on the left of a blue square")]
    for said in ("make the circle green", ""):
        expected = DemoComposer().answer(messages)
        task = Task(tuple(messages), temperature=0, max_new_tokens=1200, canvas_only=True)
        assert answer(create_engine().engine, task) == expected
        messages += [{"role": "assistant", "content": expected}, user(said)]


def test_the_one_that_ships_changes_what_is_said_and_keeps_the_rest() -> None:
    request = user("a red circle to the left of a blue star, under a navy sky")
    composer = DemoComposer()
    messages = [request, {"role": "assistant", "content": composer.answer([request])}]
    seen = []
    for said in ("make the circle green", "add a pink moon at the top", "remove the star"):
        messages.append(user(said))
        messages.append({"role": "assistant", "content": composer.answer(messages)})
        canvas = read_code(messages[-1]["content"]).canvas
        assert canvas is not None
        seen.append([(region.description, region.place.location) for region in canvas.regions])
    circle, star = ("a green circle.", "on the left"), ("a blue star.", "on the right")
    moon = ("a pink moon.", "on the top")
    assert seen == [[circle, star], [circle, star, moon], [circle, moon]]
