"""The page of an invitation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.projects.deletion import request_deletion
from apps.projects.invitations import create_invitation
from apps.projects.models import Invitation, Membership
from tests.cast import Cast

BrowserOf = Callable[[User | None], Client]
SIGN_UP = {"first_name": "Nia", "email": "Nia@example.com", "password": "four words make one"}


def invite(cast: Cast, **options: object) -> str:
    """Return the address of a new invitation."""
    wanted = {"created_by": cast.owner, "project": cast.project, **options}
    return f"/invite/{create_invitation(**wanted)[1]}"  # type: ignore[arg-type]


def test_somebody_new_signs_up_and_starts_to_label(cast: Cast) -> None:
    browser = Client()

    answer = browser.post(invite(cast), SIGN_UP)

    member = Membership.objects.get(project=cast.project, user__email="nia@example.com")
    assert answer["Location"] == f"/projects/{cast.project.pk}/label"
    assert (member.role, member.user.full_name, member.user.role) == ("annotator", "Nia", "member")
    assert browser.get("/account").context["user"] == member.user


@pytest.mark.parametrize(("role", "page"), [("viewer", ""), ("reviewer", ""), ("annotator", "label")])
def test_somebody_with_an_account_joins_and_lands_where_their_work_is(
    cast: Cast, browser_of: BrowserOf, role: str, page: str
) -> None:
    address = invite(cast, role=role)
    browser = browser_of(cast.stranger)
    assert "Join as stranger@example.com" in browser.get(address).content.decode()

    answer = browser.post(f"{address}/accept")

    assert answer["Location"] == f"/projects/{cast.project.pk}/{page}"
    assert Membership.objects.get(project=cast.project, user=cast.stranger).role == role


def test_somebody_not_signed_in_is_led_to_the_sign_in_page_and_back(cast: Cast) -> None:
    address = invite(cast)

    answer = Client().get(address)

    assert answer.context["sign_in_address"] == f"/signin?next={address.replace('/', '%2F')}"


def test_a_member_is_told_so_and_uses_nothing_up(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.viewer).get(invite(cast))

    assert "You are in this project already, as viewer." in answer.content.decode()
    assert Invitation.objects.get().uses == 0


def test_an_invitation_for_one_address_is_for_no_other(cast: Cast, browser_of: BrowserOf) -> None:
    address = invite(cast, email="nia@example.com")
    browser = browser_of(cast.stranger)

    assert "This invitation is for nia@example.com" in browser.get(address).content.decode()
    assert browser.post(f"{address}/accept").status_code == 400
    assert not Membership.objects.filter(user=cast.stranger).exists()
    Client().post(address, {**SIGN_UP, "email": "eve@example.com"})
    assert not User.objects.filter(email="eve@example.com").exists()
    assert User.objects.filter(email="nia@example.com").exists()


def test_an_invitation_to_the_instance_makes_an_account(cast: Cast) -> None:
    answer = Client().post(
        invite(cast, created_by=cast.administrator, project=None, global_role="manager"), SIGN_UP
    )

    assert answer["Location"] == "/"
    assert User.objects.get(email="nia@example.com").role == "manager"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expires_at": timezone.now()}, "has expired"),
        ({"revoked_at": timezone.now()}, "was revoked"),
        ({"uses": 1}, "has been used already"),
        ({"digest": "0"}, "There is no such invitation"),
    ],
)
def test_an_invitation_that_is_over_says_why(
    cast: Cast, browser_of: BrowserOf, change: dict[str, object], reason: str
) -> None:
    address = invite(cast)
    Invitation.objects.update(**change)

    answers = [
        Client().get(address),
        Client().post(address, SIGN_UP),
        browser_of(cast.stranger).post(f"{address}/accept"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert all(reason in answer.content.decode() for answer in answers)
    assert not User.objects.filter(email="nia@example.com").exists()
    assert not Membership.objects.filter(user=cast.stranger).exists()


def test_an_invitation_to_a_deleted_project_says_so(cast: Cast) -> None:
    address = invite(cast)
    request_deletion(project=cast.project, requested_by=cast.owner)

    assert "was deleted" in Client().get(address).content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"password": "123"}, "password"), ({"email": "owner@example.com"}, "email"), ({"email": "x"}, "email")],
)
def test_a_sign_up_that_cannot_be_says_what_is_wrong(cast: Cast, wrong: dict[str, str], field: str) -> None:
    answer = Client().post(invite(cast), {**SIGN_UP, **wrong})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Invitation.objects.get().uses == 0


def test_with_basic_auth_an_invitation_still_makes_an_account(cast: Cast, settings: object) -> None:
    settings.BASIC_AUTH_USERNAME, settings.BASIC_AUTH_PASSWORD = "user", "secret"  # type: ignore[attr-defined]
    browser = Client()

    assert browser.get("/account").status_code == 401
    browser.post(invite(cast), SIGN_UP)

    assert browser.get("/account").context["user"].email == "nia@example.com"
