"""Checks the values of a request before gradio passes them to the page's components.

Without the check a visitor could read any file: gradio downloads, copies and opens each file that
a value names, in any component.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from lib_omost.llm.failures import explain_failure
from lib_omost.serve.language import follow_request

NO_UPLOAD = "The page did not receive this file. Choose the file again."


class CheckedBlocks(gr.Blocks):  # type: ignore[misc]
    """gradio Blocks whose handlers accept only plain values and uploaded files.

    In gradio 3 and 4 every route that runs a handler calls `process_api`. Each exception becomes a
    gr.Error with a sentence, because gradio would otherwise reply {"error": null}.
    """

    async def process_api(self, *args: Any, **arguments: Any) -> dict[str, Any]:
        """Checks the inputs and runs the handler (gradio.Blocks.process_api)."""
        follow_request(arguments.get("request"))
        try:
            arguments["inputs"] = check_values(self._inputs(arguments), arguments["inputs"])
            response: dict[str, Any] = await super().process_api(*args, **arguments)
            return response
        except gr.Error:
            raise
        except ValueError as error:
            raise gr.Error(str(error)) from error
        except Exception as error:
            raise gr.Error(explain_failure(error, "The page")) from error

    def _inputs(self, arguments: dict[str, Any]) -> list[Any]:
        """Returns the components that are inputs of the handler."""
        if "fn_index" in arguments:  # gradio 3
            numbers = self.dependencies[arguments["fn_index"]]["inputs"]
            return [self.blocks[number] for number in numbers]
        return list(arguments["block_fn"].inputs)


def check_values(components: Sequence[Any], values: Any) -> list[Any]:
    """Returns the values of components without references to files or addresses.

    An uploaded file of a File component is the exception; it gets a new description.

    Args:
        components: The inputs of a handler.
        values: Their values from the request, in the same order.

    Raises:
        ValueError: A value has the wrong type; the message is for the visitor.
    """
    if not isinstance(values, list) or len(values) < len(components):
        raise ValueError(f"The handler needs a list of {len(components)} values.")
    return [_check_value(*pair) for pair in zip(components, values, strict=False)]


def upload_folder() -> Path:
    """Returns the folder in which gradio stores uploaded files."""
    named = os.environ.get("GRADIO_TEMP_DIR")
    return Path(named or Path(tempfile.gettempdir()) / "gradio").resolve()


def _check_value(component: Any, value: Any) -> Any:
    if getattr(component, "stateful", False):
        return None  # gradio uses the value that the server stores
    if value is None:
        return None
    if isinstance(component, gr.File):
        return _describe_upload(value)
    for component_type, is_valid, description in VALUE_TYPES:
        if isinstance(component, component_type):
            if not is_valid(value):
                label = getattr(component, "label", None) or getattr(component, "elem_id", "")
                raise ValueError(f"“{label}” must be {description}, not {str(value)[:100]}.")
            return value
    if _contains_object(value):
        raise ValueError(NO_UPLOAD)
    return value


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and abs(value) < math.inf


def _is_choice(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(item, str) or _is_number(item) for item in items)


VALUE_TYPES: list[tuple[Any, Callable[[Any], bool], str]] = [
    (gr.Slider, _is_number, "a number"),
    (gr.Number, _is_number, "a number"),
    (gr.Checkbox, lambda value: isinstance(value, bool), "true or false"),
    (gr.Dropdown, _is_choice, "one of its choices"),
    (gr.Radio, lambda value: isinstance(value, str), "one of its choices"),
    (gr.Textbox, lambda value: isinstance(value, str), "text"),
]
"""Component class, a test of its values, and a description of the valid values."""


def _contains_object(value: Any) -> bool:
    """Returns True if a value contains a JSON object; gradio reads some objects as files."""
    if isinstance(value, list):
        return any(map(_contains_object, value))
    return isinstance(value, dict)


def _describe_upload(value: Any) -> dict[str, Any]:
    """Builds a new description of an uploaded file for gradio.

    Raises:
        ValueError: The value does not name an uploaded file.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ValueError(NO_UPLOAD)
    name = "path" if "path" in value else "name"  # in gradio 4 and in gradio 3
    path = value.get(name)
    if not isinstance(path, str) or "\0" in path or not _is_in_upload_folder(Path(path)):
        raise ValueError(NO_UPLOAD)
    original = value.get("orig_name")
    original_name = {"orig_name": original if isinstance(original, str) else Path(path).name}
    if name == "path":
        return {"path": path, "meta": {"_type": "gradio.FileData"}, **original_name}
    return {"name": path, "is_file": True, "data": None, **original_name}


def _is_in_upload_folder(path: Path) -> bool:
    file = path.resolve()
    return upload_folder() in file.parents and file.is_file()
