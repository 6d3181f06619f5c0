"""Everything that is written into the audit log, by name."""

from __future__ import annotations

from django.db import models


class AuditAction(models.TextChoices):
    """What was done; the value is stored, so it is never renamed."""

    USER_CREATED = "user.created", "Account created"
    USER_CHANGED = "user.changed", "Account changed"
    USER_DEACTIVATED = "user.deactivated", "Account deactivated"
    USER_REACTIVATED = "user.reactivated", "Account reactivated"
    USER_ERASED = "user.erased", "Personal data erased"
    SIGNED_IN = "user.signed_in", "Signed in"
    SIGN_IN_FAILED = "user.sign_in_failed", "Sign-in failed"
    SESSIONS_ENDED = "user.sessions_ended", "Other sessions signed out"
    PASSWORD_CHANGED = "user.password_changed", "Password changed"
    PASSWORD_FORGOTTEN = "user.password_forgotten", "Password made useless"
    TOKEN_CREATED = "token.created", "API token created"
    TOKEN_REVOKED = "token.revoked", "API token revoked"
    PROJECT_CREATED = "project.created", "Project created"
    PROJECT_CHANGED = "project.changed", "Project settings changed"
    PROJECT_ARCHIVED = "project.archived", "Project archived"
    PROJECT_UNARCHIVED = "project.unarchived", "Project brought back"
    PROJECT_HANDED_OVER = "project.handed_over", "Project handed over"
    PROJECT_DELETED = "project.deleted", "Project deleted"
    MEMBER_ADDED = "member.added", "Member added"
    MEMBER_CHANGED = "member.changed", "Member's role changed"
    MEMBER_REMOVED = "member.removed", "Member removed"
    INVITATION_CREATED = "invitation.created", "Invitation created"
    INVITATION_ACCEPTED = "invitation.accepted", "Invitation accepted"
    INVITATION_REVOKED = "invitation.revoked", "Invitation revoked"
    TASKS_IMPORTED = "tasks.imported", "Tasks imported"
    TASKS_DELETED = "tasks.deleted", "Tasks deleted"
    TASKS_CHANGED = "tasks.changed", "Tasks changed"
    COMPLETIONS_CREATED = "completions.created", "Completions created from predictions"
    COMPLETIONS_DELETED = "completions.deleted", "Completions deleted"
    PREDICTIONS_DELETED = "predictions.deleted", "Predictions deleted"
    COMPLETIONS_HANDED_OVER = "completions.handed_over", "Completions handed over"
    PROJECT_EXPORTED = "project.exported", "Project exported"
    JOB_CANCELLED = "job.cancelled", "Job cancelled"
    JOB_RETRIED = "job.retried", "Job retried"
