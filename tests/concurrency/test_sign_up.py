"""People who sign up at the same moment."""

from __future__ import annotations

from functools import partial

from apps.accounts.models import User
from apps.core.errors import NotFound, ValidationFailed
from apps.projects.invitations import create_invitation, sign_up
from tests.factories import make_project, owner_of

PASSWORD = "correct horse battery"


def test_twenty_sign_ups_with_one_address_in_different_case_make_one_user(together):
    project = make_project()
    _, key = create_invitation(created_by=owner_of(project), project=project, max_uses=20)
    spellings = ["ann@example.com", "Ann@Example.com", "ANN@EXAMPLE.COM", "aNN@example.Com"] * 5
    outcomes = together([partial(sign_up, key=key, email=email, password=PASSWORD) for email in spellings])
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ValidationFailed) for outcome in outcomes) == 19
    assert User.objects.filter(email__iexact="ann@example.com").count() == 1


def test_an_invitation_for_one_makes_one_member_of_five_who_hurry(together):
    project = make_project()
    _, key = create_invitation(created_by=owner_of(project), project=project)
    outcomes = together(
        [partial(sign_up, key=key, email=f"p{number}@example.com", password=PASSWORD) for number in range(5)]
    )
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotFound) for outcome in outcomes) == 4
    assert project.memberships.count() == 2
