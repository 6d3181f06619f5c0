"""Reviews: a verdict is on what a completion says, is given by whom the policy lets, and is kept in its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.completions.models import Completion, CompletionAction, Revision, Verdict
from apps.completions.restoring import restore_deleted, restore_version
from apps.completions.reviewing import review_completion
from apps.completions.services import delete_completion, update_completion
from apps.core.errors import NotAllowed, ValidationFailed
from apps.projects.archiving import archive_project
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice, make_completion

pytestmark = pytest.mark.django_db

Api = Callable[[User], APIClient]


@pytest.fixture
def answer(cast: Cast) -> Completion:
    return make_completion(Task.objects.earliest("pk"), cast.annotator)


def accept(completion: Completion, person: User) -> Completion:
    return review_completion(completion_id=completion.pk, verdict=Verdict.ACCEPTED, reviewed_by=person)


def verdict_of(completion: Completion) -> tuple[str, int | None, bool]:
    completion.refresh_from_db()
    return completion.review, completion.reviewed_by_id, completion.reviewed_at is not None


class TestTheVerdict:
    def test_is_a_version_of_its_own_which_says_who_gave_it(self, cast: Cast, answer: Completion) -> None:
        accept(answer, cast.reviewer)

        assert verdict_of(answer) == ("accepted", cast.reviewer.pk, True)
        assert (answer.version, answer.last_action) == (2, CompletionAction.ACCEPTED)
        assert answer.updated_by == cast.reviewer
        assert Revision.objects.get().version == 1

    def test_stays_with_whoever_gave_it_first(self, cast: Cast, answer: Completion) -> None:
        accept(answer, cast.reviewer)
        accept(answer, cast.manager)

        assert verdict_of(answer) == ("accepted", cast.reviewer.pk, True)
        assert answer.version == 2

    def test_gives_way_to_another_one_and_can_be_taken_back(self, cast: Cast, answer: Completion) -> None:
        accept(answer, cast.reviewer)
        review_completion(completion_id=answer.pk, verdict=Verdict.REJECTED, reviewed_by=cast.manager)
        assert verdict_of(answer) == ("rejected", cast.manager.pk, True)

        review_completion(completion_id=answer.pk, verdict=Verdict.NONE, reviewed_by=cast.manager)
        assert verdict_of(answer) == ("", None, False)
        assert answer.last_action == CompletionAction.REVIEW_WITHDRAWN
        actions = Revision.objects.order_by("version").values_list("action", flat=True)
        assert list(actions) == ["submitted", "accepted", "rejected"]


class TestWhatBecomesOfIt:
    """Another answer has no verdict; what leaves the answer as it is leaves the verdict, too."""

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"result": choice("Negative")}, ""),
            ({"was_cancelled": True}, ""),
            ({"result": choice("Positive")}, "accepted"),
            ({"lead_time": 9.0}, "accepted"),
            ({"ground_truth": True}, "accepted"),
        ],
        ids=["another result", "a skip", "the same result", "lead time", "ground truth"],
    )
    def test_when_the_completion_changes(
        self, cast: Cast, answer: Completion, change: dict[str, Any], expected: str
    ) -> None:
        update_completion(completion_id=answer.pk, updated_by=cast.annotator, result=choice("Positive"))
        accept(answer, cast.reviewer)

        update_completion(completion_id=answer.pk, updated_by=cast.annotator, **change)

        assert verdict_of(answer)[0] == expected

    def test_when_an_earlier_version_is_restored(self, cast: Cast, answer: Completion) -> None:
        update_completion(completion_id=answer.pk, updated_by=cast.annotator, result=choice("Negative"))
        accept(answer, cast.reviewer)

        restore_version(completion_id=answer.pk, number=1, restored_by=cast.annotator)

        assert verdict_of(answer) == ("", None, False)

    def test_when_a_deleted_completion_comes_back_as_it_was(self, cast: Cast, answer: Completion) -> None:
        accept(answer, cast.reviewer)
        delete_completion(completion_id=answer.pk, deleted_by=cast.annotator)

        restore_deleted(completion_id=answer.pk, restored_by=cast.manager)

        assert verdict_of(answer) == ("accepted", cast.reviewer.pk, True)


class TestWhoMayReview:
    @pytest.mark.parametrize(
        ("person", "author", "may"),
        [
            ("reviewer", "annotator", True),
            ("reviewer", "reviewer", False),
            ("manager", "manager", True),
            ("owner", "owner", True),
            ("annotator", "reviewer", False),
            ("annotator", "annotator", False),
            ("viewer", "annotator", False),
        ],
    )
    def test_reviewers_all_but_their_own_and_managers_all(
        self, cast: Cast, person: str, author: str, may: bool
    ) -> None:
        completion = make_completion(Task.objects.earliest("pk"), getattr(cast, author))
        if may:
            accept(completion, getattr(cast, person))
        else:
            with pytest.raises(NotAllowed):
                accept(completion, getattr(cast, person))
        assert verdict_of(completion)[0] == ("accepted" if may else "")

    def test_nobody_in_an_archived_project(self, cast: Cast, answer: Completion) -> None:
        archive_project(project_id=cast.project.pk, archived_by=cast.owner)
        with pytest.raises(NotAllowed):
            accept(answer, cast.owner)
        assert verdict_of(answer)[0] == ""

    def test_nobody_a_skip(self, cast: Cast) -> None:
        skip = make_completion(Task.objects.earliest("pk"), cast.annotator, was_cancelled=True)
        with pytest.raises(ValidationFailed, match="is a skip"):
            accept(skip, cast.reviewer)
        assert verdict_of(skip)[0] == ""


class TestOverRest:
    @pytest.mark.parametrize("word", ["annotations", "completions"])
    def test_a_verdict_is_given_and_seen(self, cast: Cast, answer: Completion, api: Api, word: str) -> None:
        client = api(cast.reviewer)
        given = client.post(f"/api/{word}/{answer.pk}/review", {"verdict": "rejected"}, format="json")

        assert given.status_code == 200
        seen = client.get(f"/api/{word}/{answer.pk}").json()
        assert (seen["review"], seen["reviewed_by"]) == ("rejected", cast.reviewer.pk)
        assert seen["reviewed_at"] is not None

    def test_a_verdict_on_what_has_changed_is_refused_with_the_present_version(
        self, cast: Cast, answer: Completion, api: Api
    ) -> None:
        update_completion(completion_id=answer.pk, updated_by=cast.annotator, result=choice("Negative"))

        refused = api(cast.reviewer).post(
            f"/api/annotations/{answer.pk}/review", {"verdict": "accepted", "version": 1}, format="json"
        )

        assert refused.status_code == 409
        assert refused.json()["conflict"]["theirs"]["version"] == 2
        assert verdict_of(answer)[0] == ""

    @pytest.mark.parametrize(
        "body", [{}, {"verdict": "fine"}, {"verdict": None}, {"verdict": "accepted", "version": 0}]
    )
    def test_what_is_no_verdict_is_refused(
        self, cast: Cast, answer: Completion, api: Api, body: dict[str, Any]
    ) -> None:
        refused = api(cast.reviewer).post(f"/api/annotations/{answer.pk}/review", body, format="json")

        assert refused.status_code == 400
        assert verdict_of(answer)[0] == ""

    def test_clients_cannot_say_that_they_were_accepted(
        self, cast: Cast, answer: Completion, api: Api
    ) -> None:
        api(cast.annotator).patch(f"/api/annotations/{answer.pk}", {"review": "accepted"}, format="json")
        assert verdict_of(answer)[0] == ""
