"""docs/templates.md: all templates by their groups."""

from __future__ import annotations

from pathlib import Path

from apps.labeling.templates import GROUPS, LabelingTemplate, labeling_templates
from tests.gallery import ROOT

PAGE = ROOT / "docs" / "templates.md"
TEXTS = Path(__file__).resolve().parent


def page() -> str:
    """Return the page's Markdown."""
    introduction, left_out = (
        (TEXTS / name).read_text(encoding="utf-8") for name in ("introduction.md", "left_out.md")
    )
    return "\n".join([introduction, *(_group(name) for name in GROUPS), left_out])


def _group(name: str) -> str:
    templates = [template for template in labeling_templates().values() if template.group == name]
    head = [f"## {name}", "", "| | Name | What it asks |", "| --- | --- | --- |"]
    return "\n".join([*head, *(_row(template) for template in templates), ""])


def _row(template: LabelingTemplate) -> str:
    picture = f"![{template.title}](../apps/labeling/static/{template.picture})"
    synonyms = ", ".join(f"`{name}`" for name in template.synonyms)
    also = f"<br>also {synonyms}" if synonyms else ""
    return f"| {picture} | `{template.name}`{also} | **{template.title}.** {template.description} |"
