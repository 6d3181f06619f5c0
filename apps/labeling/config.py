"""The labeling config as a typed model, parsed from XML with entities, DTD and network off.

`LabelingConfig.parsed` is the structure ML backends and old clients read (docs/api.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from apps.labeling.tags import OBJECT_TAGS, OPTION_TAGS

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 50_000


class ConfigError(ValueError):
    """A labeling config that cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a labeling config, and where."""

    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        if self.line is None:
            return self.message
        place = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{self.message} ({place})"


@dataclass(frozen=True, slots=True)
class ObjectTag:
    """A part of the task that is shown: `<Image name="photo" value="$image"/>`."""

    name: str
    type: str
    value: str
    value_type: str | None
    line: int

    @property
    def variable(self) -> str | None:
        """The key of the task's data that is shown; None for a fixed value."""
        return self.value[1:] if self.value.startswith("$") and len(self.value) > 1 else None


@dataclass(frozen=True, slots=True)
class ControlTag:
    """A question: `<Choices name="mood" toName="text">`, with its options in their order."""

    name: str
    type: str
    to_names: tuple[str, ...]
    options: dict[str, dict[str, str]] = field(hash=False)
    line: int


@dataclass(frozen=True, slots=True)
class LabelingConfig:
    """What a labeling config shows and asks."""

    objects: dict[str, ObjectTag]
    controls: dict[str, ControlTag]

    @property
    def variables(self) -> dict[str, ObjectTag]:
        """The keys every task must have, each with an object tag that shows it; `$a.b` needs the key `a`."""
        shown = {tag.variable: tag for tag in self.objects.values() if tag.variable}
        return {variable.split(".")[0].split("[")[0]: tag for variable, tag in shown.items()}

    @property
    def data_types(self) -> dict[str, str]:
        """The type of the tag that shows each key of a task: `{"image": "Image"}`."""
        return {variable: tag.type for variable, tag in self.variables.items()}

    @property
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


def parse_xml(xml: str) -> etree._Element:
    """Return the root element of a labeling config.

    Raises:
        ConfigError: empty, too large or too deep, not well-formed, or with a DTD.
    """
    if not xml.strip():
        raise ConfigError([Problem("The labeling config is empty. Paste XML that starts with <View>.")])
    encoded = xml.encode("utf-8", "replace")
    if len(encoded) > MAX_BYTES:
        raise ConfigError([Problem(f"The labeling config is larger than {MAX_BYTES:,} bytes.")])
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise ConfigError([Problem("A labeling config may not hold a DTD or entities.")])
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(encoded, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        reason = (error.msg or "it cannot be read").split(", line")[0]
        raise ConfigError([Problem(f"The labeling config is not XML: {reason}", line, column)]) from error
    _check_size(root)
    return root


def _check_size(root: etree._Element) -> None:
    depth = elements = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        elements += event == "start"
        if depth > MAX_DEPTH:
            raise ConfigError([Problem(f"The labeling config is nested deeper than {MAX_DEPTH} levels.")])
        if elements > MAX_ELEMENTS:
            raise ConfigError([Problem(f"The labeling config has more than {MAX_ELEMENTS:,} tags.")])


@lru_cache(maxsize=256)
def parse(xml: str) -> LabelingConfig:
    """Return the model of a labeling config that was validated before; an empty text asks nothing.

    Raises:
        ConfigError: the text is no XML.
    """
    return read(parse_xml(xml)) if xml.strip() else LabelingConfig({}, {})


def read(root: etree._Element) -> LabelingConfig:
    """Return what the elements below `root` show and ask; does not judge it."""
    objects: dict[str, ObjectTag] = {}
    controls: dict[str, ControlTag] = {}
    for element in root.iter(etree.Element):
        name, kind = element.get("name"), str(element.tag)
        if name and element.get("toName") and kind != "Filter":
            controls[name] = _read_control(element, name, kind)
        elif name and kind in OBJECT_TAGS:
            objects[name] = ObjectTag(
                name, kind, element.get("value", ""), element.get("valueType"), element.sourceline or 0
            )
    return LabelingConfig(objects, controls)


def _read_control(element: etree._Element, name: str, kind: str) -> ControlTag:
    to_names = tuple(part.strip() for part in element.get("toName", "").split(",") if part.strip())
    options: dict[str, dict[str, str]] = {}
    for option in element.iterdescendants(*OPTION_TAGS):
        value = option.get("alias") or option.get("value")
        if value is not None:
            options[value] = {str(key): str(text) for key, text in option.attrib.items()}
    return ControlTag(name, kind, to_names, options, element.sourceline or 0)
