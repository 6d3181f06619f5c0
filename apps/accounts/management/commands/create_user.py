"""`manage.py create_user EMAIL`: makes an account, or gives a present one the password and role."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.models import GlobalRole, User, normalize_email
from apps.accounts.operators import PersonCommand
from apps.accounts.services import create_user, set_global_role, set_password


class Command(PersonCommand):
    """Makes an account, or changes a present one."""

    help = "Create an account; for a present one, set the given password and role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("email")
        parser.add_argument("--password", help="without one, the person signs in by a link or an invitation")
        parser.add_argument("--role", choices=GlobalRole.values)
        super().add_arguments(parser)

    def act(self, **options: Any) -> dict[str, Any]:
        """Create or change the account; running it again changes nothing more."""
        email, password, role = options["email"], options["password"], options["role"]
        user = User.objects.filter(email=normalize_email(email)).first()
        if user is None:
            user = create_user(email=email, password=password, role=role or GlobalRole.MEMBER)
            return {"id": user.pk, "email": user.email, "role": user.role, "created": True}
        if password is not None and not user.check_password(password):
            set_password(user=user, password=password, changed_by=None)
        if role is not None:
            user = set_global_role(user_id=user.pk, role=role, changed_by=None)
        return {"id": user.pk, "email": user.email, "role": user.role, "created": False}
