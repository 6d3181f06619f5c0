"""Accounts end when they should, and somebody always runs the instance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.serializers import serialize
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.jobs import SESSION_CLEAN_UP
from apps.accounts.models import ApiToken, GlobalRole, Session, SignInLink, User
from apps.accounts.services import (
    create_api_token,
    create_sign_in_link,
    deactivate_user,
    ensure_owner,
    erase_user,
    reactivate_user,
    set_global_role,
    set_password,
    sign_out_other_sessions,
    update_profile,
)
from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.core.errors import Conflict, ValidationFailed
from apps.jobs import runner
from apps.jobs.kinds import find_kind
from apps.jobs.services import enqueue
from apps.projects.invitations import create_invitation
from apps.projects.membership import hand_over_project
from apps.projects.models import Invitation
from apps.tasks.models import Task
from tests.factories import make_completion, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return ensure_owner(email="boss@example.com")


@pytest.fixture
def ann():
    return make_user("ann@example.com")


def signed_in(person: User) -> Client:
    browser = Client(headers={"user-agent": "Browser 1.0"})
    browser.force_login(person)
    return browser


def test_a_session_knows_whose_it_is_and_from_where(ann):
    signed_in(ann).get("/api/current-user/whoami")
    session = Session.objects.get(user=ann)
    assert session.last_seen >= session.created_at


def test_deactivation_ends_sessions_and_tokens_at_once_and_can_be_undone(boss, ann):
    browser, program = signed_in(ann), APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {create_api_token(user=ann)}")
    deactivate_user(user_id=ann.pk, deactivated_by=boss)
    assert browser.get("/api/current-user/whoami").status_code == 401
    assert program.get("/api/current-user/whoami").status_code == 401
    assert not Session.objects.filter(user=ann).exists()
    reactivate_user(user_id=ann.pk, reactivated_by=boss)
    assert program.get("/api/current-user/whoami").status_code == 200


def test_erasing_keeps_completions_under_a_pseudonym(cast):
    task = Task.objects.order_by("pk")[0]
    make_completion(task, cast.annotator)
    create_api_token(user=cast.annotator)
    erased = erase_user(user_id=cast.annotator.pk, erased_by=cast.administrator)
    assert erased.email == f"person-{erased.pk}@erased.invalid"
    assert erased.display_name == f"Person {erased.pk}"
    assert Completion.objects.get().completed_by == erased
    assert not ApiToken.objects.filter(user=erased).exists()
    assert not Entry.objects.filter(actor_name="annotator@example.com").exists()
    assert not Entry.objects.filter(target_name__contains="annotator@example.com").exists()
    with pytest.raises(Conflict):
        reactivate_user(user_id=erased.pk, reactivated_by=cast.administrator)


def test_the_last_administrator_cannot_be_demoted_deactivated_or_erased(boss):
    with pytest.raises(Conflict):
        set_global_role(user_id=boss.pk, role=GlobalRole.MEMBER, changed_by=boss)
    with pytest.raises(Conflict):
        deactivate_user(user_id=boss.pk, deactivated_by=boss)
    with pytest.raises(Conflict):
        erase_user(user_id=boss.pk, erased_by=boss)
    boss.refresh_from_db()
    assert boss.is_administrator
    assert boss.is_active


def test_a_new_password_ends_every_session(ann):
    browser = signed_in(ann)
    set_password(user=ann, password="a much better one", changed_by=ann)
    assert browser.get("/api/current-user/whoami").status_code == 401
    with pytest.raises(ValidationFailed):
        set_password(user=ann, password="123", changed_by=ann)


def test_other_sessions_are_signed_out_and_this_one_stays(ann):
    here, elsewhere = signed_in(ann), signed_in(ann)
    assert sign_out_other_sessions(user=ann, kept=here.session.session_key) == 1
    assert here.get("/api/current-user/whoami").status_code == 200
    assert elsewhere.get("/api/current-user/whoami").status_code == 401


def test_what_is_done_to_accounts_is_logged(boss, ann):
    set_global_role(user_id=ann.pk, role=GlobalRole.MANAGER, changed_by=boss)
    entry = Entry.objects.get(action="user.changed")
    assert (entry.actor, entry.target_name) == (boss, "ann@example.com")
    assert (entry.before, entry.after) == ({"role": "member"}, {"role": "manager"})


class TestGuessing:
    """Wrong passwords and wrong keys."""

    @pytest.fixture(autouse=True)
    def lock_outs(self, settings):
        settings.AXES_ENABLED = True
        settings.AXES_FAILURE_LIMIT = 3

    def sign_in(self, email: str, password: str, address: str = "203.0.113.1"):
        return Client().post("/signin", {"username": email, "password": password}, REMOTE_ADDR=address)

    def test_wrong_passwords_lock_the_pair_of_account_and_address_out(self):
        make_user("ann@example.com", password="correct horse battery")
        make_user("bob@example.com", password="correct horse battery")
        for _ in range(3):
            answer = self.sign_in("ann@example.com", "wrong")
        answer = self.sign_in("ann@example.com", "correct horse battery")
        assert answer.status_code == 429
        assert answer["Retry-After"] == "900"
        assert self.sign_in("bob@example.com", "correct horse battery").status_code == 302
        assert self.sign_in("ann@example.com", "correct horse battery", "203.0.113.2").status_code == 302

    def test_an_unknown_account_answers_as_a_wrong_password_does(self):
        make_user("ann@example.com", password="correct horse battery")
        known, unknown = self.sign_in("ann@example.com", "x"), self.sign_in("bob@example.com", "x")
        assert known.status_code == unknown.status_code

        def without_what_was_typed(answer):
            return (
                answer.content.replace(b"ann@", b"@").replace(b"bob@", b"@").split(b"csrfmiddlewaretoken")[0]
            )

        assert without_what_was_typed(known) == without_what_was_typed(unknown)

    def test_an_address_that_guesses_keys_has_to_wait(self, settings, ann):
        settings.TOKEN_FAILURE_LIMIT = 3
        key = create_api_token(user=ann)

        def call(key: str, address: str):
            return APIClient(REMOTE_ADDR=address).get(
                "/api/current-user/whoami", HTTP_AUTHORIZATION=f"Token {key}"
            )

        assert [call("wrong", "203.0.113.9").status_code for _ in range(3)] == [401] * 3
        refused = call(key, "203.0.113.9")
        assert refused.status_code == 429
        assert int(refused["Retry-After"]) == 60
        assert call(key, "203.0.113.10").status_code == 200


def test_the_log_tells_which_names_changed_but_not_the_names(ann):
    update_profile(user=ann, first_name="Ann", last_name="")
    update_profile(user=ann, first_name="Ann", last_name=" ")
    entry = Entry.objects.get(action="user.changed")
    assert (entry.actor, entry.before, entry.after) == (ann, None, {"changed": ["first_name"]})


def test_erasing_takes_the_address_out_of_the_logs_values_and_out_of_invitations(cast):
    email = cast.annotator.email
    hand_over_project(project_id=cast.project.pk, to=cast.annotator, handed_over_by=cast.owner)
    create_invitation(created_by=cast.annotator, project=cast.project, email=email)
    Client().post("/signin", {"username": email.upper(), "password": "wrong"})
    erase_user(user_id=cast.annotator.pk, erased_by=cast.administrator)
    pseudonym = f"person-{cast.annotator.pk}@erased.invalid"
    assert email not in serialize("json", [*Entry.objects.all(), *Invitation.objects.all()]).lower()
    assert Entry.objects.get(action="project.handed_over").after == {"owners": [pseudonym]}
    assert Invitation.objects.get().revoked_at is not None


def test_erasing_leaves_the_log_of_others_alone(cast):
    other = make_user("xannotator@example.com")
    create_invitation(created_by=cast.owner, project=cast.project, email=other.email)
    erase_user(user_id=cast.annotator.pk, erased_by=cast.administrator)
    assert Entry.objects.get(action="invitation.created").after == {"role": "annotator", "email": other.email}
    assert Invitation.objects.get().email == other.email


def test_sessions_and_links_that_ran_out_are_cleaned_up_daily(ann, boss):
    here, over = signed_in(ann), signed_in(ann)
    Session.objects.filter(pk=over.session.session_key).update(expire_date=timezone.now())
    create_sign_in_link(user=ann)
    create_sign_in_link(user=boss)
    SignInLink.objects.filter(user=boss).update(expires_at=timezone.now())
    job = enqueue(kind=SESSION_CLEAN_UP)
    assert find_kind(SESSION_CLEAN_UP).every == timedelta(days=1)
    runner.run(job_id=job.pk, worker="one")
    job.refresh_from_db()
    assert job.result == {"removed_sessions": 1, "removed_links": 1}
    assert here.get("/api/current-user/whoami").status_code == 200
    assert list(SignInLink.objects.values_list("user", flat=True)) == [ann.pk]
