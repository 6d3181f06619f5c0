"""Writes who signed in, and who tried, into the audit log, as Django tells it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record


def _signed_in(sender: object, user: User, **kwargs: Any) -> None:
    record(AuditAction.SIGNED_IN, actor=user, target=user)


def _failed(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    name = str(credentials.get("username", "")).replace("\x00", "")
    record(AuditAction.SIGN_IN_FAILED, actor=None, target_name=name)


def listen() -> None:
    """Begin to listen; called once, when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit-signed-in")
    user_login_failed.connect(_failed, dispatch_uid="audit-sign-in-failed")
