"""Sessions, keys and hostile credentials."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from statistics import median

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import ApiToken, Session, User
from apps.accounts.services import create_api_token
from apps.projects.invitations import accept_invitation, create_invitation, revoke_invitation
from tests.factories import make_user
from tests.security.test_access import ROUTES, _filled, _state, ids

__all__ = ["ids"]  # a fixture

PASSWORD = "correct horse battery"
SAFE = {"get", "head", "options"}


@pytest.fixture
def ann(db: None) -> User:
    return make_user("ann@example.com", password=PASSWORD)


def sign_in(browser: Client, email: str = "ann@example.com", password: str = PASSWORD):
    return browser.post("/signin", {"username": email, "password": password})


def test_signing_in_takes_a_new_session_and_signing_out_ends_it_on_the_server(ann):
    browser = Client()
    assert sign_in(browser).status_code == 302
    first = browser.session.session_key
    browser.post("/signout")
    assert not Session.objects.filter(pk=first).exists()
    planted = Client()
    session = planted.session
    session["planted"] = True
    session.save()
    sign_in(planted)
    assert planted.session.session_key != session.session_key
    assert not Session.objects.filter(pk=session.session_key).exists()


def test_a_session_that_was_signed_out_is_dead_for_whoever_copied_it(ann):
    browser, thief = Client(), Client()
    sign_in(browser)
    thief.cookies["label_studio_session"] = browser.cookies["label_studio_session"].value
    assert thief.get("/api/current-user/whoami").status_code == 200
    browser.post("/signout")
    assert thief.get("/api/current-user/whoami").status_code == 401


def test_the_cookie_of_a_session_is_out_of_the_reach_of_scripts_and_other_sites(ann, settings):
    settings.SESSION_COOKIE_SECURE = True
    browser = Client()
    sign_in(browser)
    cookie = browser.cookies["label_studio_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)


def test_browsers_are_told_to_insist_on_https_by_answers_that_came_over_it(db, settings):
    settings.SECURE_HSTS_SECONDS = 3600
    assert Client().get("/signin", secure=True).headers["Strict-Transport-Security"] == "max-age=3600"
    assert "Strict-Transport-Security" not in Client().get("/signin").headers


def test_a_host_that_is_not_ours_is_refused(db, settings):
    settings.ALLOWED_HOSTS = ["labels.example"]
    assert Client().get("/signin", headers={"host": "labels.example"}).status_code == 200
    assert Client().get("/signin", headers={"host": "evil.example"}).status_code == 400


def test_a_link_that_is_handed_out_names_the_host_that_was_asked_and_no_other(cast):
    browser = Client()
    browser.force_login(cast.owner)
    page = browser.post(
        f"/projects/{cast.project.pk}/invitations",
        {"invite-role": "annotator", "invite-days": 7, "invite-max_uses": 1},
        headers={"x-forwarded-host": "evil.example"},
    )
    assert b"evil.example" not in page.content


def _writing_routes() -> Iterator[tuple[str, str, object]]:
    return ((method, address, body) for method, address, body, _ in ROUTES if method not in SAFE)


def test_a_session_without_a_csrf_token_changes_nothing_at_any_address_of_the_api(cast, ids):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.owner)
    before, answers = _state(), {}
    for method, address, body in _writing_routes():
        with transaction.atomic():
            response = getattr(browser, method)(
                address.format(**ids), _filled(body, ids), content_type="application/json"
            )
            answers[method, address] = response.status_code
            assert _state() == before, (method, address)
            transaction.set_rollback(True)
    assert {route: code for route, code in answers.items() if code != 403} == {}


@pytest.mark.parametrize("page", ["sign-in", "sign-out", "create-token", "change-password", "new-project"])
def test_a_form_without_its_csrf_token_is_refused(cast, page):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.owner)
    assert browser.post(reverse(f"web:{page}"), {}).status_code == 403


def test_nobody_makes_an_account_without_an_invitation_that_counts(cast):
    for address in ("/signup", "/register", "/user/signup"):
        assert Client().post(address, {"email": "new@example.com", "password": PASSWORD}).status_code == 404
    body = {"email": "new@example.com", "password": PASSWORD}
    assert Client().post("/api/users", body, content_type="application/json").status_code == 401
    used = create_invitation(created_by=cast.owner, project=cast.project)[1]
    accept_invitation(key=used, user=cast.stranger)
    revoked, revoked_key = create_invitation(created_by=cast.owner, project=cast.project)
    revoke_invitation(invitation=revoked, revoked_by=cast.owner)
    for key in (used, revoked_key, "0" * 40):
        assert Client().post(f"/invite/{key}", body).status_code == 404
    assert not User.objects.filter(email="new@example.com").exists()


HOSTILE = {
    "a password of 5,000 bytes": ("ann@example.com", "x" * 5_000),
    "NUL in the address": ("ann\x00@example.com", PASSWORD),
    "NUL in the password": ("ann@example.com", f"{PASSWORD}\x00"),
    "a look-alike": ("аnn@example.com", PASSWORD),  # noqa: RUF001 - its first letter is Cyrillic
    "a very long address": (f"{'a' * 5_000}@example.com", PASSWORD),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_credentials_sign_nobody_in_and_break_nothing(ann, name):
    email, password = HOSTILE[name]
    browser = Client()
    assert 200 <= sign_in(browser, email, password).status_code < 500
    assert browser.get("/api/current-user/whoami").status_code == 401


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"a look-alike", "a password of 5,000 bytes"}))
def test_hostile_credentials_make_no_account(cast, api, name):
    email, password = HOSTILE[name]
    _, key = create_invitation(created_by=cast.owner, project=cast.project)
    people = User.objects.count()
    body = {"email": email, "password": password}
    assert 400 <= Client().post(f"/invite/{key}", body).status_code < 500
    assert api(cast.administrator).post("/api/users", body, format="json").status_code == 400
    assert User.objects.count() == people


def test_a_look_alike_is_an_account_of_its_own_and_not_somebody_elses(cast):
    _, key = create_invitation(created_by=cast.owner, project=cast.project)
    email = HOSTILE["a look-alike"][0]
    answer = Client().post(f"/invite/{key}", {"email": email, "password": PASSWORD})
    assert answer.status_code in (302, 422)
    assert not User.objects.filter(email="ann@example.com").exists()


def test_an_unknown_address_takes_as_long_as_a_wrong_password(ann, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    ann.set_password(PASSWORD)
    ann.save()
    took: dict[str, list[float]] = {"ann@example.com": [], "nobody@example.com": []}
    for _ in range(9):
        for email, times in took.items():
            started = time.process_time()
            assert not Client().login(username=email, password="wrong")
            times.append(time.process_time() - started)
    known, unknown = (median(times) for times in took.values())
    assert 0.5 < unknown / known < 2  # without the dummy hash it is a hundredth


def test_the_key_of_a_token_is_in_no_answer_and_in_no_log(cast, ids, api, caplog):
    key = create_api_token(user=cast.owner, name="CI")
    client = api(None)
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    with caplog.at_level(logging.DEBUG):
        for method, address, _, _ in ROUTES:
            if method != "get":
                continue
            response = client.get(address.format(**ids))
            if not response.streaming:
                assert key.encode() not in response.content, address
    assert key not in caplog.text
    assert not ApiToken.objects.filter(digest=key).exists()
