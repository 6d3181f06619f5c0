"""The gallery of labeling templates."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client

from apps.accounts.models import User
from apps.labeling.templates import labeling_templates
from apps.web.template_gallery import template_shelves
from tests.cast import Cast
from tests.factories import CHOICES_CONFIG

BrowserOf = Callable[[User | None], Client]


def test_every_template_stands_on_one_shelf(cast: Cast, browser_of: BrowserOf) -> None:
    page = browser_of(cast.manager).get(f"/projects/{cast.project.pk}/settings/templates")

    shelves = page.context["shelves"]
    names = [card.template.name for shelf in shelves for card in shelf.cards]
    assert names == list(labeling_templates())
    assert len({shelf.name for shelf in shelves}) == len(shelves)
    shown = re.findall(r'href="([^"]*)" data-use-template', page.content.decode())
    assert shown == [f"/projects/{cast.project.pk}/settings/labeling?template={name}" for name in names]


def test_a_template_is_found_by_title_description_synonym_and_tag() -> None:
    cards = {card.template.name: card for shelf in template_shelves() for card in shelf.cards}

    text = cards["text_named_entity"].search_text
    template = labeling_templates()["text_named_entity"]
    for word in (template.title, template.description, template.group, "named_entity", "Labels", "Text"):
        assert word.lower() in text


def test_the_preview_shows_config_and_task(cast: Cast, browser_of: BrowserOf) -> None:
    address = f"/projects/{cast.project.pk}/settings/templates/text_classification"

    part = browser_of(cast.manager).get(address, headers={"HX-Request": "true"})

    assert part.context["template"] == labeling_templates()["text_classification"]
    content = part.content.decode()
    assert "&lt;Choices" in content
    assert f'href="/projects/{cast.project.pk}/settings/labeling?template=text_classification"' in content
    assert "<html" not in content


def test_a_preview_outside_a_project_starts_a_new_one(cast: Cast, browser_of: BrowserOf) -> None:
    page = browser_of(cast.owner).get("/templates/text_classification")

    assert 'href="/projects/new?template=text_classification"' in page.content.decode()


def test_a_template_that_is_not_there_is_not_found(cast: Cast, browser_of: BrowserOf) -> None:
    for address in ("/templates/nothing", f"/projects/{cast.project.pk}/settings/templates/..%2Fnothing"):
        assert browser_of(cast.owner).get(address).status_code == 404


def test_looking_at_templates_changes_nothing(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)

    browser.get(f"/projects/{cast.project.pk}/settings/templates")
    browser.get(f"/projects/{cast.project.pk}/settings/templates/image_bbox")

    cast.project.refresh_from_db()
    assert cast.project.label_config == CHOICES_CONFIG
