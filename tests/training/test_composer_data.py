import random

import pytest

from lib_omost.canvas.code import read_code
from lib_omost.canvas.model import Place
from lib_omost.canvas.writing import write_code
from training.canvases import Composition, Placed, arranged, canvas_of
from training.composer.architecture import CONTEXT, batch, new_tokenizer, tokens
from training.composer.conversations import (
    Conversation,
    assistant,
    random_conversation,
    sketch,
    sketched_conversation,
    user,
)
from training.composer.edits import random_edit
from training.composer.requests import RELATIONS, random_request, related
from training.scenes import Background

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
    assert {len(request.composition.things) for request in requests} == {1, 2, 3, 4}


def test_an_edit_changes_what_it_says_and_nothing_else() -> None:
    rng = random.Random(6)
    seen = set()
    for _ in range(300):
        edit = random_edit(PAIR, rng)
        seen.add(edit.kind)
        before, after = set(PAIR.things), set(edit.composition.things)
        gone, new = before - after, after - before
        assert (len(gone), len(new)) == {
            "recolor": (1, 1),
            "move": (1, 1),
            "remove": (1, 0),
            "add": (0, 1),
            "background": (0, 0),
        }[edit.kind]
        kept = edit.composition.background == PAIR.background
        assert kept == (edit.kind != "background")
        if edit.kind == "move":
            (old,), (moved,) = gone, new
            assert (old.kind, old.distance) == (moved.kind, moved.distance)
    assert seen == {"recolor", "move", "remove", "add", "background"}


def test_all_but_one_object_may_be_taken_away() -> None:
    three = Composition(PAIR.background, arranged([RED, BLUE, ("pink", "moon")]))
    edits = [random_edit(three, random.Random(seed)) for seed in range(100)]
    kept = [edit for edit in edits if edit.kind == "keep"]
    assert kept
    for edit in kept:
        (thing,) = edit.composition.things
        assert thing in three.things
        assert thing.name in edit.text


def test_same_objects_are_never_edited_by_an_unclear_name() -> None:
    twins = Composition(PAIR.background, arranged([RED, RED]))
    rng = random.Random(7)
    assert {random_edit(twins, rng).kind for _ in range(100)} == {"add", "background"}


@pytest.fixture(scope="module")
def tokenizer():
    return new_tokenizer(seed=0, conversations=200)


def test_the_tokenizer_reads_any_text(tokenizer) -> None:
    text = "Ein Löwe 🦁\r\n\tcanvas.x(y='z')  "
    assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_tokens_are_those_of_the_chat_template(tokenizer) -> None:
    conversation = random_conversation(random.Random(8))
    system = {"role": "system", "content": "left out"}
    text = tokenizer.apply_chat_template([system, *conversation.messages], tokenize=False)
    ids, _ = tokens(tokenizer, conversation)
    assert tokenizer(text, add_special_tokens=False).input_ids == ids


def test_only_the_assistants_tokens_are_learned(tokenizer) -> None:
    conversation = Conversation((user("draw it"), assistant(PAIR)))
    ids, labels = batch(tokenizer, [conversation, Conversation((user("draw it"),))])
    learned = tokenizer.decode(labels[0][labels[0] != -100])
    assert learned == conversation.messages[1]["content"] + "<|end|>"
    assert (labels[1] == -100).all()
    assert ids.shape == labels.shape


def test_a_key_above_each_region_says_all_of_it() -> None:
    text = assistant(PAIR)["content"]
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# circle red on the left no offset a small square area 1.0",
        "# star blue on the right no offset a small square area 1.0",
    ]
    assert read_code(text) == read_code(assistant(PAIR, keys=False)["content"])


def test_canvases_from_elsewhere_have_no_keys_and_are_not_learned(tokenizer) -> None:
    messages = user("draw it"), assistant(PAIR, keys=False), user("again"), assistant(PAIR)
    _, labels = batch(tokenizer, [Conversation(messages, given=2)])
    learned = tokenizer.decode(labels[0][labels[0] != -100])
    assert learned == messages[3]["content"] + "<|end|>"


def test_places_and_the_code_between_values_are_one_token_each(tokenizer) -> None:
    ids = tokenizer("',\n    offset='slightly to the upper-left',\n    area='").input_ids
    assert [tokenizer.decode(one) for one in ids] == [
        "',\n    offset='",
        "slightly to the upper-left",
        "',\n    area='",
    ]


def test_the_longest_conversations_fit(tokenizer) -> None:
    rng = random.Random(9)
    assert max(len(tokens(tokenizer, random_conversation(rng))[0]) for _ in range(300)) < CONTEXT


def test_a_placed_objects_kind_is_colour_and_name() -> None:
    assert Placed("red", "circle", Place()).kind == RED


def test_sketches_are_keys_alone_and_of_many_edits(tokenizer) -> None:
    conversation = sketched_conversation(random.Random(12))
    assert [message["role"] for message in conversation.messages] == ["user", "assistant"] * 9
    answers = [message["content"] for message in conversation.messages[1::2]]
    assert all(line.startswith("# ") for answer in answers for line in answer.splitlines())
    assert sketch(PAIR)["content"].splitlines() == [
        "# navy",
        "# circle red on the left no offset a small square area 1.0",
        "# star blue on the right no offset a small square area 1.0",
    ]
