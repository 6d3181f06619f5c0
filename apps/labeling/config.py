"""The labeling config as a typed model: what is shown, what is asked, which keys of a task it reads.

`LabelingConfig.parsed` is the structure ML backends and old clients read (docs/api.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from apps.labeling.problems import ConfigError, Problem
from apps.labeling.source import Element, parse_xml
from apps.labeling.tags import Attribute, Tag, find_tag

VARIABLE = re.compile(r"\$([A-Za-z0-9_.]+)")
"""How the editor finds the keys of a task in a text: letters, digits, underscores, and dots between levels."""


@dataclass(frozen=True, slots=True)
class ObjectTag:
    """A part of the task that is shown: `<Image name="photo" value="$image"/>`.

    Headings, labels and other tags without a name are read as objects too when their value is a key of the task.
    `columns` are those that the channels of a `<TimeSeries>` show.
    """

    name: str
    type: str
    value: str
    value_type: str | None
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    columns: tuple[str, ...] = ()

    @property
    def variable(self) -> str | None:
        """The key of the task's data that is shown, with dots between levels; None for a fixed value."""
        return self.value[1:] if self.value.startswith("$") and len(self.value) > 1 else None

    @property
    def paths(self) -> list[str]:
        """Every key that is needed, with dots between levels: also those inside a longer text."""
        if self.variable:
            return [self.variable]
        return [path.strip(".") for path in VARIABLE.findall(self.value) if path.strip(".")]

    def key_of(self, path: str) -> str:
        """Return the key of the task's data that `path` starts with."""
        known = find_tag(self.type)
        return path if known and known.literal_key else path.split(".", 1)[0]

    def get(self, attribute: str) -> str:
        """Return an attribute, or what the editor takes in its place."""
        known = _known_attribute(self.type, attribute)
        return self.attributes.get(attribute, (known.default if known else None) or "")


@dataclass(frozen=True, slots=True)
class ControlTag:
    """A question: `<Choices name="mood" toName="text">`, with its options in their order.

    Attributes:
        options: what results may hold (the alias, or the value) with all attributes of the `<Label>` or `<Choice>`.
        paths: of a `<Taxonomy>`, each entry with what stands above it.
        conditional: it is shown only under some condition, its own or that of a block around it.
    """

    name: str
    type: str
    to_names: tuple[str, ...]
    options: dict[str, dict[str, str]] = field(hash=False)
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    paths: frozenset[tuple[str, ...]] = frozenset()
    conditional: bool = False

    def get(self, attribute: str) -> str:
        """Return an attribute, or what the editor takes in its place."""
        known = _known_attribute(self.type, attribute)
        return self.attributes.get(attribute, (known.default if known else None) or "")

    def is_set(self, attribute: str) -> bool:
        """Whether an attribute that can be true or false is true."""
        return self.get(attribute) == "true"


@dataclass(frozen=True, slots=True)
class VisualTag:
    """A tag that arranges or decorates."""

    type: str
    attributes: Mapping[str, str] = field(hash=False)
    line: int


@dataclass(frozen=True, slots=True)
class Need:
    """A value that a task must have: its path in the data, the keys on the way, and the tag that shows it."""

    path: str
    keys: tuple[str, ...]
    tag: ObjectTag


@dataclass(frozen=True)
class LabelingConfig:
    """What a labeling config shows and asks.

    Attributes:
        references: nameless tags whose value is a key of the task: headings, labels.
        relations: the kinds of relations between regions, in their order.
    """

    objects: dict[str, ObjectTag]
    controls: dict[str, ControlTag]
    visuals: tuple[VisualTag, ...] = ()
    references: tuple[ObjectTag, ...] = ()
    relations: tuple[str, ...] = ()

    @cached_property
    def variables(self) -> dict[str, ObjectTag]:
        """The keys every task must have, each with a tag that shows it; `$a.b` needs the key `a`."""
        found: dict[str, ObjectTag] = {}
        for tag in (*self.references, *self.objects.values()):
            for path in tag.paths:
                found[tag.key_of(path)] = tag
        return found

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """Every value that a task must have, each once for each tag that shows it."""
        return tuple(
            Need(path, _levels(tag, path), tag)
            for tag in (*self.objects.values(), *self.references)
            for path in tag.paths
        )

    @cached_property
    def contents(self) -> dict[str, Need]:
        """Where the content of objects, by their names, stands in a task's data itself, as plain text."""
        return {
            need.tag.name: need
            for need in reversed(self.needs)
            if need.tag.variable
            and need.tag.get("valueType") != "url"
            and need.tag.get("encoding") in ("", "none")
        }

    @property
    def data_types(self) -> dict[str, str]:
        """The type of the tag that shows each key of a task: `{"image": "Image"}`."""
        return {variable: tag.type for variable, tag in self.variables.items()}

    @cached_property
    def parsed(self) -> dict[str, Any]:
        """The `{control: {type, to_name, inputs, labels, labels_attrs}}` structure of the Label Studio family."""
        return {name: self._parsed_control(control) for name, control in self.controls.items()}

    def _parsed_control(self, control: ControlTag) -> dict[str, Any]:
        shown = [self.objects[name] for name in control.to_names if name in self.objects]
        return {
            "type": control.type,
            "to_name": list(control.to_names),
            "inputs": [
                {"type": tag.type, "valueType": tag.value_type, "value": tag.value.removeprefix("$")}
                for tag in shown
            ],
            "labels": list(control.options),
            "labels_attrs": control.options,
        }


@lru_cache(maxsize=256)
def parse(xml: str) -> LabelingConfig:
    """Return the model of a labeling config that was validated before; an empty text asks nothing.

    The model is shared by all callers: nobody changes it.

    Raises:
        ConfigError: the text is no XML.
    """
    return read(parse_xml(xml)) if xml.strip() else LabelingConfig({}, {})


def read(root: Element) -> LabelingConfig:
    """Return what the elements below `root` show and ask; does not judge it."""
    reader = _Reader()
    reader.visit(root)
    return reader.config()


class _Reader:
    """Collects the tags of a config, each in the group it belongs to."""

    def __init__(self) -> None:
        self._objects: dict[str, ObjectTag] = {}
        self._controls: dict[str, ControlTag] = {}
        self._visuals: list[VisualTag] = []
        self._references: list[ObjectTag] = []
        self._relations: list[str] = []

    def visit(self, element: Element, *, conditional: bool = False) -> None:
        conditional = conditional or bool(element.get("visibleWhen"))
        tag = find_tag(element.tag)
        if tag:
            self._take(element, tag, conditional)
            if tag.verbatim:
                return
        for child in element.children:
            self.visit(child, conditional=conditional)

    def config(self) -> LabelingConfig:
        return LabelingConfig(
            self._objects, self._infer_targets(), tuple(self._visuals), tuple(self._references),
            tuple(self._relations),
        )  # fmt: skip

    def _take(self, element: Element, tag: Tag, conditional: bool) -> None:
        name = element.get("name") or ""
        if tag.kind == "control" and name:
            self._controls[name] = _read_control(element, tag, name, conditional)
        elif tag.kind == "object" and name:
            self._objects[name] = _read_object(element, tag, name)
        elif tag.kind == "visual":
            self._visuals.append(VisualTag(tag.name, canonical_attributes(element, tag), element.line))
        elif tag.name == "Relation" and (value := element.get("value")):
            self._relations.append(value)
        if tag.kind not in ("control", "object") and _shows_a_key(element, tag):
            self._references.append(_read_object(element, tag, ""))

    def _infer_targets(self) -> dict[str, ControlTag]:
        """Return the controls; one without toName is about the only object there is, as the editor takes it."""
        lone = lone_object(self._objects, self._controls)
        found = {}
        for name, control in self._controls.items():
            if not control.to_names and lone:
                control = replace(control, to_names=(lone,))
            if control.to_names:
                found[name] = control
        return found


def lone_object(objects: Mapping[str, ObjectTag], controls: Mapping[str, ControlTag]) -> str | None:
    """Return the name of the object that a control without toName is about; None when the editor finds none."""
    types = {name: tag.type for name, tag in objects.items()} | {
        name: tag.type for name, tag in controls.items()
    }
    candidates = [name for name, kind in types.items() if (known := find_tag(kind)) and known.infers]
    return candidates[0] if len(candidates) == 1 and candidates[0] in objects else None


def effective_value(element: Element) -> str:
    """Return the value of a tag: the text inside replaces the attribute, as the editor has it."""
    if element.has_content and not element.children:
        return element.text.strip()
    return element.get("value") or ""


def canonical_attributes(element: Element, tag: Tag) -> dict[str, str]:
    """Return the attributes of a tag under the names of the registry, whatever case they are written in."""
    found = {}
    for name, value in element.attributes.items():
        known = tag.attribute(name)
        found[known.name if known else name] = value
    return found


def _levels(tag: ObjectTag, path: str) -> tuple[str, ...]:
    known = find_tag(tag.type)
    return (path,) if known and known.literal_key else tuple(path.split("."))


@lru_cache(maxsize=4096)  # asked for each region of each imported completion
def _known_attribute(tag: str, attribute: str) -> Attribute | None:
    known = find_tag(tag)
    return known.attribute(attribute) if known else None


def _shows_a_key(element: Element, tag: Tag) -> bool:
    known = tag.attribute("value")
    return bool(known and known.type == "variable" and VARIABLE.fullmatch(effective_value(element)))


def _read_object(element: Element, tag: Tag, name: str) -> ObjectTag:
    columns = [child.get("column") for child in element.walk() if child.tag.lower() == "channel"]
    return ObjectTag(
        name, tag.name, effective_value(element), element.get("valueType"), element.line,
        canonical_attributes(element, tag), tuple(column for column in columns if column),
    )  # fmt: skip


def _read_control(element: Element, tag: Tag, name: str, conditional: bool) -> ControlTag:
    to_names = tuple(part.strip() for part in (element.get("toName") or "").split(",") if part.strip())
    options: dict[str, dict[str, str]] = {}
    paths: set[tuple[str, ...]] = set()
    _read_options(element, (), options, paths)
    return ControlTag(
        name, tag.name, to_names, options, element.line, canonical_attributes(element, tag),
        frozenset(paths) if tag.result == "taxonomy" else frozenset(),
        conditional,
    )  # fmt: skip


def _read_options(
    element: Element, above: tuple[str, ...], options: dict[str, dict[str, str]], paths: set[tuple[str, ...]]
) -> None:
    """Collect the options below `element`, down to the next named control."""
    for child in element.children:
        tag = find_tag(child.tag)
        if tag is None or tag.verbatim or (tag.kind == "control" and child.get("name")):
            continue
        path = above
        if tag.kind == "option":
            value = effective_value(child)
            path = (*above, value)
            paths.add(path)
            if key := child.get("alias") or value:
                options[key] = canonical_attributes(child, tag)
        _read_options(child, path, options, paths)


__all__ = [
    "ConfigError",
    "ControlTag",
    "LabelingConfig",
    "ObjectTag",
    "Problem",
    "VisualTag",
    "parse",
    "parse_xml",
    "read",
]
