"""The ready-made labeling configs, for the pages that let one choose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class LabelingTemplate:
    """A ready-made labeling config."""

    name: str
    config: str

    @property
    def title(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def element_id(self) -> str:
        """The id of the page's element that holds the config."""
        return f"template-{self.name}"


@cache
def labeling_templates() -> tuple[LabelingTemplate, ...]:
    """Return all packaged templates, by name."""
    folder = files("apps.labeling") / "templates"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".xml"))
    return tuple(
        LabelingTemplate(entry.name.removesuffix(".xml"), entry.read_text())
        for entry in sorted(found, key=lambda entry: entry.name)
    )
