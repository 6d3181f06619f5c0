"""How a completion's result is told in words: one line an item, whatever made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.web.data_values import shorten


@dataclass(frozen=True, slots=True)
class ResultLine:
    """An item of a result: who asked (`control`), what was answered, and where in the data."""

    control: str
    type: str
    answers: tuple[str, ...]
    place: str


def result_lines(result: Any) -> list[ResultLine]:
    """Return one line for each item of a stored result; odd items are told as they are."""
    items = result if isinstance(result, list) else []
    return [result_line(item) for item in items if isinstance(item, dict)]


def result_line(item: dict[str, Any]) -> ResultLine:
    """Return an item of a stored result in words."""
    kind = str(item.get("type", ""))
    if kind == "relation":
        place = f"{item.get('from_id')} → {item.get('to_id')}"
        return ResultLine("relation", kind, _texts(item.get("labels")), place)
    value = item.get("value")
    value = value if isinstance(value, dict) else {}
    answers = _answers(kind, value)
    return ResultLine(str(item.get("from_name", "")), kind, answers, _place(value))


def _answers(kind: str, value: dict[str, Any]) -> tuple[str, ...]:
    """Return what was chosen; an item keeps it under its own type, a text area under `text`."""
    if kind == "textarea":
        return _texts(value.get("text"))
    if kind == "pairwise":
        return _texts(value.get("selected"))
    return _texts(value.get(kind))


def _texts(answer: Any) -> tuple[str, ...]:
    if answer is None:
        return ()
    if isinstance(answer, list):
        return tuple(
            " › ".join(map(str, part)) if isinstance(part, list) else shorten(part) for part in answer
        )
    return (shorten(answer),)


def _place(value: dict[str, Any]) -> str:
    """Return where in the data the item lies: the words of a span, the corner and size of a box, seconds."""
    if {"x", "y"} <= value.keys():
        return _on_image(value)
    if isinstance(points := value.get("points"), list):
        return f"{len(points)} points"
    if "rle" in value:
        return "brush"
    if {"start", "end"} <= value.keys():
        quoted = value.get("text")
        text = f"“{shorten(quoted)}” · " if isinstance(quoted, str) and quoted else ""
        return f"{text}{_number(value['start'])} – {_number(value['end'])}"
    return ""


def _on_image(value: dict[str, Any]) -> str:
    corner = f"{_number(value['x'])}%, {_number(value['y'])}%"
    if {"width", "height"} <= value.keys():
        return f"{corner} · {_number(value['width'])}% × {_number(value['height'])}%"
    return corner


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, int | float) and abs(value) < 1e4 else str(value)
