"""Earlier labeling configs of a project: what is read of them. They are written by `apps.projects.services`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.projects.models import ConfigVersion, Project
from apps.projects.renames import Renames, read_renames


def versions_of(project: Project, user: User) -> Sequence[ConfigVersion]:
    """Return the versions of a project's config that `user` may see, newest first, without their text."""
    versions = ConfigVersion.objects.for_user(user).filter(project=project).select_related("created_by")
    return list(versions.defer("label_config").order_by("-number"))


def version_for(user: User, project_id: int, number: int) -> ConfigVersion:
    """Return one version of a project's config, with who made it.

    Raises:
        NotFound: there is none, or `user` may not see it.
    """
    versions = ConfigVersion.objects.for_user(user).filter(project_id=project_id).select_related("created_by")
    version: ConfigVersion | None = versions.filter(number=number).first()
    if version is None:
        raise NotFound(f"Project {project_id} has no version {number} of its labeling config.")
    return version


def config_diff(before: ConfigVersion, after: ConfigVersion) -> str:
    """Return what changed from one version to another as a unified diff; empty when nothing did."""
    lines = unified_diff(
        before.label_config.splitlines(),
        after.label_config.splitlines(),
        f"version {before.number}",
        f"version {after.number}",
        lineterm="",
    )
    return "\n".join(lines)


def renames_since(project_id: int, number: int) -> list[tuple[int, Renames]]:
    """Return the renames that came after version `number`, oldest first, each with the version it leads to."""
    later = ConfigVersion.objects.filter(project_id=project_id, number__gt=number).exclude(renames=None)
    found = later.order_by("number").values_list("number", "renames")
    return [(version, read_renames(document)) for version, document in found]


def way_back(project_id: int, number: int) -> Renames:
    """Return the renames that take completions back to the names of version `number`, in one step."""
    back = Renames()
    for _, renames in reversed(renames_since(project_id, number)):
        back = back.followed_by(renames.inverse())
    return back
