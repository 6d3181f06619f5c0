"""Members and invitations of a project on its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.models import User
from apps.projects.invitations import create_invitation
from apps.projects.membership import set_member
from apps.projects.models import Invitation, Membership
from tests.cast import Cast

BrowserOf = Callable[[User | None], Client]
HTMX = {"HX-Request": "true"}


def role_of(cast: Cast, person: User) -> str:
    """Return somebody's role in the cast's project."""
    role: str = Membership.objects.get(project=cast.project, user=person).role
    return role


def told(response: object) -> list[str]:
    """Return the toasts of the page that an answer led to."""
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


def address_of(cast: Cast, rest: str = "") -> str:
    """Return the address of the members page, or of something below it."""
    return f"/projects/{cast.project.pk}/members{rest}"


def test_managers_change_members_and_others_see_the_list_only(cast: Cast, browser_of: BrowserOf) -> None:
    managed = browser_of(cast.manager).get(address_of(cast))
    seen = browser_of(cast.reviewer).get(address_of(cast))

    assert len(managed.context["page"].object_list) == len(seen.context["page"].object_list) == 5
    assert "invite_form" in managed.context
    assert "invite_form" not in seen.context
    assert b"<select" not in seen.content


def test_the_roles_offered_are_those_the_caller_may_give(cast: Cast, browser_of: BrowserOf) -> None:
    offered = {
        name: [value for value, _ in browser_of(person).get(address_of(cast)).context["role_choices"]]
        for name, person in (("owner", cast.owner), ("manager", cast.manager))
    }

    assert offered == {
        "owner": ["viewer", "annotator", "reviewer", "manager", "owner"],
        "manager": ["viewer", "annotator", "reviewer", "manager"],
    }


def test_members_are_found_by_name_or_address(cast: Cast, browser_of: BrowserOf) -> None:
    found = browser_of(cast.viewer).get(address_of(cast, "?q=VIEW")).context["page"]

    assert [member.user.email for member in found] == ["reviewer@example.com", "viewer@example.com"]


def test_a_chosen_role_is_saved_and_the_select_comes_back(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        address_of(cast, f"/{cast.viewer.pk}/role"), {"role": "reviewer"}, headers=HTMX
    )

    assert answer.status_code == 200
    assert '<option value="reviewer" selected>' in answer.content.decode()
    assert "viewer@example.com is now reviewer here." in answer.content.decode()
    assert role_of(cast, cast.viewer) == "reviewer"


def test_changing_ones_own_role_reloads_the_page(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        address_of(cast, f"/{cast.manager.pk}/role"), {"role": "viewer"}, headers=HTMX
    )

    assert answer["HX-Refresh"] == "true"
    assert role_of(cast, cast.manager) == "viewer"


def test_the_last_owner_keeps_the_role_and_the_page_says_why(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.owner).post(
        address_of(cast, f"/{cast.owner.pk}/role"), {"role": "viewer"}, headers=HTMX
    )

    assert answer.status_code == 409
    assert '<option value="owner" selected>' in answer.content.decode()
    assert "A project needs an owner." in answer.content.decode()
    assert role_of(cast, cast.owner) == "owner"


@pytest.mark.parametrize("role", ["king", ""])
def test_a_role_that_is_none_changes_nothing(cast: Cast, browser_of: BrowserOf, role: str) -> None:
    answer = browser_of(cast.owner).post(address_of(cast, f"/{cast.viewer.pk}/role"), {"role": role})

    assert answer.status_code == 400
    assert role_of(cast, cast.viewer) == "viewer"


def test_a_manager_neither_demotes_nor_removes_an_owner(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)

    statuses = [
        browser.post(address_of(cast, f"/{cast.owner.pk}/role"), {"role": "viewer"}).status_code,
        browser.post(address_of(cast, f"/{cast.owner.pk}/remove")).status_code,
        browser.post(address_of(cast, f"/{cast.viewer.pk}/role"), {"role": "owner"}).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert (role_of(cast, cast.owner), role_of(cast, cast.viewer)) == ("owner", "viewer")


def test_somebody_with_an_account_is_added_by_address(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        address_of(cast, "/add"), {"add-email": "Stranger@example.com", "add-role": "reviewer"}, follow=True
    )

    assert told(answer) == ["stranger@example.com is now reviewer here."]
    assert role_of(cast, cast.stranger) == "reviewer"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"add-email": "nobody@example.com", "add-role": "viewer"}, "email"),
        ({"add-email": "stranger@example.com", "add-role": "owner"}, "role"),
        ({"add-email": "stranger", "add-role": "viewer"}, "email"),
    ],
)
def test_what_cannot_be_added_is_said_beside_its_field(
    cast: Cast, browser_of: BrowserOf, sent: dict[str, str], field: str
) -> None:
    answer = browser_of(cast.manager).post(address_of(cast, "/add"), sent)

    assert answer.status_code == 422
    assert list(answer.context["add_form"].errors) == [field]
    assert Membership.objects.filter(project=cast.project).count() == 5


def test_adding_a_present_owner_does_not_demote_them(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        address_of(cast, "/add"), {"add-email": "owner@example.com", "add-role": "viewer"}
    )

    assert answer.status_code == 422
    assert role_of(cast, cast.owner) == "owner"


def test_removing_asks_first_and_then_does(cast: Cast, browser_of: BrowserOf) -> None:
    browser, address = browser_of(cast.manager), address_of(cast, f"/{cast.viewer.pk}/remove")

    asked = browser.get(address, headers=HTMX)
    members = Membership.objects.filter(project=cast.project, user=cast.viewer)
    assert "Remove viewer@example.com?" in asked.content.decode()
    assert members.exists()
    assert told(browser.post(address, follow=True)) == ["viewer@example.com is no member any more."]
    assert not members.exists()


def test_a_member_leaves_and_the_last_owner_cannot(cast: Cast, browser_of: BrowserOf) -> None:
    address = f"/projects/{cast.project.pk}/leave"

    left = browser_of(cast.viewer).post(address, follow=True)
    kept = browser_of(cast.owner).post(address, follow=True)

    assert told(left) == ["You left the project “Sentiments”."]
    assert left.redirect_chain == [("/", 302)]
    assert not Membership.objects.filter(user=cast.viewer).exists()
    assert told(kept) == ["A project needs an owner. Make somebody else an owner first."]
    assert role_of(cast, cast.owner) == "owner"


INVITATION = {"invite-role": "annotator", "invite-days": "3", "invite-max_uses": "5"}


def test_the_link_of_an_invitation_is_shown_once(cast: Cast, browser_of: BrowserOf) -> None:
    browser, address = browser_of(cast.manager), f"/projects/{cast.project.pk}/invitations"

    answer = browser.post(address, INVITATION, headers=HTMX)
    link = answer.context["made"].link

    assert link.startswith("http://testserver/invite/")
    assert link in answer.content.decode()
    assert answer.content.decode().count("Revoke the invitation") == 1
    assert link.rsplit("/", 1)[-1] not in browser.get(address_of(cast)).content.decode()


def test_an_invitation_to_an_address_is_e_mailed(cast: Cast, browser_of: BrowserOf, settings: object) -> None:
    settings.EMAIL_HOST = "smtp.example.com"  # type: ignore[attr-defined]

    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/invitations", {**INVITATION, "invite-email": "new@example.com"}
    )

    assert "on its way to new@example.com" in answer.content.decode()
    assert answer.context["made"].link in mail.outbox[0].body
    assert answer.context["made"].link not in answer.content.decode()


def test_without_a_mail_server_that_answers_the_link_is_shown(
    cast: Cast, browser_of: BrowserOf, settings: object
) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]

    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/invitations", {**INVITATION, "invite-email": "new@example.com"}
    )

    assert answer.status_code == 200
    assert answer.context["made"].link in answer.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"invite-role": "owner"}, {"invite-days": "0"}, {"invite-max_uses": "1001"}, {"invite-days": "x"}],
)
def test_an_invitation_out_of_range_is_refused_beside_its_field(
    cast: Cast, browser_of: BrowserOf, wrong: dict[str, str]
) -> None:
    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/invitations", {**INVITATION, **wrong}, headers=HTMX
    )

    [field] = [name.removeprefix("invite-") for name in wrong]
    assert answer.status_code == 422
    assert list(answer.context["invite_form"].errors) == [field]
    assert not Invitation.objects.exists()


def test_an_open_invitation_is_revoked(cast: Cast, browser_of: BrowserOf) -> None:
    invitation, _ = create_invitation(created_by=cast.owner, project=cast.project)

    answer = browser_of(cast.manager).post(f"/invitations/{invitation.pk}/revoke", headers=HTMX)

    assert list(answer.context["invitations"]) == []
    assert not Invitation.objects.usable().exists()


def test_a_decision_is_made_with_the_role_of_this_moment(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.manager)
    browser.get(address_of(cast))
    set_member(project_id=cast.project.pk, user=cast.manager, role="viewer", changed_by=cast.owner)

    answer = browser.post(address_of(cast, f"/{cast.viewer.pk}/role"), {"role": "manager"})

    assert answer.status_code == 403
    assert role_of(cast, cast.viewer) == "viewer"
