"""What administrators do to accounts on their page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.projects.models import Invitation
from tests.cast import Cast
from tests.factories import make_completion, make_user

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}


def test_people_are_listed_and_found(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.administrator)

    assert browser.get("/people").context["page"].paginator.count == 7
    found = browser.get("/people?q=STRANGER").context["page"]
    assert [person.email for person in found] == ["stranger@example.com"]


def test_the_list_costs_the_same_number_of_queries_for_many_people(
    cast: Cast, browser_of: BrowserOf, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for _ in range(20):
        make_user()
    browser = browser_of(cast.administrator)

    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert browser.get("/people").status_code == 200


def test_a_global_role_is_saved(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.administrator).post(
        f"/people/{cast.viewer.pk}/role", {"role": "manager"}, headers=HTMX
    )

    cast.viewer.refresh_from_db()
    assert '<option value="manager" selected>' in answer.content.decode()
    assert cast.viewer.role == "manager"


@pytest.mark.parametrize("act", ["role", "deactivate"])
def test_the_last_administrator_stays_one(cast: Cast, browser_of: BrowserOf, act: str) -> None:
    address = f"/people/{cast.administrator.pk}/{act}"

    answer = browser_of(cast.administrator).post(address, {"role": "member"}, follow=True)

    assert "The instance needs an administrator." in answer.content.decode()
    cast.administrator.refresh_from_db()
    assert (cast.administrator.role, cast.administrator.is_active) == ("administrator", True)


def test_deactivation_asks_ends_sessions_and_can_be_undone(cast: Cast, browser_of: BrowserOf) -> None:
    theirs, ours = browser_of(cast.viewer), browser_of(cast.administrator)
    address = f"/people/{cast.viewer.pk}"

    assert "Deactivate viewer@example.com?" in ours.get(f"{address}/deactivate").content.decode()
    assert theirs.get("/account").status_code == 200
    ours.post(f"{address}/deactivate")
    assert theirs.get("/account").status_code == 302
    ours.post(f"{address}/reactivate")

    cast.viewer.refresh_from_db()
    assert cast.viewer.is_active


def test_erasing_takes_the_typed_address(cast: Cast, browser_of: BrowserOf) -> None:
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None
    make_completion(task, cast.annotator)
    browser, address = browser_of(cast.administrator), f"/people/{cast.annotator.pk}/erase"

    asked = browser.get(address, headers=HTMX).content.decode()
    refused = browser.post(address, {"confirmed_email": "owner@example.com"}, headers=HTMX)
    cast.annotator.refresh_from_db()
    assert "1 completion and 1 project membership" in asked
    assert (refused.status_code, cast.annotator.erased_at) == (422, None)

    erased = browser.post(address, {"confirmed_email": "Annotator@example.com"}, headers=HTMX)
    cast.annotator.refresh_from_db()
    assert erased["HX-Redirect"] == "/people"
    assert cast.annotator.email == f"person-{cast.annotator.pk}@erased.invalid"


def test_somebody_is_invited_to_the_instance(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.administrator).post(
        "/people/invitations",
        {"invite-global_role": "manager", "invite-days": "7", "invite-max_uses": "1"},
        headers=HTMX,
    )

    invitation = Invitation.objects.get()
    assert answer.context["made"].link in answer.content.decode()
    assert (invitation.project, invitation.global_role) == (None, "manager")


def test_administrators_find_their_pages_in_the_menu(cast: Cast, browser_of: BrowserOf) -> None:
    entries = {
        name: [
            address
            for address in ("/people", "/audit")
            if f'href="{address}"' in browser_of(person).get("/").content.decode()
        ]
        for name, person in cast.people().items()
    }

    assert entries == {
        "owner": ["/audit"],
        "manager": ["/audit"],
        "reviewer": [],
        "annotator": [],
        "viewer": [],
        "stranger": [],
        "administrator": ["/people", "/audit"],
    }
