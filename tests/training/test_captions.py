import random

import pytest

from lib_omost.renderer.pipeline_loading import load_tokenizers
from training.captions import (
    background_words,
    caption,
    describe_object,
    place_words,
)
from training.painter.denoiser import tokens, unknown_token
from training.scenes import Background, Scene, SceneObject, crowded_scene

SCENE = Scene(
    Background("ground", ("navy", "tan")),
    (
        SceneObject("orange", "star", 0.3, 0.3, 0.25, 0.25),
        SceneObject("red", "fish", 0.7, 0.7, 0.5, 0.5),
    ),
)


def test_canvases_say_it_in_one_way() -> None:
    assert background_words(SCENE.background) == "under a navy sky, on tan ground"
    assert describe_object(SCENE.objects[0]) == "an orange star"
    assert describe_object(SCENE.objects[1]) == "a red fish"


def test_places_are_the_ninths_of_the_picture() -> None:
    assert place_words(SceneObject("red", "fish", 0.2, 0.5, 0.3, 0.3)) == "on the left"
    assert place_words(SceneObject("red", "fish", 0.9, 0.95, 0.3, 0.3)) == "on the bottom-right"
    assert place_words(SceneObject("red", "fish", 0.5, 0.4, 0.3, 0.3)) == "in the center"


def test_one_caption_in_five_says_where_things_are() -> None:
    rng = random.Random(5)
    said = sum("on the bottom-right" in caption(SCENE, rng)[0] for _ in range(1000))
    assert 150 < said < 250


def test_a_caption_names_every_object_and_its_colour() -> None:
    rng = random.Random(2)
    for _ in range(300):
        (text,) = caption(SCENE, rng)
        assert all(word in text for word in ("orange", "star", "red", "fish"))
        assert text.endswith(".")


def test_two_chunks_share_the_objects() -> None:
    first, second = caption(SCENE, random.Random(3), chunks=2)
    assert ("star" in first) != ("star" in second)
    assert ("fish" in first) != ("fish" in second)


@pytest.mark.parametrize("chunks", [1, 2, 6])
def test_every_caption_fits_its_chunk(chunks: int) -> None:
    """`tokens` refuses a caption that is too long; no caption contains the unknown token."""
    tokenizer, rng = load_tokenizers("sd1")["tokenizer"], random.Random(4)
    texts = [caption(crowded_scene(rng), rng, chunks) for _ in range(500)]
    ids = tokens(tokenizer, texts)
    assert ids.shape == (500, chunks, 77)
    assert unknown_token(tokenizer) not in ids
    assert unknown_token(tokenizer) != tokenizer.unk_token_id
