"""Labeled tasks of all kinds, and of none, for tests that hold for any of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from apps.labeling.config import parse
from apps.labeling.regions import utf16_length

CONFIG = parse(
    '<View><Text name="text" value="$text"/><Text name="other" value="$other"/>'
    '<Labels name="label" toName="text"><Label value="PER"/><Label value="First name"/><Label value="é😀"/></Labels>'
    '<Labels name="second" toName="other"><Label value="LOC"/></Labels>'
    '<Choices name="mood" toName="text" choice="multiple"><Choice value="good"/><Choice value="bad"/></Choices>'
    '<TextArea name="note" toName="text" perRegion="true"/>'
    '<Image name="image" value="$image"/><Image name="pages" value="$pages"/>'
    '<RectangleLabels name="box" toName="image"><Label value="cat"/><Label value="dog"/></RectangleLabels>'
    '<RectangleLabels name="part" toName="pages"><Label value="cat"/><Label value="line"/></RectangleLabels>'
    '<PolygonLabels name="shape" toName="image"><Label value="cat"/></PolygonLabels>'
    '<EllipseLabels name="round" toName="image"><Label value="cat"/></EllipseLabels>'
    '<BrushLabels name="brush" toName="image"><Label value="cat"/></BrushLabels>'
    '<KeyPointLabels name="point" toName="image"><Label value="nose"/><Label value="tail"/></KeyPointLabels>'
    '<TextArea name="read" toName="image" perRegion="true"/>'
    '<AudioPlus name="audio" value="$audio"/><Labels name="speaker" toName="audio"><Label value="A"/></Labels>'
    '<TextArea name="said" toName="audio"/><Relations><Relation value="of"/></Relations></View>'
)
WIDTH, HEIGHT = 320, 200
CHARACTERS = st.sampled_from(
    ["a", "b", " ", "\n", ".", "\t", "é", "e\u0301", "😀", "👩‍🚀", "ß", "\u200d", "漢", "="]
)
TEXTS = st.lists(CHARACTERS, max_size=25).map("".join)
ADDRESSES = st.sampled_from(
    [
        "/a/photo.jpg",
        "/b/photo.jpg",
        "../../x.png",
        "s3://b/..",
        "/data/upload/1/ä b.jpg",
        "https://x.org/?d=a/b.png",
    ]
)
# Whole percents are met at the edges far more often than fractions.
SIDES = st.sampled_from([0, 10, 25, 50, 99.5, 100]) | st.floats(-20, 120)
LENGTHS = st.sampled_from([0.5, 10, 50, 100]) | st.floats(0, 120)
ANGLES = st.sampled_from([0, 0, 90, 45, 359.9]) | st.floats(0, 360)
NOTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, "x", [], {}, True, 10**30, {"x": None}, {"start": None, "end": 5}]
)
IDS = st.sampled_from(["r1", "r2", "r3", "r4"])


def _item(name: str, about: str, kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": about, "type": kind, "value": value, "origin": "manual", **more}


def _some(*labels: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(labels), min_size=1, max_size=2, unique=True)


@st.composite
def spans(draw: st.DrawFn, name: str, about: str, text: str, labels: tuple[str, ...]) -> dict[str, Any]:
    """Return a labeled piece of a text, by UTF-16 units as the editor counts them."""
    start, end = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    value = {
        "start": utf16_length(text[:start]), "end": utf16_length(text[:end]), "text": text[start:end],
        "labels": draw(_some(*labels)),
    }  # fmt: skip
    return _item(name, about, "labels", value, id=draw(IDS))


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """Return a labeled shape on a picture; some lie on its edges, some outside."""
    kind = draw(st.sampled_from(["rectangle", "part", "polygon", "ellipse", "keypoint"]))
    name, about, labels, value = {
        "rectangle": lambda: ("box", "image", ("cat", "dog"), _box(draw)),
        "part": lambda: ("part", "pages", ("cat", "line"), _box(draw)),
        "polygon": lambda: (
            "shape", "image", ("cat",),
            {"points": draw(st.lists(st.tuples(SIDES, SIDES).map(list), min_size=3, max_size=6))},
        ),
        "ellipse": lambda: (
            "round", "image", ("cat",),
            {"x": draw(SIDES), "y": draw(SIDES), "radiusX": draw(LENGTHS), "radiusY": draw(LENGTHS),
             "rotation": draw(ANGLES)},
        ),
        "keypoint": lambda: ("point", "image", ("nose", "tail"), {"x": draw(SIDES), "y": draw(SIDES), "width": 0.4}),
    }[kind]()  # fmt: skip
    key = "rectanglelabels" if kind == "part" else f"{kind}labels"
    size = draw(st.sampled_from([{"original_width": WIDTH, "original_height": HEIGHT}] * 4 + [{}]))
    more: dict[str, Any] = {"item_index": draw(st.integers(0, 2))} if kind == "part" else {}
    if kind == "keypoint":
        more = {"parentID": draw(st.none() | IDS)}
    return _item(name, about, key, {**value, key: draw(_some(*labels))}, id=draw(IDS), **size, **more)


def _box(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "x": draw(SIDES), "y": draw(SIDES), "width": draw(LENGTHS), "height": draw(LENGTHS),
        "rotation": draw(ANGLES),
    }  # fmt: skip


WHOLE = st.sampled_from(
    [
        _item("mood", "text", "choices", {"choices": ["good", "bad"]}),
        _item("mood", "text", "choices", {"choices": ["good"]}, id="r1"),
        _item("note", "text", "textarea", {"start": 0, "end": 1, "text": ["=1+1"]}, id="r1"),
        _item("read", "image", "textarea", {"x": 1, "y": 1, "width": 2, "height": 2, "text": ["é"]}, id="r2"),
        _item(
            "speaker",
            "audio",
            "labels",
            {"start": 0.5, "end": 1.25, "labels": ["A"]},
            id="r3",
            original_length=2,
        ),
        _item("said", "audio", "textarea", {"text": ["Hello.", "Bye 😀"]}),
        {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "bi", "labels": ["of"]},
        _item("gone", "text", "choices", {"choices": ["x"]}, id="r4"),
    ]
)


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """Return a result item that is none, or whose value, place or names are no such things."""
    item = draw(shapes() | WHOLE)
    part = draw(st.sampled_from(["value", "id", "from_name", "to_name", "whole", "inside", "item_index"]))
    if part == "whole":
        return draw(NOTHING)
    if part == "inside" and isinstance(item.get("value"), dict):
        return {
            **item,
            "value": {**item["value"], draw(st.sampled_from(sorted(item["value"]))): draw(NOTHING)},
        }
    return {**item, part: draw(NOTHING)}


@st.composite
def data(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a task of `CONFIG` shows."""
    return {
        "text": draw(TEXTS), "other": draw(TEXTS), "image": draw(ADDRESSES),
        "pages": draw(st.lists(ADDRESSES, max_size=3)), "audio": "/a/b.wav",
    }  # fmt: skip


@st.composite
def answers(draw: st.DrawFn, shown: dict[str, Any], *, whole: bool = False) -> list[Any]:
    """Return a result about a task that shows this.

    Args:
        whole: nothing in it is broken.
    """
    kinds = [
        shapes(), WHOLE, spans("label", "text", shown["text"], ("PER", "First name", "é😀")),
        spans("second", "other", shown["other"], ("LOC",)),
    ]  # fmt: skip
    return draw(st.lists(st.one_of(*kinds, *([] if whole else [broken()])), max_size=7))
