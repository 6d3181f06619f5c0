"""Members, invitations, accounts, the audit log: how they look, and joining from a second browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.models import Session
from apps.accounts.services import create_api_token, deactivate_user, erase_user, update_profile
from apps.completions.models import Completion
from apps.projects.invitations import create_invitation, revoke_invitation
from apps.projects.membership import set_member
from apps.projects.models import Membership
from apps.projects.services import update_project
from tests.cast import Cast
from tests.e2e.conftest import DATA, SAY_IT_FOR_LONG, Watched
from tests.e2e.looks import LOOKS, check
from tests.e2e.test_labeling import editor
from tests.factories import CHOICES_CONFIG, make_avatar, make_completion, make_user

OpenWatched = Callable[..., Watched]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def team(players: Cast) -> Cast:
    """The cast with names, a picture, a past, and an invitation that waits."""
    update_profile(user=players.owner, first_name="Olivia", last_name="Owens")
    update_profile(user=players.annotator, first_name="Ana", last_name="Torres")
    make_avatar(players.owner)
    task = players.project.tasks.order_by("pk").first()
    assert task is not None
    make_completion(task, players.annotator)
    create_invitation(
        created_by=players.owner, project=players.project, max_uses=5, lifetime=timedelta(days=3)
    )
    create_invitation(created_by=players.manager, project=players.project, email="new.person@example.com")
    set_member(
        project_id=players.project.pk, user=players.reviewer, role="annotator", changed_by=players.owner
    )
    config = CHOICES_CONFIG.replace("Negative", "Neutral")
    update_project(project_id=players.project.pk, title="Feelings", label_config=config)
    return players


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_pages_of_members_and_of_the_log(
    watched: OpenWatched, team: Cast, width: int, theme: str
) -> None:
    page = watched(team.manager, width=width, theme=theme).page
    members = f"/projects/{team.project.pk}/members"
    for name, address in {
        "members-managed": members,
        "members-none-found": f"{members}?q=zebra",
        "audit": "/audit",
        "audit-filtered": f"/audit?project={team.project.pk}&action=member.changed",
        "audit-nothing": "/audit?actor=zebra",
    }.items():
        page.goto(address)
        check(page, name, width, theme)
    page.goto(members)
    page.get_by_role("button", name="Remove Ana Torres").click()
    expect(page.get_by_text("The 1 completion they submitted stays")).to_be_visible()
    check(page, "members-remove", width, theme)
    page.reload()  # a screenshot leaves marks in the page that a swap of its parts would trip over
    page.get_by_role("button", name="Make invitation").click()
    expect(page.get_by_label("Link", exact=True)).to_have_value(re.compile(r"/invite/[0-9a-f]{40}$"))
    check(page, "members-invited", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_page_of_people(watched: OpenWatched, team: Cast, width: int, theme: str) -> None:
    deactivate_user(user_id=team.viewer.pk, deactivated_by=team.administrator)
    erase_user(user_id=make_user("gone@example.com").pk, erased_by=team.administrator)
    watch = watched(team.administrator, width=width, theme=theme)
    page = watch.page
    page.goto("/people")
    check(page, "people", width, theme)
    page.get_by_role("button", name="Erase Ana Torres").click()
    page.get_by_label("Their e-mail").fill("somebody@example.com")
    page.get_by_role("button", name="Erase personal data").click()
    expect(page.get_by_text("This is not their address, annotator@example.com.")).to_be_visible()
    check(page, "people-erase", width, theme)
    watch.expect_problem("422 (Unprocessable Entity)")
    page.get_by_label("Their e-mail").fill("Annotator@example.com")
    page.get_by_role("button", name="Erase personal data").click()
    expect(page.get_by_text(f"The account is called Person {team.annotator.pk} from now on.")).to_be_visible()
    check(page, "people-erased", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_page_of_the_own_account(watched: OpenWatched, team: Cast, width: int, theme: str) -> None:
    create_api_token(user=team.owner, name="Nightly export", expires_at=timezone.now() + timedelta(days=40))
    page = watched(team.owner, width=width, theme=theme).page
    Session.objects.create(
        session_key="elsewhere",
        user=team.owner,
        address="203.0.113.7",
        user_agent=FIREFOX,
        expire_date=timezone.now() + timedelta(days=1),
    )
    page.goto("/account")
    expect(page.get_by_text("Firefox on Linux")).to_be_visible()
    check(page, "account", width, theme)
    page.reload()  # as above
    page.get_by_label("Name", exact=True).fill("Laptop")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_label("Key", exact=True)).to_have_value(re.compile(r"^[0-9a-f]{40}$"))
    check(page, "account-token", width, theme)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_card_of_an_invitation(watched: OpenWatched, team: Cast, width: int, theme: str) -> None:
    invitation, key = create_invitation(created_by=team.owner, project=team.project)
    for name, person in {"new": None, "known": team.stranger, "member": team.annotator}.items():
        page = watched(person, width=width, theme=theme).page
        page.goto(f"/invite/{key}")
        check(page, f"invitation-{name}", width, theme)
    revoke_invitation(invitation=invitation, revoked_by=team.owner)
    watch = watched(width=width, theme=theme)
    watch.page.goto(f"/invite/{key}")
    check(watch.page, "invitation-revoked", width, theme)
    watch.expect_problem("404 (Not Found)")


def test_somebody_invited_signs_up_labels_and_cannot_open_the_settings(
    watched: OpenWatched, team: Cast
) -> None:
    manager = watched(team.manager).page
    manager.goto(f"/projects/{team.project.pk}/members")
    manager.get_by_role("button", name="Make invitation").click()
    link = manager.get_by_label("Link", exact=True).input_value()

    watch = watched()
    page = watch.page
    page.goto(link)
    page.get_by_label("First name").fill("Nia")
    page.get_by_label("E-mail").fill("Nia@example.com")
    page.get_by_label("Password").fill("four words make one")
    page.get_by_role("button", name="Sign up and join").click()
    page.wait_for_url(f"**/projects/{team.project.pk}/label")
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    editor(page).get_by_text("Positive").click()
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("1 by you")).to_be_visible()

    membership = Membership.objects.get(project=team.project, user__email="nia@example.com")
    assert membership.role == "annotator"
    assert Completion.objects.filter(completed_by=membership.user).count() == 1
    answer = page.goto(f"/projects/{team.project.pk}/settings")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", name="You may not do this")).to_be_visible()
    watch.expect_problem("403 (Forbidden)")


def test_somebody_with_an_account_signs_in_and_comes_back_to_join(watched: OpenWatched, team: Cast) -> None:
    make_user("pat@example.com", password="four words make one")
    _, key = create_invitation(created_by=team.owner, project=team.project, role="viewer")
    page = watched().page
    page.goto(f"/invite/{key}")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("pat@example.com")
    page.get_by_label("Password").fill("four words make one")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Join as pat@example.com").click()

    expect(page.get_by_text("You joined “Feelings”.")).to_be_visible()
    assert page.url.endswith(f"/projects/{team.project.pk}/")


def test_a_role_is_saved_when_it_is_chosen(watched: OpenWatched, team: Cast) -> None:
    page = watched(team.owner).page
    page.goto(f"/projects/{team.project.pk}/members")
    page.get_by_label("Role of viewer@example.com").select_option("reviewer")

    expect(page.get_by_text("viewer@example.com is now reviewer here.")).to_be_visible()
    assert Membership.objects.get(user=team.viewer).role == "reviewer"


def test_a_role_that_cannot_change_goes_back_and_says_why(watched: OpenWatched, team: Cast) -> None:
    watch = watched(team.owner)
    page = watch.page
    page.goto(f"/projects/{team.project.pk}/members")
    page.get_by_label("Role of Olivia Owens").select_option("viewer")

    expect(page.get_by_text("A project needs an owner.")).to_be_visible()
    expect(page.get_by_label("Role of Olivia Owens")).to_have_value("owner")
    watch.expect_problem("409 (Conflict)")


def test_a_key_is_copied_and_its_token_revoked(watched: OpenWatched, team: Cast) -> None:
    page = watched(team.owner).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(SAY_IT_FOR_LONG)
    page.goto("/account")
    page.get_by_label("Name", exact=True).fill("Laptop")
    page.get_by_role("button", name="Make token").click()
    key = page.get_by_label("Key", exact=True)
    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key.input_value()

    page.get_by_role("button", name="Revoke the token Laptop").click()
    page.get_by_role("button", name="Revoke token", exact=True).click()
    expect(page.get_by_text("The token “Laptop” is revoked.")).to_be_visible()
    assert not team.owner.api_tokens.exists()


def test_a_picture_is_uploaded_and_shown(watched: OpenWatched, team: Cast) -> None:
    page = watched(team.annotator).page
    page.goto("/account")
    page.get_by_label("Picture").last.set_input_files(DATA / "images" / "chelsea.png")
    page.get_by_role("button", name="Upload").click()

    picture = page.locator("header img[src^='/api/avatars/']")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 256)
