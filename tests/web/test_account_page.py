"""Tokens, sessions, picture and password on the page of one's own account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiToken, Session, User
from apps.accounts.services import create_api_token
from apps.comments.mails import wants_mail
from apps.web.browser_names import browser_name
from tests.cast import Cast
from tests.factories import make_avatar, make_picture, make_user

BrowserOf = Callable[[User | None], Client]
PASSWORD = "four words make one"


def test_people_choose_in_their_profile_whether_they_are_told_of_mentions(
    cast: Cast, browser_of: BrowserOf, settings: Any
) -> None:
    settings.EMAIL_HOST = "smtp.example.com"
    browser, names = browser_of(cast.owner), {"first_name": "Ana", "last_name": "Torres"}
    assert browser.get("/account").context["profile_form"].initial["mention_mails"] is True

    browser.post("/account", names)
    assert not wants_mail(cast.owner)
    browser.post("/account", names | {"mention_mails": "on"})
    assert wants_mail(cast.owner)


def test_a_server_without_mail_asks_nobody_and_keeps_what_they_chose(
    cast: Cast, browser_of: BrowserOf
) -> None:
    browser = browser_of(cast.owner)

    page = browser.get("/account")
    browser.post("/account", {"first_name": "Ana", "last_name": "Torres"})

    assert b"mention_mails" not in page.content
    assert wants_mail(cast.owner)


def test_the_key_of_a_new_token_works_and_is_shown_once(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.owner)

    answer = browser.post("/account/tokens", {"token-name": "CI", "token-days": "30"})
    key = answer.context["key"]

    token = ApiToken.objects.get()
    called = Client().get("/api/current-user/whoami", headers={"Authorization": f"Token {key}"})
    assert called.json()["email"] == "owner@example.com"
    assert token.expires_at is not None
    assert token.expires_at - timezone.now() == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))
    assert key not in browser.get("/account").content.decode()


@pytest.mark.parametrize("wrong", [{"token-name": ""}, {"token-days": "31"}, {"token-name": "x" * 101}])
def test_a_token_that_cannot_be_is_refused(cast: Cast, browser_of: BrowserOf, wrong: dict[str, str]) -> None:
    answer = browser_of(cast.owner).post("/account/tokens", {"token-name": "CI", "token-days": "0", **wrong})

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_person_only(cast: Cast, browser_of: BrowserOf) -> None:
    create_api_token(user=cast.owner)
    address = f"/account/tokens/{ApiToken.objects.get().pk}/revoke"

    assert browser_of(cast.administrator).post(address).status_code == 404
    assert ApiToken.objects.exists()
    browser_of(cast.owner).post(address)
    assert not ApiToken.objects.exists()


def test_sessions_are_listed_and_the_others_end(cast: Cast) -> None:
    here, elsewhere = Client(headers={"user-agent": "Firefox/140.0 (Windows)"}), Client()
    for browser in (elsewhere, here):
        browser.force_login(cast.owner)
    here.get("/account")

    shown = here.get("/account").context["sessions"]
    assert sorted((one.is_this_one, one.row.pk == here.session.session_key) for one in shown) == [
        (False, False),
        (True, True),
    ]
    here.post("/account/sessions/end-others")
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_a_new_password_leaves_exactly_this_session(db: None, browser_of: BrowserOf) -> None:
    person = make_user(password=PASSWORD)
    browser, _ = browser_of(person), browser_of(person)

    browser.post(
        "/account/password",
        {"old_password": PASSWORD, "new_password1": "a better one 2", "new_password2": "a better one 2"},
    )

    assert browser.get("/account").status_code == 200
    assert [session.pk for session in Session.objects.filter(user=person)] == [browser.session.session_key]


def test_somebody_without_a_password_sets_the_first_one(db: None, browser_of: BrowserOf) -> None:
    person = make_user()

    browser_of(person).post("/account/password", {"new_password1": PASSWORD, "new_password2": PASSWORD})

    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_picture_is_stored_as_a_small_png_and_served_as_one(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.owner)
    picture = SimpleUploadedFile("me.svg", make_picture(900, 300, format="JPEG"), content_type="text/html")

    browser.post("/account/avatar", {"picture": picture})
    cast.owner.refresh_from_db()
    served = browser_of(cast.viewer).get(cast.owner.avatar_address or "")

    assert served.content.startswith(b"\x89PNG")
    assert (served["Content-Type"], served["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert (cast.owner.avatar_address or "") in browser.get("/account").content.decode()


def test_what_is_no_picture_is_refused_beside_its_field(cast: Cast, browser_of: BrowserOf) -> None:
    sent = SimpleUploadedFile("me.png", b"<svg onload=alert(1)>", content_type="image/png")

    answer = browser_of(cast.owner).post("/account/avatar", {"picture": sent})

    cast.owner.refresh_from_db()
    assert answer.status_code == 422
    assert list(answer.context["avatar_form"].errors) == ["picture"]
    assert not cast.owner.avatar


def test_a_deleted_picture_gives_way_to_initials(cast: Cast, browser_of: BrowserOf) -> None:
    make_avatar(cast.owner)
    browser = browser_of(cast.owner)

    browser.post("/account/avatar/delete")

    assert ">OW</span>" in browser.get("/account").content.decode()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.0", "curl/8.0"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_called_as_people_call_them(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
