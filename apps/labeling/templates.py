"""The ready-made labeling configs, which pages, API, command line and docs offer.

Each has a folder `templates/<name>/` with config.xml (the labeling config), template.toml (what people read about
it), task.json (the data of a sample task, which needs no network) and answer.json (a result for it, which its picture
shows). Pictures and sample files are static files; `tests/gallery/` makes them.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "templates"

GROUPS = (
    "Text",
    "Images",
    "HTML & documents",
    "Audio",
    "Video",
    "Dialogue & LLM",
    "Time series",
    "Layouts & conditional questions",
    "Mixed data",
)
"""The shelves of the gallery, in their order."""


@dataclass(frozen=True, slots=True)
class LabelingTemplate:
    """A ready-made labeling config, with a task to try it on."""

    name: str
    title: str
    description: str
    group: str
    order: int
    """The place in its group; equals are sorted by title."""
    synonyms: tuple[str, ...]
    """Other names, by which the command line finds it, too."""
    config: str
    """The XML."""

    @property
    def path(self) -> Path:
        """The XML file."""
        return FOLDER / self.name / "config.xml"

    @property
    def element_id(self) -> str:
        """The id of a page's element that holds the config."""
        return f"template-{self.name}"

    @property
    def picture(self) -> str:
        """The static file that shows the config in the editor, 480 × 300 pixels."""
        return f"template_pictures/{self.name}.webp"

    @property
    def task(self) -> dict[str, Any]:
        """The data of a sample task: a new object each time."""
        data: dict[str, Any] = json.loads((FOLDER / self.name / "task.json").read_bytes())
        return data

    @property
    def answer(self) -> list[dict[str, Any]]:
        """A sample result of the sample task: a new list each time."""
        result: list[dict[str, Any]] = json.loads((FOLDER / self.name / "answer.json").read_bytes())
        return result


@cache
def labeling_templates() -> dict[str, LabelingTemplate]:
    """Return all templates by their names, sorted as the gallery shows them."""
    templates = [_read(path.parent) for path in FOLDER.glob("*/template.toml")]
    templates.sort(key=lambda template: (GROUPS.index(template.group), template.order, template.title))
    return {template.name: template for template in templates}


@cache
def template_synonyms() -> dict[str, str]:
    """Return the other names of templates, such as the Flask era's documentation used, with their real ones."""
    return {other: template.name for template in labeling_templates().values() for other in template.synonyms}


def find_template(name: str) -> LabelingTemplate | None:
    """Return the template with this name or synonym; None when there is none."""
    return labeling_templates().get(template_synonyms().get(name, name))


def _read(folder: Path) -> LabelingTemplate:
    about = tomllib.loads((folder / "template.toml").read_text(encoding="utf-8"))
    return LabelingTemplate(
        name=folder.name,
        title=about["title"],
        description=about["description"],
        group=about["group"],
        order=about.get("order", 100),
        synonyms=tuple(about.get("synonyms", ())),
        config=(folder / "config.xml").read_text(encoding="utf-8"),
    )
