"""Declares the settings of composing once, for the page, API, command line and saved results."""
# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff does not see it for Literal types

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, get_args

from lib_omost.llm.engine import ThinkingEffort
from lib_omost.llm.model_catalog import default_temperature
from lib_omost.llm.server.request import Dialect
from lib_omost.setting_fields import DeclaredSettings, SettingField, declared_fields, setting

DEMO_MODEL = "composer"
"""Name of the demonstration model that ships with the extension."""

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

EFFORTS: tuple[ThinkingEffort, ...] = get_args(ThinkingEffort)

ENGINE, ANSWER, MEMORY = "engine", "answer", "memory"
"""Groups of settings: which engine answers, how it writes, and what stays in memory."""


@dataclass(frozen=True)
class ComposeSettings(DeclaredSettings):
    """Settings of composing a canvas with a language model.

    A new setting is one declaration here. A setting of the group ANSWER is also a field of
    llm.engine.Task, which the engines read.

    The seed is part of the conversation, because each of its answers has its own.

    Raises:
        SettingsError: A value has the wrong type or is outside its bounds.
    """

    model: str = setting(
        DEMO_MODEL,
        "Language model",
        "A name from the list or from the Hugging Face Hub, a folder, a GGUF file, or the address "
        "of a server with OpenAI's API.",
        group=ENGINE,
    )
    server_model: str = setting(
        "",
        "Model on the server",
        "Name of the model on that server. Empty: the first model that the server lists.",
        group=ENGINE,
    )
    dialect: Dialect = setting(
        "openai",
        "Dialect",
        "How the server is told to write nothing but a canvas. openai suits most servers.",
        choices=DIALECTS,
        group=ENGINE,
    )
    own_process: bool = setting(
        False,
        "Own process",
        "Run the model outside the WebUI, in the Python environment that “Set up language models” "
        "creates.",
        group=ENGINE,
    )
    temperature: float | None = setting(
        None,
        "Temperature",
        "Randomness of the answer. 0 always picks the most likely token (greedy decoding). "
        "Automatic: 0 for the demonstration model, 0.6 for Omost models and servers, 0.3 for all "
        "others.",
        kind=float,
        low=0,
        high=5,
        slider=(0, 1.2, 0.2),
        optional=True,
        group=ANSWER,
    )
    top_p: float = setting(
        0.9,
        "Top p",
        "Nucleus sampling: sample only from the most likely tokens whose probabilities add up to "
        "this value.",
        low=0.001,
        high=1,
        slider=(0.05, 1, 0.05),
        group=ANSWER,
    )
    max_new_tokens: int = setting(
        4096,
        "Most tokens of an answer",
        "Maximum length of an answer in tokens. A longer answer is cut.",
        low=1,
        high=100_000,
        slider=(256, 32768, 256),
        group=ANSWER,
    )
    canvas_only: bool | None = setting(
        None,
        "Only a canvas",
        "Let the model write nothing but a canvas, enforced by a grammar or a JSON schema. "
        "Automatic: for all models except Omost's.",
        kind=bool,
        optional=True,
        group=ANSWER,
    )
    keep_loaded: bool = setting(
        False,
        "Always keep the model loaded",
        "Keep the model in memory while pictures are generated. Otherwise it is unloaded when "
        "there is not enough memory for both.",
        group=MEMORY,
    )
    # Last, because programs send the script's arguments in the order of these declarations.
    thinking: ThinkingEffort = setting(
        "automatic",
        "Thinking",
        "How much a reasoning model thinks before it writes the canvas. Thinking counts towards "
        "the most tokens of an answer. Automatic: as the model or its server decides.",
        choices=EFFORTS,
        group=ANSWER,
    )

    @property
    def engine_key(self) -> tuple[Any, ...]:
        """The values that choose the engine. Equal keys are answered by the same engine."""
        values = (getattr(self, name) for name in names_of(ENGINE))
        return tuple(value.strip() if isinstance(value, str) else value for value in values)

    @property
    def answer_values(self) -> dict[str, Any]:
        """The values that decide how the engine writes, by name."""
        return {name: getattr(self, name) for name in names_of(ANSWER)}

    def resolved(self) -> ComposeSettings:
        """Returns the settings with the model's own values in place of automatic ones."""
        temperature, canvas_only = self.temperature, self.canvas_only
        if temperature is None:
            temperature = default_temperature(self.model)
        if canvas_only is None and self.model.strip() == DEMO_MODEL:
            canvas_only = True  # the demonstration model writes nothing else
        return replace(self, temperature=temperature, canvas_only=canvas_only)


COMPOSE_FIELDS: dict[str, SettingField] = declared_fields(ComposeSettings)
"""Declarations of the settings by name, in the order of the script's arguments."""


def names_of(*groups: str) -> tuple[str, ...]:
    """Returns the names of the settings of some groups, in the order of their declaration."""
    return tuple(name for name, field in COMPOSE_FIELDS.items() if field.group in groups)
