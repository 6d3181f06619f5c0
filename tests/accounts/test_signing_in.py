"""How people and programs prove who they are."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import ApiToken, SignInLink, User
from apps.accounts.services import (
    create_api_token,
    create_sign_in_link,
    create_user,
    ensure_owner,
    reset_api_token,
    use_sign_in_link,
)
from apps.core.errors import NotFound, ValidationFailed
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def basic(name: str, password: str) -> dict[str, Any]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_an_address_is_one_account_whatever_its_case():
    create_user(email="Ann@Example.com", password=PASSWORD)
    with pytest.raises(ValidationFailed) as caught:
        create_user(email="ann@example.COM")
    assert caught.value.fields == {"email": ["There is an account with this e-mail already."]}
    assert Client().login(username="ANN@example.com", password=PASSWORD)


@pytest.mark.parametrize(("email", "field"), [("no-address", "email"), ("a\x00@b.c", "email")])
def test_what_is_no_address_is_refused(email, field):
    with pytest.raises(ValidationFailed) as caught:
        create_user(email=email)
    assert list(caught.value.fields) == [field]


def test_a_weak_password_is_refused():
    with pytest.raises(ValidationFailed) as caught:
        create_user(email="ann@example.com", password="12345")
    assert "password" in caught.value.fields
    assert not User.objects.exists()


def test_wrong_password_unknown_person_and_deactivated_person_cannot_sign_in():
    ann = create_user(email="ann@example.com", password=PASSWORD)
    assert not Client().login(username="ann@example.com", password="wrong")
    assert not Client().login(username="bob@example.com", password=PASSWORD)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert not Client().login(username="ann@example.com", password=PASSWORD)


def test_a_deactivated_persons_session_and_token_end_at_once():
    ann = create_user(email="ann@example.com", password=PASSWORD)
    browser = Client()
    browser.login(username="ann@example.com", password=PASSWORD)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {create_api_token(user=ann)}")
    assert browser.get("/api/current-user/whoami").status_code == 200
    assert program.get("/api/current-user/whoami").status_code == 200
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert browser.get("/api/current-user/whoami").status_code == 401
    assert program.get("/api/current-user/whoami").status_code == 401


@pytest.mark.parametrize("scheme", ["Token", "token", "Bearer"])
def test_a_token_works_under_each_scheme_and_only_its_digest_is_stored(scheme):
    key = create_api_token(user=make_user("ann@example.com"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {key}")
    assert client.get("/api/current-user/whoami").json()["email"] == "ann@example.com"
    token = ApiToken.objects.get()
    assert key not in (token.digest, token.name)
    assert token.last_used_at is not None


def test_an_expired_token_is_refused():
    key = create_api_token(user=make_user(), expires_at=timezone.now() + timedelta(hours=1))
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert client.get("/api/current-user/whoami").status_code == 401


def test_resetting_revokes_every_earlier_token():
    ann = make_user()
    old = create_api_token(user=ann)
    new = reset_api_token(user=ann)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {old}")
    assert client.get("/api/current-user/whoami").status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Token {new}")
    assert client.get("/api/current-user/whoami").status_code == 200


def test_a_sign_in_link_works_once_and_a_new_one_ends_the_old():
    ann = make_user()
    first = create_sign_in_link(user=ann)
    second = create_sign_in_link(user=ann)
    with pytest.raises(NotFound):
        use_sign_in_link(key=first)
    assert use_sign_in_link(key=second) == ann
    with pytest.raises(NotFound):
        use_sign_in_link(key=second)


def test_a_sign_in_link_expires():
    key = create_sign_in_link(user=make_user())
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        use_sign_in_link(key=key)


def test_the_owner_is_made_once_and_a_given_password_becomes_theirs():
    first = ensure_owner(email="Boss@localhost", password="x")
    again = ensure_owner(email="boss@localhost", password="y")
    assert first == again
    assert again.is_administrator
    assert again.check_password("y")


class TestBasicAuth:
    """HTTP Basic for the whole instance."""

    @pytest.fixture(autouse=True)
    def instance(self, settings):
        settings.BASIC_AUTH_USERNAME, settings.BASIC_AUTH_PASSWORD = "team", "s3cret"
        self.owner = ensure_owner(email="team@localhost", password="s3cret")

    def test_pages_and_calls_ask_for_it_and_act_as_the_owner(self):
        for address in ("/", "/api/projects"):
            refused = Client().get(address)
            assert refused.status_code == 401
            assert refused["WWW-Authenticate"].startswith("Basic ")
        assert (
            Client().get("/api/current-user/whoami", **basic("team", "s3cret")).json()["email"]
            == "team@localhost"
        )

    @pytest.mark.parametrize(
        ("name", "password"), [("team", "wrong"), ("other", "s3cret"), ("", ""), ("team", "")]
    )
    def test_wrong_credentials_are_refused(self, name, password):
        assert Client().get("/api/projects", **basic(name, password)).status_code == 401

    def test_health_stays_open(self):
        assert Client().get("/api/health").json() == {"status": "up"}

    def test_tokens_keep_working_with_their_own_rights(self):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {create_api_token(user=make_user('ann@example.com'))}")
        assert client.get("/api/current-user/whoami").json()["email"] == "ann@example.com"

    def test_a_program_may_write_and_a_page_of_another_site_may_not(self):
        headers = {**basic("team", "s3cret"), "content_type": "application/json"}
        body = '{"title": "By a program"}'
        assert Client().post("/api/projects", body, **headers).status_code == 201
        forged = Client().post("/api/projects", body, **headers, HTTP_SEC_FETCH_SITE="cross-site")
        assert forged.status_code == 403
        forged = Client().post("/api/projects", body, **headers, HTTP_ORIGIN="https://evil.example")
        assert forged.status_code == 403


def test_basic_credentials_mean_nothing_when_the_instance_has_none():
    ensure_owner(email="team@localhost", password="s3cret")
    assert Client().get("/api/projects", **basic("", "")).status_code == 401
    assert Client().get("/api/projects", **basic("team", "s3cret")).status_code == 401


def test_a_session_without_a_csrf_token_may_not_write():
    create_user(email="ann@example.com", password=PASSWORD, role="manager")
    client = Client(enforce_csrf_checks=True)
    client.login(username="ann@example.com", password=PASSWORD)
    response = client.post("/api/projects", {"title": "Forged"}, content_type="application/json")
    assert response.status_code == 403
