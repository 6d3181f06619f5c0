"""Which tags a labeling config may hold, read from tags.toml: what each is for, its attributes, what it works on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

REGISTRY_FILE = Path(__file__).resolve().with_name("tags.toml")

Kind = Literal["object", "control", "option", "part", "visual"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute of a tag means and which values it takes.

    `lenient`: the editor lets wrong values pass. `internal`: the editor's own, no help to anybody in a config.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    lenient: bool = False
    internal: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the editor.

    Attributes:
        contains: tags that may stand right inside; None when the editor ignores what stands inside.
        inside: the tag must stand somewhere inside one of these; empty when anywhere will do.
        verbatim: what stands inside is shown as it is and holds no tags of the config.
        broken: why it does not work in this editor, and what to use instead.
        data: of an object, the kinds of value it can show: text, url, dialogue, series, object, list.
        infers: a control without toName is about it, when it is the only such object.
        regions: of an object, whether places in it can be marked.
        literal_key: of an object, dots in the key of its value are no levels.
        result: of a control, the type of its result items; `value` is the key of the answer in their value.
        works_on: of a control, the object tags it works on; `whole` stands for all.
        exact: of a control, the editor compares the object's tag letter by letter.
        option: of a control, the tag of its answers.
        region: of a control, the kind of place that its result items mark.
    """

    name: str
    kind: Kind
    about: str
    attributes: Mapping[str, Attribute]
    contains: tuple[str, ...] | None = None
    inside: tuple[str, ...] = ()
    verbatim: bool = False
    broken: str = ""
    data: tuple[str, ...] = ()
    infers: bool = False
    regions: bool = False
    literal_key: bool = False
    result: str = ""
    value: str = ""
    works_on: tuple[str, ...] = ()
    exact: bool = False
    option: str = ""
    region: str = ""
    _lower_attributes: Mapping[str, Attribute] = field(default_factory=dict, repr=False)

    @property
    def public_attributes(self) -> list[Attribute]:
        """The attributes that are of use in a config."""
        return [attribute for attribute in self.attributes.values() if not attribute.internal]

    def attribute(self, name: str) -> Attribute | None:
        """Return an attribute by its name in any case, as the editor reads it."""
        return self._lower_attributes.get(name.lower())

    def works_with(self, tag: str) -> bool:
        """Whether this control can ask about an object of the type `tag`."""
        return "whole" in self.works_on or tag in self.works_on


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(REGISTRY_FILE.read_text(encoding="utf-8"))


@cache
def registry() -> Mapping[str, Tag]:
    """Return every tag of the editor by its name."""
    document = _document()
    groups = document["groups"]
    return {name: _tag(name, entry, groups) for name, entry in document["tags"].items()}


def _tag(name: str, entry: dict[str, Any], groups: dict[str, dict[str, Any]]) -> Tag:
    fields = dict(entry)
    merged: dict[str, dict[str, Any]] = {}
    for group in fields.pop("use", []):
        merged |= groups[group]
    merged |= fields.pop("attributes", {})
    attributes = {key: _attribute(key, facts) for key, facts in merged.items()}
    lower = {key.lower(): attribute for key, attribute in attributes.items()}
    lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
    return Tag(name=name, attributes=attributes, _lower_attributes=lower, **{**fields, **lists})


def _attribute(name: str, facts: dict[str, Any]) -> Attribute:
    return Attribute(name, **{**facts, "values": tuple(facts.get("values", ()))})


@cache
def _by_lower_name() -> Mapping[str, Tag]:
    return {name.lower(): tag for name, tag in registry().items()}


def find_tag(name: str) -> Tag | None:
    """Return a tag by its name in any case, as the editor finds it; None when the editor has no such tag."""
    return registry().get(name) or _by_lower_name().get(name.lower())


def advice_for(name: str) -> str | None:
    """Return what to use instead of a tag that only other editors have."""
    return next(
        (text for key, text in _document()["unsupported"].items() if key.lower() == name.lower()), None
    )


def tags_of(*kinds: Kind) -> list[Tag]:
    """Return all tags of some kinds, in the order of the registry."""
    return [tag for tag in registry().values() if tag.kind in kinds]


def registry_document() -> dict[str, Any]:
    """Return the registry as JSON for the page's code completion: `{tags: {View: {kind, about, attributes, …}}}`."""
    return {"tags": {tag.name: _tag_document(tag) for tag in registry().values()}}


def _tag_document(tag: Tag) -> dict[str, Any]:
    return {
        "kind": tag.kind,
        "about": tag.about,
        "broken": tag.broken,
        "contains": [] if tag.contains is None else list(tag.contains),
        "works_on": list(tag.works_on),
        "option": tag.option,
        "attributes": {
            attribute.name: {
                "type": attribute.type,
                "values": list(attribute.values),
                "default": attribute.default,
                "required": attribute.required,
                "about": attribute.about,
            }
            for attribute in tag.public_attributes
        },
    }
