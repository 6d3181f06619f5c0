"""Invitations: a link that makes members, for a while and a number of times."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import deactivate_user
from apps.core.errors import NotFound, ValidationFailed
from apps.projects.invitations import (
    accept_invitation,
    create_invitation,
    revoke_invitation,
    send_invitation,
    sign_up,
)
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Invitation, Membership
from apps.projects.policy import Role

PASSWORD = "correct horse battery"


def invite(cast, **options) -> str:
    return create_invitation(created_by=cast.owner, project=cast.project, **options)[1]


def role_of(cast, person) -> str:
    return Membership.objects.get(project=cast.project, user=person).role


def test_somebody_with_an_account_joins(cast):
    accept_invitation(key=invite(cast, role=Role.REVIEWER), user=cast.stranger)
    assert role_of(cast, cast.stranger) == Role.REVIEWER


def test_somebody_new_signs_up_and_joins(cast):
    person = sign_up(key=invite(cast), email="New@Example.com", password=PASSWORD)
    assert (person.email, person.role, role_of(cast, person)) == ("new@example.com", "member", Role.ANNOTATOR)
    assert person.check_password(PASSWORD)


def test_a_link_works_as_often_as_it_says(cast):
    key = invite(cast, max_uses=2)
    accept_invitation(key=key, user=cast.stranger)
    sign_up(key=key, email="new@example.com", password=PASSWORD)
    with pytest.raises(NotFound):
        sign_up(key=key, email="third@example.com", password=PASSWORD)
    assert not User.objects.filter(email="third@example.com").exists()


def test_a_link_that_expired_was_revoked_or_never_was_makes_nobody_a_member(cast):
    expired, revoked = invite(cast), invite(cast)
    Invitation.objects.filter(pk=1).update(expires_at=timezone.now())
    first, second = Invitation.objects.order_by("pk")
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    revoke_invitation(invitation=second, revoked_by=cast.owner)
    for key in (expired, revoked, "0" * 40):
        with pytest.raises(NotFound):
            accept_invitation(key=key, user=cast.stranger)
    assert not Membership.objects.filter(user=cast.stranger).exists()


def test_an_invitation_for_one_person_is_for_no_other(cast):
    key = invite(cast, email="new@example.com", max_uses=5)
    with pytest.raises(ValidationFailed):
        accept_invitation(key=key, user=cast.stranger)
    with pytest.raises(ValidationFailed):
        sign_up(key=key, email="other@example.com", password=PASSWORD)
    assert not User.objects.filter(email="other@example.com").exists()
    sign_up(key=key, email="new@example.com", password=PASSWORD)


def test_an_invitation_never_lowers_a_role(cast):
    accept_invitation(key=invite(cast, role=Role.VIEWER), user=cast.manager)
    assert role_of(cast, cast.manager) == Role.MANAGER


def test_a_failed_sign_up_uses_nothing_up(cast):
    key = invite(cast)
    with pytest.raises(ValidationFailed):
        sign_up(key=key, email="new@example.com", password="123")
    sign_up(key=key, email="new@example.com", password=PASSWORD)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"role": "king"}, "role"),
        ({"max_uses": 0}, "max_uses"),
        ({"lifetime": timedelta(0)}, "lifetime"),
        ({"lifetime": timedelta(days=1_000)}, "lifetime"),
    ],
)
def test_an_invitation_out_of_range_is_refused(cast, options, field):
    with pytest.raises(ValidationFailed) as caught:
        invite(cast, **options)
    assert list(caught.value.fields) == [field]


def test_an_invitation_is_e_mailed_when_the_server_can(cast, settings):
    invitation, _ = create_invitation(created_by=cast.owner, project=cast.project, email="new@example.com")
    assert send_invitation(invitation=invitation, link="https://here/invite/x") is False
    settings.EMAIL_HOST = "smtp.example.com"
    assert send_invitation(invitation=invitation, link="https://here/invite/x") is True
    assert mail.outbox[0].to == ["new@example.com"]
    assert "https://here/invite/x" in mail.outbox[0].body


def test_over_the_api_the_link_is_shown_once(cast, api):
    client = api(cast.manager)
    address = f"/api/projects/{cast.project.pk}/invitations"
    made = client.post(address, {"role": "annotator", "days": 3}).json()
    assert made["link"].startswith("http://testserver/invite/")
    assert made["sent"] is False
    assert "link" not in client.get(address).json()[0]


def test_a_manager_may_not_take_the_role_of_an_owner(cast, api):
    address = f"/api/projects/{cast.project.pk}/members/{cast.owner.pk}"
    assert api(cast.manager).patch(address, {"role": "viewer"}).status_code == 403
    assert api(cast.manager).delete(address).status_code == 403
    again = {"email": "owner@example.com", "role": "viewer"}
    assert api(cast.manager).post(f"/api/projects/{cast.project.pk}/members", again).status_code == 403
    assert role_of(cast, cast.owner) == Role.OWNER


def test_members_are_found_by_text(cast, api):
    found = api(cast.viewer).get(f"/api/projects/{cast.project.pk}/members?search=REVIEW").json()
    assert [member["user"]["email"] for member in found] == ["reviewer@example.com"]


def demote(cast):
    set_member(project_id=cast.project.pk, user=cast.manager, role=Role.REVIEWER)


def remove(cast):
    remove_member(project_id=cast.project.pk, user_id=cast.manager.pk)


def deactivate(cast):
    deactivate_user(user_id=cast.manager.pk, deactivated_by=cast.administrator)


@pytest.mark.parametrize("end", [demote, remove, deactivate])
def test_an_invitation_ends_with_the_right_of_its_maker_to_make_it(cast, client, end):
    _, key = create_invitation(created_by=cast.manager, project=cast.project)
    end(cast)
    with pytest.raises(NotFound, match="may not invite to this any more"):
        accept_invitation(key=key, user=cast.stranger)
    with pytest.raises(NotFound):
        sign_up(key=key, email="new@example.com", password=PASSWORD)
    page = client.get(f"/invite/{key}")
    assert page.status_code == 404
    assert b"may not invite to this any more" in page.content
    assert not Membership.objects.filter(project=cast.project, user=cast.stranger).exists()
    assert not User.objects.filter(email="new@example.com").exists()


def test_an_owners_invitation_of_an_owner_ends_when_they_become_a_manager(cast):
    set_member(project_id=cast.project.pk, user=cast.manager, role=Role.OWNER)
    owner_key, annotator_key = invite(cast, role=Role.OWNER), invite(cast)
    set_member(project_id=cast.project.pk, user=cast.owner, role=Role.MANAGER)
    with pytest.raises(NotFound):
        accept_invitation(key=owner_key, user=cast.stranger)
    accept_invitation(key=annotator_key, user=cast.stranger)
    assert role_of(cast, cast.stranger) == Role.ANNOTATOR


def test_an_invitation_to_the_instance_ends_when_its_maker_is_no_administrator_any_more(cast):
    _, key = create_invitation(created_by=cast.administrator, project=None, global_role="administrator")
    User.objects.filter(pk=cast.administrator.pk).update(role="manager")
    with pytest.raises(NotFound):
        sign_up(key=key, email="new@example.com", password=PASSWORD)
    assert not User.objects.filter(email="new@example.com").exists()
