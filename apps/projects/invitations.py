"""Invitations: a link that makes whoever opens it a member, with a role, for a while and a number of times."""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import GlobalRole, User, new_secret, normalize_email, secret_digest
from apps.accounts.services import create_user
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import NotFound, ValidationFailed
from apps.projects.locks import lock_members
from apps.projects.membership import set_member
from apps.projects.models import Invitation, Membership, Project
from apps.projects.policy import Role, roles_given_by
from apps.projects.queries import role_in

logger = logging.getLogger(__name__)

DEFAULT_LIFETIME = timedelta(days=7)
MAX_LIFETIME = timedelta(days=365)


@transaction.atomic
def create_invitation(
    *,
    created_by: User,
    project: Project | None,
    role: str = Role.ANNOTATOR,
    global_role: str = GlobalRole.MEMBER,
    email: str = "",
    lifetime: timedelta = DEFAULT_LIFETIME,
    max_uses: int = 1,
) -> tuple[Invitation, str]:
    """Return a new invitation and its key, which cannot be read again.

    Args:
        project: to which; None invites to the instance alone.
        role: in the project.
        global_role: of accounts that the invitation makes.
        email: only for the person with this address.

    Raises:
        ValidationFailed: a role, the lifetime or the number of uses is out of range.
    """
    _check(role, global_role, lifetime, max_uses)
    key = new_secret()
    invitation = Invitation.objects.create(
        project=project, role=role, global_role=global_role, email=normalize_email(email),
        digest=secret_digest(key), created_by=created_by, expires_at=timezone.now() + lifetime,
        max_uses=1 if email else max_uses,
    )  # fmt: skip
    record(
        AuditAction.INVITATION_CREATED, actor=created_by, target=invitation,
        project_id=project.pk if project else None, after={"role": str(role), "email": invitation.email},
    )  # fmt: skip
    return invitation, key


def _check(role: str, global_role: str, lifetime: timedelta, max_uses: int) -> None:
    problems: dict[str, list[str]] = {}
    if role not in Role.values:
        problems["role"] = [f"Choose one of {', '.join(Role.values)}."]
    if global_role not in GlobalRole.values:
        problems["global_role"] = [f"Choose one of {', '.join(GlobalRole.values)}."]
    if not timedelta() < lifetime <= MAX_LIFETIME:
        problems["lifetime"] = [f"Choose up to {MAX_LIFETIME.days} days."]
    if not 1 <= max_uses <= 1_000:
        problems["max_uses"] = ["Choose 1 to 1,000 uses."]
    if problems:
        raise ValidationFailed("The invitation cannot be made.", fields=problems)


def send_invitation(*, invitation: Invitation, link: str) -> bool:
    """E-mail an invitation to its person.

    Returns:
        Whether it is on its way; not when it names nobody, or the server has no SMTP or cannot reach it. Show the
        link then.
    """
    if not (invitation.email and settings.EMAIL_HOST):
        return False
    place = " ".join(str(invitation.project or "Label Studio").split())  # a header is one line
    try:
        send_mail(
            subject=f"You are invited to {place}",
            message=f"{invitation.created_by} invites you to {place}.\n\nOpen this link to join:\n{link}\n",
            from_email=None,
            recipient_list=[invitation.email],
        )
    except (SMTPException, OSError):
        logger.exception("The invitation %s cannot be e-mailed", invitation.pk)
        return False
    return True


def find_invitation(key: str) -> Invitation:
    """Return the invitation with this key that can still be used.

    Raises:
        NotFound: there is none, or it expired, was revoked or used up, or its project is gone, or whoever made it
            may not make it any more.
    """
    found = Invitation.objects.select_related("project", "created_by")
    invitation: Invitation | None = found.filter(digest=secret_digest(key)).first()
    if invitation is None:
        raise NotFound("There is no such invitation. Check that the whole link was copied.")
    if invitation.revoked_at is not None:
        raise NotFound("This invitation was revoked. Ask for a new one.")
    if invitation.uses >= invitation.max_uses:
        raise NotFound("This invitation has been used already. Ask for a new one.")
    if invitation.expires_at <= timezone.now():
        raise NotFound("This invitation has expired. Ask for a new one.")
    if invitation.project is not None and invitation.project.deleted_at is not None:
        raise NotFound("The project of this invitation was deleted.")
    _require_inviter(invitation)
    return invitation


def _require_inviter(invitation: Invitation) -> None:
    """Let an invitation count that its maker could make today.

    Raises:
        NotFound: they were deactivated, left the project, or may not give this role any more.
    """
    inviter: User | None = invitation.created_by
    if inviter is None or not inviter.is_active or not _may_invite(inviter, invitation):
        raise NotFound("Whoever made this invitation may not invite to this any more. Ask for a new one.")


def _may_invite(inviter: User, invitation: Invitation) -> bool:
    if invitation.project_id is None or invitation.global_role != GlobalRole.MEMBER:
        return inviter.is_administrator
    role = role_in(inviter, invitation.project_id)
    return role is not None and invitation.role in roles_given_by(role)


@transaction.atomic
def accept_invitation(*, key: str, user: User) -> Membership | None:
    """Make `user` what the invitation says; somebody with a higher role keeps it.

    Raises:
        NotFound: as `find_invitation`.
        ValidationFailed: it is for somebody else.
    """
    invitation = _lock(key)
    if invitation.email and invitation.email != user.email:
        raise ValidationFailed(f"This invitation is for {invitation.email}. Sign in with that address.")
    Invitation.objects.filter(pk=invitation.pk).update(uses=invitation.uses + 1)
    record(AuditAction.INVITATION_ACCEPTED, actor=user, target=invitation, project_id=invitation.project_id)
    if invitation.project_id is None:
        return None
    memberships = Membership.objects.filter(project_id=invitation.project_id, user=user)
    present: Membership | None = memberships.first()
    ranks = list(Role)
    if present is not None and ranks.index(Role(present.role)) <= ranks.index(Role(invitation.role)):
        return present
    return set_member(
        project_id=invitation.project_id, user=user, role=invitation.role, changed_by=invitation.created_by
    )


@transaction.atomic
def sign_up(*, key: str, email: str, password: str, first_name: str = "", last_name: str = "") -> User:
    """Make an account for somebody invited, and accept the invitation as them.

    Raises:
        NotFound: as `find_invitation`.
        ValidationFailed: the invitation is for somebody else, the address is taken or the password weak.
    """
    invitation = _lock(key)
    user = create_user(
        email=email, password=password, role=invitation.global_role, first_name=first_name,
        last_name=last_name, created_by=invitation.created_by,
    )  # fmt: skip
    accept_invitation(key=key, user=user)
    return user


def _lock(key: str) -> Invitation:
    find_invitation(key)
    locked = Invitation.objects.usable().select_for_update()
    invitation: Invitation | None = locked.filter(digest=secret_digest(key)).first()
    if invitation is None:
        raise NotFound("This invitation was used at this moment by somebody else. Ask for a new one.")
    # Behind these locks nobody demotes, removes or deactivates the inviter while their word is taken.
    if invitation.created_by_id is not None:
        invitation.created_by = User.objects.select_for_update(no_key=True).get(pk=invitation.created_by_id)
    if invitation.project_id is not None:
        lock_members(invitation.project_id)
    _require_inviter(invitation)
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, revoked_by: User) -> None:
    """Make an invitation useless; memberships it gave stay."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())
    record(
        AuditAction.INVITATION_REVOKED, actor=revoked_by, target=invitation, project_id=invitation.project_id
    )
