"""The gallery of labeling templates: shelves of cards, and the text by which a card is found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from django.contrib.staticfiles import finders

from apps.labeling import config as labeling
from apps.labeling.templates import LabelingTemplate, labeling_templates


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A template in the gallery.

    Args:
        tags: what the template shows and asks, by the names of the config's tags.
        picture: the static file that shows it in the editor; None when there is none yet.
    """

    template: LabelingTemplate
    tags: tuple[str, ...]
    picture: str | None

    @property
    def search_text(self) -> str:
        """What is searched when somebody types."""
        template = self.template
        words = (template.title, template.description, template.group, template.name, *template.synonyms)
        return " ".join((*words, *self.tags)).lower()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The templates of one group."""

    name: str
    cards: tuple[TemplateCard, ...]


@cache
def template_shelves() -> tuple[Shelf, ...]:
    """Return all templates, group by group, in the gallery's order."""
    by_group = groupby(labeling_templates().values(), key=lambda template: template.group)
    return tuple(Shelf(name, tuple(map(card_of, templates))) for name, templates in by_group)


def card_of(template: LabelingTemplate) -> TemplateCard:
    """Return the card of a template."""
    parsed = labeling.parse(template.config)
    kinds = [
        *(tag.type for tag in parsed.objects.values()),
        *(control.type for control in parsed.controls.values()),
    ]
    picture = template.picture if finders.find(template.picture) else None
    return TemplateCard(template, tuple(dict.fromkeys(kinds)), picture)
