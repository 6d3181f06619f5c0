"""People on the wire of the Label Studio API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import ApiToken, GlobalRole, User


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
        "avatar": user.avatar_address,
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
        "avatar": user.avatar_address,
    }


def token_document(token: ApiToken) -> dict[str, Any]:
    """Return an API token, without its key."""
    return {
        "id": token.pk,
        "name": token.name,
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
    }


class ProfileSerializer(serializers.Serializer[User]):
    """What can be changed of a person: the names by themself, the rest by administrators."""

    first_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    role = serializers.ChoiceField(choices=GlobalRole.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class NewUserSerializer(serializers.Serializer[User]):
    """A new account."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1_000, required=False, trim_whitespace=False)
    role = serializers.ChoiceField(choices=GlobalRole.choices, required=False)
    first_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=150, allow_blank=True, required=False)


class NewTokenSerializer(serializers.Serializer[ApiToken]):
    """A new API token."""

    name = serializers.CharField(max_length=100, required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
