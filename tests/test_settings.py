"""Settings: one class for UI, API and infotext."""

from __future__ import annotations

import json

import pytest

from lib_omost.setting_fields import SettingsError
from lib_omost.settings import FIELDS, Settings, from_infotext

CHOICES = "one of omost, couple, area"


def test_defaults_are_off_and_neutral():
    settings = Settings()
    assert settings.enabled is False
    assert (settings.method, settings.overlap) == ("omost", "all")
    assert (settings.global_strength, settings.region_strength) == (1.0, 1.0)


def test_every_setting_says_what_it_is():
    for field in FIELDS.values():
        assert field.label
        assert field.help.endswith((".", ")."))


def test_a_whole_number_will_do_for_a_strength():
    assert Settings(region_strength=2).region_strength == 2.0
    assert isinstance(Settings(region_strength=2).region_strength, float)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"enabled": "yes"}, "enabled must be true or false, not 'yes'"),
        ({"region_strength": "strong"}, "region_strength must be a number, not 'strong'"),
        ({"region_strength": True}, "region_strength must be a number, not True"),
        ({"region_strength": 2.5}, "region_strength must be between 0 and 2, not 2.5"),
        ({"region_strength": float("nan")}, "region_strength must be between 0 and 2, not nan"),
        ({"end": 10**5000}, "end must be between 0 and 1, not a very large number"),
        ({"method": 10**5000}, f"method must be {CHOICES}, not a very large number"),
        ({"canvas": 10**5000}, "canvas must be text or a list of texts, not a very large number"),
        ({"composition_seed": 1.5}, "composition_seed must be a whole number, not 1.5"),
        ({"composition_seed": -2}, "composition_seed must be between -1 and 4294967295, not -2"),
        ({"composition_seed": None}, "composition_seed must be a number, not None"),
        ({"canvas_source": "air"}, "canvas_source must be one of page, prompt, not 'air'"),
        ({"method": "magic"}, "method must be one of omost, couple, area, not 'magic'"),
        ({"method": ["omost"]}, "method must be one of omost, couple, area, not ['omost']"),
        ({"canvas": 5}, "canvas must be text or a list of texts, not 5"),
        ({"canvas": ["a", 5]}, "canvas must be text or a list of texts, not ['a', 5]"),
        ({"canvas": []}, "canvas is an empty list; give one text or more"),
        ({"start": 0.5, "end": 0.25}, "start (0.5) must not be after end (0.25)"),
    ],
)
def test_a_wrong_value_is_refused_by_name(values, message):
    with pytest.raises(SettingsError) as error:
        Settings.from_mapping(values)
    assert str(error.value) == message


def test_a_whole_number_stays_one():
    """Pages and JSON may write it as 5.0."""
    seed = Settings(composition_seed=5.0).composition_seed
    assert (seed, type(seed)) == (5, int)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("metod", "did you mean 'method'?"),
        ("Region strength", "did you mean 'region_strength'?"),
        ("xyz", "known: enabled, canvas, canvas_source"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_or_all_known_ones(name, hint):
    with pytest.raises(SettingsError) as error:
        Settings.from_mapping({name: "couple"})
    assert str(error.value).startswith(f"unknown setting {name!r}; {hint}")


def test_a_list_of_canvases_is_kept_as_a_tuple():
    assert Settings(canvas=["a", "b"]).canvas == ("a", "b")


def test_infotext_holds_what_differs_from_the_defaults():
    assert Settings(enabled=True, canvas="...").infotext() is None
    changed = Settings(enabled=True, method="couple", end=0.8)
    assert json.loads(changed.infotext()) == {"method": "couple", "end": 0.8}


def test_infotext_comes_back_with_defaults_for_what_it_leaves_out():
    settings = Settings(method="area", region_strength=0.5, start_from_colors=True)
    values = from_infotext(settings.infotext())
    assert Settings(**values) == settings
    assert set(values) == set(FIELDS) - {"enabled", "canvas"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"end": ' + "9" * 5000 + "}",
        '{"end": 1e999}',
        " " * 400_001 + '{"end": 0.5}',
    ],
    ids=["deep", "long number", "infinite", "long text"],
)
def test_hostile_infotext_falls_back_to_defaults(text):
    assert Settings(**from_infotext(text)) == Settings()


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '{"new in 9.0": 1, "method": "magic"}'])
def test_infotext_of_another_version_falls_back_to_defaults(text):
    assert Settings(**from_infotext(text)) == Settings()
