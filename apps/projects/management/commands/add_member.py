"""`manage.py add_member PROJECT_ID EMAIL`: makes somebody a member of a project."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.operators import PersonCommand, acting_user
from apps.projects.membership import set_member
from apps.projects.policy import Role


class Command(PersonCommand):
    """Makes somebody a member of a project."""

    help = "Make a person a member of a project, or change their role in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("project", type=int)
        parser.add_argument("email")
        parser.add_argument("--role", choices=Role.values, default=Role.ANNOTATOR)
        super().add_arguments(parser)

    def act(self, **options: Any) -> dict[str, Any]:
        """Add the member or change the role."""
        person = acting_user(options["email"])
        member = set_member(project_id=options["project"], user=person, role=options["role"])
        return {"project": member.project_id, "email": person.email, "role": member.role}
