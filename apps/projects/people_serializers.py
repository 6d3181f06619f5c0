"""Members and invitations on the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from apps.accounts.serializers import person_document
from apps.projects.invitations import DEFAULT_LIFETIME, MAX_LIFETIME
from apps.projects.models import Invitation, Membership
from apps.projects.policy import Role


class RoleSerializer(serializers.Serializer[Membership]):
    """A new role for a member."""

    role = serializers.ChoiceField(choices=Role.choices)


class NewMemberSerializer(RoleSerializer):
    """Somebody who has an account, to be made a member."""

    email = serializers.EmailField()


class NewInvitationSerializer(RoleSerializer):
    """What an invitation is to give, to whom and for how long."""

    email = serializers.EmailField(required=False, allow_blank=True, default="")
    days = serializers.IntegerField(min_value=1, max_value=MAX_LIFETIME.days, default=DEFAULT_LIFETIME.days)
    max_uses = serializers.IntegerField(min_value=1, max_value=1_000, default=1)

    def arguments(self) -> dict[str, Any]:
        """Return what `create_invitation` takes."""
        fields = dict(self.validated_data)
        lifetime = timedelta(days=fields.pop("days"))
        return {**fields, "lifetime": lifetime}


def member_document(membership: Membership) -> dict[str, Any]:
    """Return a member: the person and their role."""
    return {
        "user": person_document(membership.user),
        "role": membership.role,
        "created_at": membership.created_at,
    }


def invitation_document(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation, without its key."""
    return {
        "id": invitation.pk,
        "project": invitation.project_id,
        "role": invitation.role,
        "email": invitation.email,
        "created_by": person_document(invitation.created_by),
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "max_uses": invitation.max_uses,
        "uses": invitation.uses,
        "revoked_at": invitation.revoked_at,
    }
