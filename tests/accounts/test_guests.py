"""Guests: made once a visit, never administrators, claimed once as an account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts.guests import admit_guest, claim_account, idle_guests
from apps.accounts.models import ApiToken, GlobalRole, Session, User
from apps.accounts.services import create_api_token, ensure_owner, erase_user, set_global_role
from apps.core.errors import Conflict, TooManyRequests, ValidationFailed
from tests.factories import make_user

PASSWORD = "four words make one"
MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def no_guests_counted() -> None:
    """Guests of earlier tests came from the same address."""
    cache.delete("guests:None")


def away_for(guest: User, time: timedelta) -> None:
    """Let a guest have come, and gone, that long ago."""
    then = timezone.now() - time
    User.objects.filter(pk=guest.pk).update(date_joined=then, last_login=then)


def test_the_requests_of_one_visit_meet_in_one_guest(db: None) -> None:
    first, again, other = (admit_guest(visit=visit) for visit in ("a" * 40, "a" * 40, "b" * 40))

    assert first == again != other
    assert (first.is_guest, first.role, first.has_usable_password()) == (True, GlobalRole.MEMBER, False)
    assert first.email.endswith("@guest.invalid")
    assert "a" * 8 not in first.email


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_of_one_visit_make_one_guest() -> None:
    def come(_: int) -> int:
        try:
            return admit_guest(visit="c" * 40).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        guests = set(pool.map(come, range(8)))

    assert len(guests) == 1
    assert User.objects.count() == 1


def test_very_many_guests_of_one_address_are_turned_away(db: None, settings) -> None:
    settings.GUESTS_PER_HOUR = 2
    admit_guest(visit="1")
    admit_guest(visit="2")

    with pytest.raises(TooManyRequests):
        admit_guest(visit="3")

    assert User.objects.count() == 2


def test_a_claimed_account_signs_in_with_its_address_whatever_the_case(db: None) -> None:
    guest = admit_guest(visit="v")

    claimed = claim_account(user=guest, email=" Pat@Example.COM ", password=PASSWORD)

    assert (claimed.pk, claimed.email, claimed.is_guest) == (guest.pk, "pat@example.com", False)
    assert claimed.display_name == "pat@example.com"
    assert claimed.check_password(PASSWORD)


def test_a_name_that_the_guest_chose_stays(db: None) -> None:
    guest = admit_guest(visit="v")
    User.objects.filter(pk=guest.pk).update(first_name="Pat", last_name="Lee")

    assert claim_account(user=guest, email="pat@example.com", password=PASSWORD).full_name == "Pat Lee"


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("TAKEN@example.com", PASSWORD, "email"),
        ("no address", PASSWORD, "email"),
        ("me@guest.invalid", PASSWORD, "email"),
        ("pat@example.com", "12345678", "password"),
    ],
)
def test_what_sign_up_refuses_a_claim_refuses_too(db: None, email: str, password: str, field: str) -> None:
    make_user("taken@example.com")
    guest = admit_guest(visit="v")

    with pytest.raises(ValidationFailed) as refused:
        claim_account(user=guest, email=email, password=password)

    assert list(refused.value.fields) == [field]
    assert User.objects.get(pk=guest.pk).is_guest


def test_an_account_is_claimed_once(db: None) -> None:
    guest = admit_guest(visit="v")
    claim_account(user=guest, email="pat@example.com", password=PASSWORD)

    with pytest.raises(Conflict):
        claim_account(user=guest, email="eve@example.com", password=PASSWORD)

    assert User.objects.get().email == "pat@example.com"


def test_a_guest_never_becomes_an_administrator(db: None) -> None:
    guest = admit_guest(visit="v")

    with pytest.raises(Conflict):
        set_global_role(user_id=guest.pk, role=GlobalRole.ADMINISTRATOR, changed_by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=guest.pk).update(role=GlobalRole.ADMINISTRATOR)

    assert User.objects.get(pk=guest.pk).role == GlobalRole.MEMBER


def test_the_admin_panel_is_closed_to_guests(db: None) -> None:
    assert not admit_guest(visit="v").is_staff


def test_an_operator_may_take_over_a_guests_address_as_owner(db: None) -> None:
    guest = admit_guest(visit="v")

    owner = ensure_owner(email=guest.email, password=PASSWORD)

    assert (owner.pk, owner.is_guest, owner.is_administrator) == (guest.pk, False, True)


def test_an_erased_guest_is_no_guest_any_more(db: None) -> None:
    guest = admit_guest(visit="v")

    assert not erase_user(user_id=guest.pk, erased_by=None).is_guest


def test_a_guest_is_idle_when_neither_browser_nor_token_was_used(db: None) -> None:
    fresh, gone, browsing, programming = (admit_guest(visit=str(number)) for number in range(4))
    away_for(make_user(), MONTH * 2)
    for guest in (gone, browsing, programming):
        away_for(guest, MONTH * 2)
    Session.objects.create(
        session_key="k", session_data=_empty_session(), expire_date=timezone.now(), user=browsing
    )
    create_api_token(user=programming)
    ApiToken.objects.update(last_used_at=timezone.now())

    assert list(idle_guests(idle_for=MONTH)) == [gone]
    assert fresh not in idle_guests(idle_for=MONTH)


def _empty_session() -> str:
    store: SessionBase = Session.get_session_store_class()()
    return store.encode({})
