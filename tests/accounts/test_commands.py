"""People from the command line: idempotent, and easy to read for scripts."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services import create_api_token
from apps.projects.models import Membership
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def run(name: str, *arguments: str) -> str:
    output = io.StringIO()
    call_command(name, *arguments, stdout=output)
    return output.getvalue().strip()


def test_a_user_is_created_once_and_changed_after(db):
    first = json.loads(run("create_user", "Ann@Example.com", "--password", PASSWORD, "--json"))
    again = json.loads(run("create_user", "ann@example.com", "--role", "manager", "--json"))
    assert (first["created"], again["created"]) == (True, False)
    user = User.objects.get()
    assert (user.email, user.role, user.check_password(PASSWORD)) == ("ann@example.com", "manager", True)


def test_a_token_is_printed_alone_and_works(db):
    make_user("ann@example.com")
    key = run("create_token", "ann@example.com")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert client.get("/api/current-user/whoami").json()["email"] == "ann@example.com"
    assert json.loads(run("create_token", "ann@example.com", "--json")).keys() == {"token"}


def test_a_password_is_reset_or_a_link_is_made(db):
    user = make_user("ann@example.com")
    run("reset_password", "ann@example.com", "--password", PASSWORD)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert json.loads(run("reset_password", "ann@example.com", "--json"))["link"].startswith("/link/")
    user.refresh_from_db()
    assert not user.has_usable_password()


@pytest.mark.parametrize("password", [[], ["--password", PASSWORD]])
@pytest.mark.parametrize(("flag", "status"), [([], 200), (["--revoke-tokens"], 401)])
def test_resetting_ends_sessions_and_tokens_only_when_asked(password, flag, status):
    user = make_user("ann@example.com", password=PASSWORD)
    browser, program = Client(), APIClient()
    browser.force_login(user)
    program.credentials(HTTP_AUTHORIZATION=f"Token {create_api_token(user=user)}")
    run("reset_password", "ann@example.com", *password, *flag)
    assert browser.get("/api/current-user/whoami").status_code == 401
    assert program.get("/api/current-user/whoami").status_code == status


def test_the_link_lets_in_somebody_without_a_password_who_then_chooses_one():
    user = make_user("ann@example.com", password=PASSWORD)
    link = json.loads(run("reset_password", "ann@example.com", "--json"))["link"]
    browser = Client()
    browser.get(link)
    new = "another correct horse"
    browser.post("/account/password", {"new_password1": new, "new_password2": new})
    user.refresh_from_db()
    assert user.check_password(new)


def test_a_member_is_added_and_their_role_changed(cast):
    run("add_member", str(cast.project.pk), "stranger@example.com", "--role", "viewer")
    run("add_member", str(cast.project.pk), "stranger@example.com", "--role", "reviewer")
    assert Membership.objects.get(user=cast.stranger).role == "reviewer"


@pytest.mark.parametrize(
    "command",
    [
        ["create_user", "no-address"],
        ["create_user", "ann@example.com", "--password", "123"],
        ["create_token", "nobody@example.com"],
        ["add_member", "999", "nobody@example.com"],
    ],
)
def test_what_cannot_be_done_is_said_and_exits_with_an_error(command):
    with pytest.raises(CommandError):
        run(*command)
