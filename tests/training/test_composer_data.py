import random
from dataclasses import replace

import pytest

from lib_omost.canvas.code_reader import read_code
from lib_omost.canvas.code_writer import write_code
from lib_omost.canvas.model import Place
from lib_omost.llm.demo.vocabulary import RELATIONS
from training.canvases import Composition, Placed, arranged, canvas_of
from training.composer.architecture import CONTEXT, batch, new_tokenizer, tokens
from training.composer.conversations import (
    Turn,
    assistant,
    changes,
    random_turn,
    sketch,
    user,
)
from training.composer.edits import random_edit
from training.composer.language_model import BATCH, SKETCHES, turns_of
from training.composer.requests import is_held_out, random_request, related
from training.composer.words import USUAL
from training.scenes import Background
from training.world import BACKGROUND_COLORS, COLORS, HELD_OUT, OBJECTS

RED, BLUE = ("red", "circle"), ("blue", "star")
PAIR = Composition(Background("plain", ("navy",)), arranged([RED, BLUE]))


def test_a_composition_is_a_canvas() -> None:
    canvas = canvas_of(PAIR)
    assert canvas.description == "on a navy background."
    assert canvas.color == (0, 0, 128)
    assert [region.description for region in canvas.regions] == ["a red circle.", "a blue star."]
    assert canvas.regions[0].place == Place("on the left", "no offset", "a small square area")
    assert read_code(write_code(canvas)).canvas == canvas


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_relation_holds_between_the_boxes(relation: str) -> None:
    first, second = related(relation, RED, BLUE)
    a, b = first.place.box, second.place.box
    assert {
        "left of": a.right < b.left,
        "right of": b.right < a.left,
        "above": a.bottom < b.top,
        "below": b.bottom < a.top,
        "in front of": first.distance < second.distance,
        "behind": first.distance > second.distance,
    }[relation]


def test_requests_are_of_all_kinds_and_one_to_four_objects() -> None:
    rng = random.Random(5)
    requests = [random_request(rng) for _ in range(500)]
    assert {request.kind for request in requests} == {
        "places",
        "no places",
        "same",
        "between",
        "row",
        "column",
        *RELATIONS,
    }
    assert {len(request.composition.objects) for request in requests} == {1, 2, 3, 4}


def test_an_edit_changes_what_it_says_and_nothing_else() -> None:
    rng = random.Random(6)
    seen = set()
    for _ in range(300):
        edit = random_edit(PAIR, rng)
        seen.add(edit.kind)
        before, after = set(PAIR.objects), set(edit.composition.objects)
        gone, new = before - after, after - before
        assert (len(gone), len(new)) == {
            "recolor": (1, 1),
            "move": (1, 1),
            "resize": (1, 1),
            "remove": (1, 0),
            "add": (0, 1),
            "background": (0, 0),
        }[edit.kind]
        kept = edit.composition.background == PAIR.background
        assert kept == (edit.kind != "background")
        if edit.kind == "move":
            (old,), (moved,) = gone, new
            assert (old.kind, old.distance) == (moved.kind, moved.distance)
        if edit.kind == "resize":
            (old,), (sized,) = gone, new
            assert old.place.area == "a small square area"
            assert sized.place.area == "a medium-sized square area"
            assert (old.kind, old.place.location) == (sized.kind, sized.place.location)
    assert seen == {"recolor", "move", "resize", "remove", "add", "background"}


def test_things_may_be_called_in_other_words_when_they_are_edited() -> None:
    edits = [random_edit(PAIR, random.Random(seed)) for seed in range(300)]
    texts = " ".join(edit.text for edit in edits)
    assert "the ball" in texts
    assert "crimson" in texts
    assert "midnight blue" in texts or "jet black" in texts or "sandy" in texts


def test_all_but_one_object_may_be_taken_away() -> None:
    three = Composition(PAIR.background, arranged([RED, BLUE, ("pink", "moon")]))
    edits = [random_edit(three, random.Random(seed)) for seed in range(100)]
    kept = [edit for edit in edits if edit.kind == "keep"]
    assert kept
    for edit in kept:
        (item,) = edit.composition.objects
        assert item in three.objects


def test_same_objects_are_never_edited_by_an_unclear_name() -> None:
    twins = Composition(PAIR.background, arranged([RED, RED]))
    rng = random.Random(7)
    assert {random_edit(twins, rng).kind for _ in range(100)} == {"add", "background"}


@pytest.fixture(scope="module")
def tokenizer():
    return new_tokenizer(seed=0, turns=400)


def test_the_tokenizer_reads_any_text(tokenizer) -> None:
    text = "Ein Löwe 🦁\r\n\tcanvas.x(y='z')  "
    assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_tokens_are_those_of_the_chat_template(tokenizer) -> None:
    turn = Turn((assistant(PAIR), user("Make the star RED ")), assistant(PAIR))
    before, request = turn.messages
    system = {"role": "system", "content": "left out"}
    conversation = [system, user("drawn before"), before, user("not answered"), request]
    text = tokenizer.apply_chat_template(conversation, tokenize=False, add_generation_prompt=True)
    prompt, answer = tokens(tokenizer, turn)
    assert tokenizer(text, add_special_tokens=False).input_ids == prompt
    assert tokenizer.decode(answer) == turn.answer["content"] + "<|end|>"


def test_only_the_answers_tokens_are_learned(tokenizer) -> None:
    turn = Turn((user("draw it"),), assistant(PAIR))
    ids, labels = batch(tokenizer, [turn, Turn((user("draw"),), assistant(PAIR, "hm"))])
    assert tokenizer.decode(labels[0][labels[0] != -100]) == turn.answer["content"] + "<|end|>"
    assert tokenizer.decode(labels[1][labels[1] != -100]).startswith("```python\n# hm\n# plain")
    assert ids.shape == labels.shape


def test_comments_at_the_head_of_a_canvas_say_all_of_it() -> None:
    text = assistant(PAIR)["content"]
    assert text.startswith("```python\n" + sketch(PAIR)["content"] + "canvas = Canvas()\n")
    assert sketch(PAIR)["content"].splitlines() == [
        "# plain navy",
        "# circle red on the left no offset a small square area 1.0",
        "# star blue on the right no offset a small square area 1.0",
    ]
    assert read_code(text) == read_code(assistant(PAIR, sketched=False)["content"])


def test_an_answer_says_first_what_an_edit_changes() -> None:
    three = Composition(PAIR.background, arranged([RED, BLUE, ("pink", "moon")]))
    green = replace(three.objects[0], color="green")
    black = Background("plain", ("black",))
    assert [
        changes(three, three),
        changes(three, replace(three, background=black)),
        changes(three, replace(three, objects=(green, *three.objects[1:]))),
        changes(three, replace(three, objects=three.objects[1:])),
        changes(replace(three, objects=three.objects[:2]), three),
    ] == [
        "background stays, red circle stays, blue star stays, pink moon stays",
        "background changes, red circle stays, blue star stays, pink moon stays",
        "background stays, red circle changes, blue star stays, pink moon stays",
        "background stays, red circle goes, blue star stays, pink moon stays",
        "background stays, red circle stays, blue star stays, pink moon comes",
    ]
    text = assistant(PAIR, "background stays")["content"]
    assert text.startswith("```python\n# background stays\n# plain navy\n# circle red ")
    assert read_code(text) == read_code(assistant(PAIR)["content"])


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_left_unsaid_has_its_usual_colours(name: str) -> None:
    color, layout, colors = USUAL[name]
    assert color in COLORS
    assert (color, name) not in HELD_OUT
    assert set(colors) <= set(BACKGROUND_COLORS)
    assert len(colors) == (1 if layout == "plain" else 2)


def test_a_request_has_one_answer() -> None:
    rng = random.Random(3)
    answers: dict[str, set[str]] = {}
    for _ in range(5000):
        request = random_request(rng, most=1)
        code = write_code(canvas_of(request.composition))
        answers.setdefault(request.text.lower(), set()).add(code)
    assert len(answers) < 5000
    assert {len(codes) for codes in answers.values()} == {1}


def test_turns_ask_and_edit_what_is_composed_here_and_elsewhere() -> None:
    turns = [random_turn(random.Random(seed)) for seed in range(100)]
    first = {"# " in turn.messages[0]["content"] for turn in turns if len(turn.messages) == 2}
    assert first == {True, False}
    assert {len(turn.messages) for turn in turns} == {1, 2}
    assert all(turn.answer["content"].startswith("```python\n# ") for turn in turns)


def test_training_asks_nothing_that_is_held_out() -> None:
    turns = [random_turn(random.Random(seed)) for seed in range(300)]
    asked = [turn.messages[0]["content"] for turn in turns if len(turn.messages) == 1]
    assert len(asked) > 50
    assert not any(map(is_held_out, asked))
    drawn = [random_request(random.Random(seed)).text for seed in range(300)]
    assert any(map(is_held_out, drawn))


def test_a_step_learns_from_canvases_or_from_their_sketches() -> None:
    whole, sketched = turns_of(0), turns_of(0, sketching=True)
    assert (len(whole), len(sketched)) == (BATCH, SKETCHES)
    assert {turn.answer["role"] for turn in whole} == {"assistant"}
    assert {turn.answer["role"] for turn in sketched} == {"sketch"}
    assert turns_of(1) != whole == turns_of(0)


def test_places_and_the_code_between_values_are_one_token_each(tokenizer) -> None:
    ids = tokenizer("',\n    offset='slightly to the upper-left',\n    area='").input_ids
    assert [tokenizer.decode(one) for one in ids] == [
        "',\n    offset='",
        "slightly to the upper-left",
        "',\n    area='",
    ]


def test_the_longest_turns_fit(tokenizer) -> None:
    rng = random.Random(9)
    turns = [random_turn(rng) for _ in range(300)]
    assert max(sum(map(len, tokens(tokenizer, turn))) for turn in turns) < CONTEXT


def test_a_placed_objects_kind_is_colour_and_name() -> None:
    assert Placed("red", "circle", Place()).kind == RED
