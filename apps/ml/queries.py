"""What is read of ML backends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.ml.models import MLBackend, TaskFailure
from apps.ml.querysets import OfProjectQuerySet
from apps.projects.models import Project
from apps.projects.policy import Action, require, roles_that_may
from apps.projects.queries import role_in

_FIRST_FAILURES = """
SELECT failure.* FROM unnest(%s::bigint[]) AS run (id) CROSS JOIN LATERAL (
    SELECT * FROM ml_taskfailure WHERE run_id = run.id ORDER BY task_id LIMIT %s
) failure
"""


def backend_for(user: User, backend_id: int, action: Action) -> MLBackend:
    """Return a backend, with its project, in whose project `user` may do `action`.

    Raises:
        NotFound: there is none, or they may not know of it.
        NotAllowed: their role does not allow `action`.
    """
    backends = MLBackend.objects.for_user(user).select_related("project")
    backend: MLBackend | None = backends.filter(pk=backend_id).first()
    if backend is None:
        raise NotFound(f"There is no ML backend {backend_id}, or you may not see it.")
    require(role_in(user, backend.project_id), action)
    return backend


def visible_backends(user: User) -> OfProjectQuerySet:
    """Return the backends of all projects whose models `user` may see, in the order in which they were connected."""
    backends = MLBackend.objects.for_user(user)
    if not user.is_administrator:
        roles = roles_that_may(Action.VIEW_MODELS)
        backends = backends.filter(project__memberships__role__in=roles, project__memberships__user=user)
    return backends.order_by("pk").distinct()


def backends_of(project: Project) -> OfProjectQuerySet:
    """Return the backends of a project that the caller may see, in the order in which they were connected."""
    return MLBackend.objects.filter(project=project).order_by("pk")


def first_failures(run_ids: Collection[int], *, limit: int) -> dict[int, list[TaskFailure]]:
    """Return of each prediction run the first tasks, at most `limit`, for which it got no prediction."""
    found: dict[int, list[TaskFailure]] = defaultdict(list)
    for failure in TaskFailure.objects.raw(_FIRST_FAILURES, [list(run_ids), limit]):
        found[failure.run_id].append(failure)
    return found
