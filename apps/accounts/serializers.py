"""People on the wire of the Label Studio API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import User


def user_document(user: User) -> dict[str, Any]:
    """Return the USER object of the API (docs/api.md)."""
    return {
        "id": user.pk,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "email": user.email,
        "last_activity": user.last_login or user.date_joined,
        "custom_hotkeys": {},
        "avatar": None,
        "initials": user.initials,
        "phone": user.phone,
        "active_organization": None,
        "active_organization_meta": None,
        "allow_newsletters": None,
        "date_joined": user.date_joined,
    }


def person_document(user: User | None) -> dict[str, Any] | None:
    """Return the short form of a person that stands inside other objects."""
    if user is None:
        return None
    return {
        "id": user.pk,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "avatar": None,
    }


class ProfileSerializer(serializers.Serializer[User]):
    """What a person may change of themself."""

    first_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
