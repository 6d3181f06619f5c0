"""What becomes of guests' projects: handed over at a sign-in, or cleaned up after a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.accounts.guests import admit_guest, claim_account
from apps.accounts.models import User
from apps.jobs import runner
from apps.jobs.kinds import recurring_kinds
from apps.jobs.models import Job, JobStatus
from apps.jobs.services import enqueue
from apps.projects.first_projects import ensure_first_project
from apps.projects.guests import guests_over, hand_over, kept_guests, remove_guest
from apps.projects.jobs import GUEST_CLEAN_UP
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from apps.projects.services import update_project
from tests.factories import make_completion, make_member, make_project, make_tasks, make_user


@pytest.fixture(autouse=True)
def multi_session(settings) -> None:
    settings.MULTI_SESSION = True
    settings.GUEST_LIFETIME_DAYS = 30
    settings.WORKING_GUEST_LIFETIME_DAYS = 0
    cache.delete("guests:None")


def make_guest(visit: str = "v", *, away_days: int = 0) -> tuple[User, Project]:
    """Return a guest with the first project, who was here last that many days ago."""
    guest = admit_guest(visit=visit)
    project = ensure_first_project(user=guest)
    assert project is not None
    then = timezone.now() - timedelta(days=away_days)
    User.objects.filter(pk=guest.pk).update(date_joined=then, last_login=then)
    return guest, project


def work_in(project: Project, person: User) -> None:
    """Let somebody complete a task of a project."""
    make_completion(make_tasks(project, [{"text": "one"}])[0], person)


def role_in(project: Project, person: User) -> str | None:
    membership = Membership.objects.filter(project=project, user=person).first()
    return membership.role if membership else None


class TestSigningInWithAnAccount:
    def test_hands_a_project_with_tasks_over_to_it(self, db: None) -> None:
        guest, project = make_guest()
        make_tasks(project, [{"text": "one"}])
        account = make_user()

        assert hand_over(guest=guest, to=account) == 1
        assert (role_in(project, account), role_in(project, guest)) == (Role.OWNER, None)

    def test_leaves_a_first_project_in_which_nothing_happened(self, db: None) -> None:
        guest, project = make_guest()

        assert hand_over(guest=guest, to=make_user()) == 0
        assert role_in(project, guest) == Role.OWNER

    def test_hands_a_project_over_whose_settings_were_changed(self, db: None) -> None:
        guest, project = make_guest()
        Project.objects.filter(pk=project.pk).update(created_at=timezone.now() - timedelta(minutes=5))
        update_project(project_id=project.pk, title="Birds", changed_by=guest)
        account = make_user()

        hand_over(guest=guest, to=account)

        assert role_in(project, account) == Role.OWNER

    def test_keeps_the_higher_role_of_the_two(self, db: None) -> None:
        project = make_project(tasks=1)
        guest = admit_guest(visit="v")
        Membership.objects.create(project=project, user=guest, role=Role.ANNOTATOR)
        account = make_member(project, Role.MANAGER)

        hand_over(guest=guest, to=account)

        assert (role_in(project, account), role_in(project, guest)) == (Role.MANAGER, None)


class TestTheCleanUp:
    def run(self) -> Job:
        job = enqueue(kind=GUEST_CLEAN_UP)
        runner.run(job_id=job.pk, worker="one")
        return Job.objects.get(pk=job.pk)

    @pytest.mark.django_db(transaction=True)
    def test_removes_idle_guests_with_their_empty_projects_and_nobody_else(self) -> None:
        _, idle_project = make_guest("idle", away_days=31)
        make_tasks(idle_project, [{"text": "imported, never labeled"}])
        recent, recent_project = make_guest("recent", away_days=29)
        working, working_project = make_guest("working", away_days=31)
        work_in(working_project, working)
        claimed, _ = make_guest("claimed", away_days=31)
        claim_account(user=claimed, email="pat@example.com", password="four words make one")

        done = self.run()

        assert (done.status, done.error) == (JobStatus.COMPLETED, "")
        assert done.result == {"removed_guests": 1, "kept_guests": 1}
        assert set(User.objects.filter(is_guest=True)) == {recent, working}
        assert not Project.objects.filter(pk=idle_project.pk, deleted_at=None).exists()
        assert Job.objects.get(kind="project-deletion").payload["project"] == idle_project.pk
        assert (
            Project.objects.filter(pk__in=[recent_project.pk, working_project.pk], deleted_at=None).count()
            == 2
        )

    def test_comes_back_every_day(self) -> None:
        assert {kind.name: kind.every for kind in recurring_kinds()}[GUEST_CLEAN_UP] == timedelta(days=1)

    def test_spares_a_guest_who_came_back_after_the_list_was_made(self, db: None) -> None:
        guest, _ = make_guest(away_days=31)
        assert list(guests_over()) == [guest]
        User.objects.filter(pk=guest.pk).update(last_login=timezone.now())

        assert not remove_guest(guest_id=guest.pk, removed_by=None)
        assert User.objects.filter(pk=guest.pk).exists()


def test_a_guest_who_completed_something_in_anothers_project_is_kept(db: None) -> None:
    guest, _ = make_guest(away_days=31)
    work_in(make_project(), guest)

    assert list(kept_guests()) == [guest]
    assert list(guests_over()) == []


def test_a_guest_whose_project_others_belong_to_is_kept(db: None) -> None:
    guest, project = make_guest(away_days=31)
    make_member(project, Role.VIEWER)

    assert list(kept_guests()) == [guest]
    assert list(guests_over()) == []


def test_guests_with_work_go_after_a_longer_time_if_the_operator_says_so(db: None, settings) -> None:
    settings.WORKING_GUEST_LIFETIME_DAYS = 90
    late, project = make_guest("late", away_days=91)
    work_in(project, late)
    later, project = make_guest("later", away_days=89)
    work_in(project, later)

    assert list(guests_over()) == [late]


def test_a_removed_guests_shared_project_gets_another_owner_and_keeps_the_completions(db: None) -> None:
    guest, project = make_guest(away_days=31)
    make_member(project, Role.ANNOTATOR)
    heir = make_member(project, Role.MANAGER)
    work_in(project, guest)
    administrator = make_user(role="administrator")

    assert remove_guest(guest_id=guest.pk, removed_by=administrator)

    guest.refresh_from_db()
    assert role_in(project, heir) == Role.OWNER
    assert project.completions.get().completed_by == guest
    assert (guest.display_name, guest.is_active, guest.is_guest) == (f"Person {guest.pk}", False, False)


def test_somebody_with_an_account_is_never_removed_as_a_guest(db: None) -> None:
    person = make_user()

    assert not remove_guest(guest_id=person.pk, removed_by=None)
    assert User.objects.filter(pk=person.pk).exists()
