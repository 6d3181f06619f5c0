"""The ready-made labeling configs, which pages, command line and docs offer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "templates"

# How the documentation of the Flask era called some of them.
SYNONYMS = {"named_entity": "text_named_entity", "transcribe_audio": "audio_transcribe"}


@dataclass(frozen=True, slots=True)
class LabelingTemplate:
    """A ready-made labeling config."""

    name: str

    @property
    def title(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def element_id(self) -> str:
        """The id of a page's element that holds the config."""
        return f"template-{self.name}"

    @property
    def path(self) -> Path:
        """The XML file."""
        return FOLDER / f"{self.name}.xml"

    @property
    def config(self) -> str:
        """The XML."""
        return self.path.read_text(encoding="utf-8")


@cache
def labeling_templates() -> dict[str, LabelingTemplate]:
    """Return all templates by their names, in alphabetical order."""
    names = sorted(path.stem for path in FOLDER.glob("*.xml"))
    return {name: LabelingTemplate(name) for name in names}
