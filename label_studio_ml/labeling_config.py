"""The labeling config as a model sees it: which controls ask, about which objects, with which labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from label_studio_ml.errors import BadRequest

MAX_CHARACTERS = 1_000_000

_LABEL_TAGS = frozenset({"Label", "Choice"})
_FILTER_TAGS = frozenset({"Filter"})  # has name and toName, yet asks nothing
_LABEL_ONLY_CONTROLS = frozenset({"TextArea", "Number", "DateTime", "Rating", "Taxonomy", "Choices"})

ParsedConfig = dict[str, dict[str, Any]]
"""`{control: {"type", "to_name", "inputs", "labels", "labels_attrs"}}`, as the Label Studio family has it."""


@dataclass(frozen=True, slots=True)
class ObjectTag:
    """A part of the task that is shown: `<Text name="text" value="$text"/>`."""

    name: str
    type: str
    value: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """The key of the task's data that is shown."""
        return self.value.removeprefix("$")


@dataclass(frozen=True, slots=True)
class ControlTag:
    """A question: `<Choices name="mood" toName="text">`.

    Attributes:
        labels: what results may hold (the alias, or the value), each with the attributes of its tag.
    """

    name: str
    type: str
    to_names: tuple[str, ...]
    labels: dict[str, dict[str, str]] = field(hash=False)
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def result_type(self) -> str:
        """The `type` of its result items."""
        return self.type.lower()

    @property
    def holds_open_labels(self) -> bool:
        """Whether results may hold labels that the config does not list: they come with the task or none exist."""
        return not self.labels or self.attributes.get("value", "").startswith("$")


@dataclass(frozen=True)
class LabelingConfig:
    """The controls and objects of a labeling config, by name, in their order."""

    controls: dict[str, ControlTag]
    objects: dict[str, ObjectTag]

    @property
    def parsed(self) -> ParsedConfig:
        """The structure that scripts of the Flask era read."""
        return {control.name: self._parsed_control(control) for control in self.controls.values()}

    def _parsed_control(self, control: ControlTag) -> dict[str, Any]:
        shown = [self.objects[name] for name in control.to_names if name in self.objects]
        return {
            "type": control.type,
            "to_name": list(control.to_names),
            "inputs": [
                {"type": tag.type, "valueType": tag.attributes.get("valueType"), "value": tag.key}
                for tag in shown
            ],
            "labels": list(control.labels),
            "labels_attrs": control.labels,
        }

    def get_first_tag_occurence(
        self,
        control_type: str | Collection[str],
        object_type: str | Collection[str],
        name_filter: Any = None,
        to_name_filter: Any = None,
    ) -> tuple[str, str, str]:
        """Return `(from_name, to_name, key of the task's data)` of the first control that asks about such an object.

        The name is spelled as scripts of today's ML backends call it.

        Args:
            control_type: the tag of the control, or several.
            object_type: the tag of the object, or several.
            name_filter: a function of the control's name that says whether it is meant.
            to_name_filter: the same for the object's name.

        Raises:
            BadRequest: the labeling config has none.
        """
        controls, objects = _several(control_type), _several(object_type)
        for control in self.controls.values():
            if control.type not in controls or (name_filter and not name_filter(control.name)):
                continue
            for name in control.to_names:
                shown = self.objects.get(name)
                if shown and shown.type in objects and (not to_name_filter or to_name_filter(name)):
                    return control.name, name, shown.key
        raise BadRequest(
            f"The labeling config has no {' or '.join(sorted(controls))} about {' or '.join(sorted(objects))};"
            f" it has {self.summary()}."
        )

    def summary(self) -> str:
        """Return what the config asks, for messages: `Choices "mood" about text`."""
        asked = (f'{tag.type} "{tag.name}" about {", ".join(tag.to_names)}' for tag in self.controls.values())
        return "; ".join(asked) or "no controls"


def _several(types: str | Collection[str]) -> frozenset[str]:
    return frozenset({types} if isinstance(types, str) else types)


@lru_cache(maxsize=64)
def parse(xml: str) -> LabelingConfig:
    """Return what a labeling config asks; an empty text asks nothing.

    Raises:
        BadRequest: the text is no XML, has a DTD, or is too long.
    """
    if not xml.strip():
        return LabelingConfig({}, {})
    reader = _Reader()
    reader.visit(_root(xml), None)
    return reader.config()


def _root(xml: str) -> etree._Element:
    if len(xml) > MAX_CHARACTERS:
        raise BadRequest(f"The labeling config has {len(xml)} characters; at most {MAX_CHARACTERS} are read.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(xml.encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadRequest(f"The labeling config is no XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise BadRequest("The labeling config has a document type declaration, which is not read. Remove it.")
    return root


class _Reader:
    """Collects controls and objects, with each label at its nearest control."""

    def __init__(self) -> None:
        self._controls: dict[str, ControlTag] = {}
        self._targetless: dict[str, ControlTag] = {}
        self._objects: dict[str, ObjectTag] = {}

    def visit(self, element: etree._Element, control: ControlTag | None) -> None:
        """Read `element`, which stands inside `control`, and what is below it."""
        if not isinstance(element.tag, str):
            return
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        control = self._take(element.tag, attributes, control)
        for child in element:
            self.visit(child, control)

    def _take(self, tag: str, attributes: dict[str, str], control: ControlTag | None) -> ControlTag | None:
        name = attributes.get("name", "")
        label = attributes.get("alias") or attributes.get("value")
        if tag in _LABEL_TAGS:
            if control and label:
                control.labels[label] = attributes
        elif name and attributes.get("toName") and tag not in _FILTER_TAGS:
            targets = tuple(part.strip() for part in attributes["toName"].split(",") if part.strip())
            self._controls[name] = control = ControlTag(name, tag, targets, {}, attributes)
        elif name and (tag in _LABEL_ONLY_CONTROLS or tag.endswith("Labels")):
            self._targetless[name] = control = ControlTag(name, tag, (), {}, attributes)
        elif name and attributes.get("value"):
            self._objects[name] = ObjectTag(name, tag, attributes["value"].strip(), attributes)
        return control

    def config(self) -> LabelingConfig:
        """Return what was found; a control without toName asks about the only object, as the editor has it."""
        if len(self._objects) == 1:
            lone = tuple(self._objects)
            for control in self._targetless.values():
                self._controls[control.name] = ControlTag(
                    control.name, control.type, lone, control.labels, control.attributes
                )
        return LabelingConfig(self._controls, self._objects)


def get_single_tag_keys(
    parsed_label_config: ParsedConfig, control_type: str, object_type: str
) -> tuple[str, str, str, list[str]]:
    """Return `(from_name, to_name, key of the task's data, labels)` of the config's only control.

    Scripts of the Flask era begin with it.

    Raises:
        BadRequest: there is not exactly one control, or it or its object is of another type.
    """
    if len(parsed_label_config) != 1:
        raise BadRequest(
            f"The model wants a labeling config with one control, and this one has {len(parsed_label_config)}."
        )
    [(name, control)] = parsed_label_config.items()
    if control["type"] != control_type:
        raise BadRequest(f'The model wants a {control_type}, and "{name}" is a {control["type"]}.')
    if len(control["to_name"]) != 1 or len(control["inputs"]) != 1:
        raise BadRequest(
            f'The model wants "{name}" to ask about one object; it asks about {control["to_name"]}.'
        )
    shown = control["inputs"][0]
    if shown["type"] != object_type:
        raise BadRequest(
            f'The model wants "{name}" to ask about {object_type}, and it asks about {shown["type"]}.'
        )
    return name, control["to_name"][0], shown["value"], control["labels"]
