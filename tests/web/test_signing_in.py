"""Signing in and out, and one's own account."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import create_sign_in_link
from tests.cast import Cast
from tests.factories import make_user

BrowserOf = Callable[[User | None], Client]
PASSWORD = "four words make one"


def test_the_right_password_leads_back_to_the_page_one_came_for(db: None) -> None:
    make_user("pat@example.com", password=PASSWORD)

    response = Client().post(
        "/signin", {"username": "PAT@example.com", "password": PASSWORD, "next": "/account"}
    )

    assert (response.status_code, response["Location"]) == (302, "/account")


def test_a_wrong_password_and_an_unknown_address_say_the_same(db: None) -> None:
    make_user("pat@example.com", password=PASSWORD)

    answers = [
        Client().post("/signin", {"username": email, "password": "wrong"}).context["form"].non_field_errors()
        for email in ("pat@example.com", "nobody@example.com")
    ]

    assert (
        answers[0]
        == answers[1]
        == ["There is no account with this e-mail and password. Check both and try again."]
    )


def test_signing_in_never_leads_to_another_site(db: None) -> None:
    make_user("pat@example.com", password=PASSWORD)

    response = Client().post(
        "/signin", {"username": "pat@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert response["Location"] == "/"


def test_a_one_time_link_signs_in_once(db: None) -> None:
    person = make_user()
    key = create_sign_in_link(user=person)
    first, second = Client(), Client()

    assert first.get(f"/link/{key}")["Location"] == "/"
    assert first.get("/account").context["user"] == person
    answer = second.get(f"/link/{key}")

    assert answer.status_code == 404
    assert "was used already or has expired" in answer.content.decode()
    assert second.get("/account").status_code == 302


def test_signing_out_takes_a_post(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.owner)

    assert browser.get("/signout").status_code == 405
    assert browser.post("/signout")["Location"] == "/signin"
    assert browser.get("/").status_code == 302


def test_a_name_is_saved(cast: Cast, browser_of: BrowserOf) -> None:
    browser_of(cast.owner).post("/account", {"first_name": "Olivia", "last_name": " Owens "})

    cast.owner.refresh_from_db()
    assert cast.owner.full_name == "Olivia Owens"


def test_a_new_password_signs_other_browsers_out_and_keeps_this_one(db: None, browser_of: BrowserOf) -> None:
    person = make_user(password=PASSWORD)
    here, elsewhere = browser_of(person), browser_of(person)

    answer = here.post(
        "/account/password",
        {
            "old_password": PASSWORD,
            "new_password1": "a much better one",
            "new_password2": "a much better one",
        },
    )

    assert answer["Location"] == "/account"
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_a_wrong_old_password_changes_nothing(db: None, browser_of: BrowserOf) -> None:
    person = make_user(password=PASSWORD)

    answer = browser_of(person).post(
        "/account/password",
        {"old_password": "wrong", "new_password1": "a much better one", "new_password2": "a much better one"},
    )

    person.refresh_from_db()
    assert answer.status_code == 422
    assert "old_password" in answer.context["password_form"].errors
    assert person.check_password(PASSWORD)
