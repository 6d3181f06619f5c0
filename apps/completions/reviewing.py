"""Reviews: a verdict on what a completion says now, which lasts until it says something else."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.locks import lock_completion
from apps.completions.models import Completion, CompletionAction, Verdict
from apps.completions.revisions import require_version
from apps.completions.services import change_locked
from apps.core.errors import ValidationFailed
from apps.projects.archiving import require_labeling
from apps.projects.policy import Action, require
from apps.projects.queries import role_in

_ACTIONS = {
    Verdict.NONE: CompletionAction.REVIEW_WITHDRAWN,
    Verdict.ACCEPTED: CompletionAction.ACCEPTED,
    Verdict.REJECTED: CompletionAction.REJECTED,
}


@transaction.atomic
def review_completion(
    *, completion_id: int, verdict: Verdict, reviewed_by: User, version: int | None = None
) -> Completion:
    """Accept or reject a completion, or take a verdict back; the history keeps who did, as a version of its own.

    Args:
        verdict: the one that is there already stays with whoever gave it.
        version: the version that was looked at; None judges whatever is there.

    Raises:
        NotFound: it was deleted, or `reviewed_by` is no member of its project.
        NotAllowed: their role does not let them review it, or the project is archived.
        StaleVersion: it has a later version than `version`.
        ValidationFailed: it is a skip, which says nothing to judge.
    """
    task, completion = lock_completion(completion_id)
    require_reviewing(reviewed_by, completion)
    require_labeling(task.project)
    require_version(completion, version)
    if completion.was_cancelled:
        raise ValidationFailed(f"Completion {completion_id} is a skip: there is no answer to review.")
    if completion.review == verdict:
        return completion
    is_given = verdict != Verdict.NONE
    fields = {
        "review": verdict,
        "reviewed_by": reviewed_by if is_given else None,
        "reviewed_at": timezone.now() if is_given else None,
    }
    return change_locked(task, completion, fields=fields, changed_by=reviewed_by, action=_ACTIONS[verdict])


def require_reviewing(user: User, completion: Completion) -> None:
    """Let `user` go on to review a completion they see: anybody's if their role allows it, their own if it does, too.

    Raises:
        NotAllowed: it does not.
    """
    role = role_in(user, completion.project_id)
    require(role, Action.REVIEW)
    if completion.completed_by_id == user.pk:
        require(role, Action.REVIEW_OWN)
