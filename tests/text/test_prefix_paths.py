import pytest

from lib_omost.canvas.model import Canvas, Place, Region
from lib_omost.text.prefix_paths import PromptPath, prompt_paths
from lib_omost.text.prompt_syntax import PromptSyntaxError
from lib_omost.text.sub_prompt import SubPrompt

FOX = Region(
    place=Place("on the left"),
    distance_to_viewer=1,
    description="a fox",
    detailed_descriptions=("red fur", ""),
    tags="fox, fur,",
    atmosphere="quiet",
    style="oil painting.",
    quality_meta="sharp",
)
HILL = Region(place=Place("on the top"), distance_to_viewer=8, description="a hill")
CANVAS = Canvas(
    description="a winter day",
    detailed_descriptions=("snow falls", "the sun is low"),
    tags="winter, snow",
    regions=(FOX, HILL),
)


def texts(path: PromptPath) -> tuple[list[str], list[str]]:
    return [s.text for s in path.prefixes], [s.text for s in path.suffixes]


def test_paths_are_global_first_then_regions_far_to_near() -> None:
    assert [texts(path) for path in prompt_paths(CANVAS)] == [
        (["a winter day."], ["snow falls.", "the sun is low.", "winter, snow."]),
        (["a winter day.", "a hill."], []),
        (
            ["a winter day.", "a fox."],
            ["red fur.", "fox, fur.", "quiet.", "oil painting.", "sharp."],
        ),
    ]


def test_regions_can_omit_the_global_prefix() -> None:
    whole, hill, fox = prompt_paths(CANVAS, with_global_prefix=False)
    assert texts(whole)[0] == ["a winter day."]
    assert texts(hill)[0] == ["a hill."]
    assert texts(fox)[0] == ["a fox."]


def test_a_common_prefix_begins_every_path() -> None:
    common_prefix = SubPrompt("(watercolour:1.2), ", "webui", "the prompt box")
    for shared in (True, False):
        for path in prompt_paths(CANVAS, common_prefix=common_prefix, with_global_prefix=shared):
            assert path.prefixes[0] == SubPrompt("(watercolour:1.2).", "webui")


def test_a_blank_common_prefix_is_ignored() -> None:
    assert prompt_paths(CANVAS, common_prefix=SubPrompt(" ,")) == prompt_paths(CANVAS)


def test_the_setting_or_the_region_itself_chooses_the_syntax() -> None:
    typed = Region(place=Place(), description="(a cat:1.2)", syntax="webui")
    canvas = Canvas(description="a (dark) room", regions=(typed,))
    whole, cat = prompt_paths(canvas)
    assert whole.prefixes == (SubPrompt("a (dark) room.", "plain"),)
    assert cat.prefixes == (
        SubPrompt("a (dark) room.", "plain"),
        SubPrompt("(a cat:1.2).", "webui"),
    )
    whole, cat = prompt_paths(canvas, canvas_text="webui")
    assert {s.syntax for s in (*whole.prefixes, *cat.prefixes)} == {"webui"}


def test_owners_number_regions_from_near_to_far() -> None:
    whole, hill, fox = prompt_paths(CANVAS)
    assert whole.prefixes[0].owner == "the whole picture"
    assert hill.prefixes[1].owner == "region 2 ('a hill')"
    assert fox.suffixes[0].owner == "region 1 ('a fox')"


def test_a_canvas_without_text_has_empty_paths() -> None:
    canvas = Canvas(description="", regions=(Region(place=Place(), description=" . "),))
    assert prompt_paths(canvas) == (PromptPath((), ()), PromptPath((), ()))


def test_unsupported_syntax_is_refused_and_names_its_owner() -> None:
    typed = Region(place=Place(), description="a cat", tags="fur AND claws", syntax="webui")
    with pytest.raises(PromptSyntaxError, match=r"region 1 \('a cat'\) contains AND"):
        prompt_paths(Canvas(description="a room", regions=(typed,)))
    with pytest.raises(PromptSyntaxError, match="the prompt box contains <lora:x:1>"):
        prompt_paths(CANVAS, common_prefix=SubPrompt("<lora:x:1>", "webui", "the prompt box"))
