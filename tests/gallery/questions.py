"""Which controls of a labeling config a person sees, and in which order: where to find them on the page."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from apps.labeling.tags import tags_of

CONTROLS = {tag.name for tag in tags_of("control")}
OBJECTS = {tag.name for tag in tags_of("object")}


@dataclass
class Questions:
    """The controls and objects of a config, and what was answered so far."""

    xml: str
    chosen: dict[str, str] = field(default_factory=dict)
    """The choice made, by the control's name: conditional parts depend on it."""
    full: set[str] = field(default_factory=set)
    """The text fields that take no more text, and are gone."""
    region_is_selected: bool = False

    def __post_init__(self) -> None:
        elements = list(etree.fromstring(self.xml).iter(etree.Element))
        self.controls = [element for element in elements if element.tag in CONTROLS]
        self.objects: dict[str, etree._Element] = {
            str(element.get("name")): element for element in elements if element.tag in OBJECTS
        }

    def target(self, control: etree._Element) -> etree._Element:
        """Return the first object that a control is about."""
        return self.objects[control.get("toName", "").split(",")[0]]

    def visible(self, control: etree._Element) -> bool:
        """Say whether the control is shown, given what was answered."""
        if is_per_region(control) and not self.region_is_selected:
            return control.get("displayMode") == "region-list"
        return all(self._holds(ancestor) for ancestor in control.iterancestors())

    def place(self, control: etree._Element) -> int:
        """Return how many visible controls of its kind come before it and can still be answered."""
        earlier = self.controls[: self.controls.index(control)]
        alike = [
            other for other in earlier if other.tag == control.tag and other.get("name") not in self.full
        ]
        return sum(self.visible(other) for other in alike)

    def option_place(self, control: etree._Element, value: str) -> int:
        """Return how many visible options with the same text come before the control's own."""
        earlier = self.controls[: self.controls.index(control)]
        return sum(value in options(other) for other in earlier if self.visible(other))

    def object_place(self, shown: etree._Element, *tags: str) -> int:
        """Return how many objects of these kinds come before this one."""
        alike = [element for element in self.objects.values() if element.tag in tags]
        return alike.index(shown)

    def _holds(self, ancestor: etree._Element) -> bool:
        condition, control = ancestor.get("visibleWhen"), ancestor.get("whenTagName", "")
        if condition == "region-selected":
            return self.region_is_selected and not ancestor.get("whenLabelValue")
        if condition == "choice-selected":
            return self.chosen.get(control) == ancestor.get("whenChoiceValue")
        return not condition or not self.region_is_selected


def is_per_region(control: etree._Element) -> bool:
    """Say whether the control asks about each region by itself."""
    return control.get("perRegion") == "true"


def options(control: etree._Element) -> list[str]:
    """Return the texts of a control's labels or choices, in their order."""
    return [str(option.get("value")) for option in control.iterdescendants("Label", "Choice")]
