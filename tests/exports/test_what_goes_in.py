"""An export holds what was asked for: these tasks, these completions, this of each."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.drafts import save_draft
from apps.completions.models import Completion, Verdict
from apps.completions.reviewing import review_completion
from apps.completions.services import update_completion
from apps.core.errors import NotFound, ValidationFailed
from apps.data_manager.tabs import create_view
from apps.exports.options import OPTIONS, ExportSpec, read_spec
from apps.exports.services import export_project
from apps.exports.splitting import read_parts
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice, make_comment, make_completion, make_project, make_tasks, owner_of

pytestmark = pytest.mark.django_db


def written(project: Project, person: User | None = None, **options: Any) -> bytes:
    """Return the file of an export."""
    person = person or owner_of(project)
    seen = project_for(person, project.pk, Action.EXPORT)
    return b"".join(export_project(project=seen, exported_by=person, spec=read_spec(options)).pieces)


def exported(project: Project, person: User | None = None, **options: Any) -> list[dict[str, Any]]:
    """Return the tasks of an export as JSON."""
    tasks: list[dict[str, Any]] = json.loads(written(project, person, **options))
    return tasks


def ids(tasks: list[dict[str, Any]]) -> list[int]:
    return [task["id"] for task in tasks]


def completion_ids(tasks: list[dict[str, Any]]) -> list[int]:
    return [completion["id"] for task in tasks for completion in task["annotations"]]


@pytest.fixture
def tasks(cast: Cast) -> list[Task]:
    return list(cast.project.tasks.order_by("pk"))


class TestWhichTasks:
    def test_those_with_the_given_ids(self, cast: Cast, tasks: list[Task]) -> None:
        wanted = [tasks[0].pk, tasks[2].pk]
        assert ids(exported(cast.project, tasks="all", ids=",".join(map(str, wanted)))) == wanted
        assert (
            ids(exported(cast.project, None, tasks="all", **{"ids[]": [str(pk) for pk in wanted]})) == wanted
        )

    def test_those_that_pass_a_tab_and_filters(self, cast: Cast, tasks: list[Task]) -> None:
        make_completion(tasks[0], cast.annotator)
        make_completion(tasks[1], cast.annotator)
        has_answer = {
            "items": [{"filter": "filter:tasks:total_annotations", "operator": "greater", "value": 0}]
        }
        is_first = {"items": [{"filter": "filter:tasks:id", "operator": "equal", "value": tasks[0].pk}]}
        manager = project_for(cast.manager, cast.project.pk, Action.EXPORT)
        view = create_view(project=manager, created_by=cast.manager, data={"filters": has_answer})

        assert ids(exported(cast.project, cast.manager, tasks="all", view=view.pk)) == ids_of(tasks[:2])
        both = exported(
            cast.project, cast.manager, tasks="all", view=str(view.pk), filters=json.dumps(is_first)
        )
        assert ids(both) == [tasks[0].pk]

    def test_those_that_are_selected(self, cast: Cast, tasks: list[Task]) -> None:
        selected = {"all": True, "excluded": [tasks[1].pk]}
        assert ids(exported(cast.project, tasks="all", selectedItems=selected)) == [tasks[0].pk, tasks[2].pk]

    def test_somebody_elses_tab_is_not_found(self, cast: Cast) -> None:
        other = make_project()
        seen = project_for(owner_of(other), other.pk, Action.EXPORT)
        view = create_view(project=seen, created_by=owner_of(other), data={})
        with pytest.raises(NotFound):
            exported(cast.project, view=view.pk)

    @pytest.mark.parametrize(("state", "expected"), [("only", [1]), ("exclude", [0, 2])])
    def test_those_that_were_skipped_or_all_others(
        self, cast: Cast, tasks: list[Task], state: str, expected: list[int]
    ) -> None:
        make_completion(tasks[1], cast.annotator, was_cancelled=True)
        found = exported(cast.project, tasks="all", skipped_tasks=state)
        assert ids(found) == [tasks[index].pk for index in expected]

    def test_labeled_ones_are_those_with_a_completion_that_goes_in(
        self, cast: Cast, tasks: list[Task]
    ) -> None:
        make_completion(tasks[0], cast.annotator)
        make_completion(tasks[1], cast.reviewer)
        make_completion(tasks[2], cast.annotator, was_cancelled=True)
        people = str(cast.annotator.pk)
        assert ids(exported(cast.project, people=people)) == [tasks[0].pk, tasks[2].pk]
        assert ids(exported(cast.project, people=people, skipped="false")) == [tasks[0].pk]
        assert ids(exported(cast.project, skipped=False)) == [tasks[0].pk, tasks[1].pk]


def judge(completion: Completion, verdict: Verdict, person: User) -> None:
    review_completion(completion_id=completion.pk, verdict=verdict, reviewed_by=person)


def ids_of(tasks: list[Task]) -> list[int]:
    return [task.pk for task in tasks]


class TestWhichCompletions:
    @pytest.fixture
    def answers(self, cast: Cast, tasks: list[Task]) -> list[Completion]:
        """On the first task: a ground truth, a later answer, and a skip that came last."""
        first = make_completion(tasks[0], cast.annotator, ground_truth=True)
        second = make_completion(tasks[0], cast.reviewer)
        return [first, second, make_completion(tasks[0], cast.manager, was_cancelled=True)]

    def test_all_of_them_in_their_order(self, cast: Cast, answers: list[Completion]) -> None:
        assert completion_ids(exported(cast.project)) == [row.pk for row in answers]

    def test_the_newest_that_is_no_skip(self, cast: Cast, answers: list[Completion]) -> None:
        assert completion_ids(exported(cast.project, completions="newest")) == [answers[1].pk]

    def test_the_ground_truth_first(self, cast: Cast, tasks: list[Task], answers: list[Completion]) -> None:
        alone = make_completion(tasks[1], cast.annotator)
        found = exported(cast.project, completions="ground_truth_first")
        assert completion_ids(found) == [answers[0].pk, alone.pk]

    def test_those_that_a_review_accepted(
        self, cast: Cast, tasks: list[Task], answers: list[Completion]
    ) -> None:
        make_completion(tasks[1], cast.annotator)
        judge(answers[0], Verdict.ACCEPTED, cast.reviewer)
        judge(answers[1], Verdict.REJECTED, cast.manager)

        (task,) = exported(cast.project, completions="accepted")

        (accepted,) = task["annotations"]
        assert (accepted["id"], accepted["review"]) == (answers[0].pk, "accepted")
        assert accepted["reviewed_by"] == cast.reviewer.pk
        assert accepted["reviewed_at"] is not None
        everything = exported(cast.project, tasks="all", completions="accepted")
        assert [len(task["annotations"]) for task in everything] == [1, 0, 0]

    def test_one_that_all_of_them_come_to(
        self, cast: Cast, tasks: list[Task], answers: list[Completion]
    ) -> None:
        other = make_completion(tasks[0], cast.owner, result=choice("Negative"))
        make_completion(tasks[1], cast.manager, was_cancelled=True)

        (task,) = exported(cast.project, completions="consensus")

        (consensus,) = task["annotations"]
        assert (consensus["id"], consensus["result"]) == (answers[0].pk, choice())
        assert consensus["consensus"] == {
            "completions": [answers[0].pk, answers[1].pk, other.pk],
            "agreement": 0.666667,
            "by_control": {"sentiment": 0.666667},
            "is_merged": False,
        }
        rows = json.loads(written(cast.project, format="JSON_MIN", completions="consensus"))
        assert [row["annotation_id"] for row in rows] == [answers[0].pk]

    def test_those_of_some_people(self, cast: Cast, answers: list[Completion]) -> None:
        people = [cast.annotator.pk, cast.manager.pk]
        assert completion_ids(exported(cast.project, people=people)) == [answers[0].pk, answers[2].pk]

    @pytest.mark.parametrize(
        ("left_out", "expected"), [("usual", [0, 2]), ("ground_truths", [1, 2]), ("skipped", [0, 1])]
    )
    def test_kinds_can_be_left_out(
        self, cast: Cast, answers: list[Completion], left_out: str, expected: list[int]
    ) -> None:
        found = exported(cast.project, None, **{left_out: "0"})
        assert completion_ids(found) == [answers[index].pk for index in expected]

    def test_tables_hold_a_row_for_each_only_when_all_are_asked_for(
        self, cast: Cast, answers: list[Completion]
    ) -> None:
        def rows(**options: Any) -> list[int]:
            return [
                row["annotation_id"]
                for row in json.loads(written(cast.project, format="JSON_MIN", **options))
            ]

        assert rows() == [answers[1].pk]
        assert rows(completions="ground_truth_first") == [answers[0].pk]
        assert rows(completions="all") == [answers[0].pk, answers[1].pk]


class TestWhatOfEachTask:
    def test_predictions_by_id_whole_or_not_at_all(self, cast: Cast, tasks: list[Task]) -> None:
        prediction = save_prediction(task_id=tasks[0].pk, result=choice(), score=0.5)

        def predictions(**options: Any) -> Any:
            return exported(cast.project, tasks="all", **options)[0]["predictions"]

        assert predictions() == [prediction.pk]
        assert predictions(predictions="none") == []
        (whole,) = predictions(predictions="full")
        assert (whole["id"], whole["result"], whole["score"]) == (prediction.pk, choice(), 0.5)

    def test_drafts_are_ones_own_alone(self, cast: Cast, tasks: list[Task]) -> None:
        mine, _ = save_draft(task_id=tasks[0].pk, user=cast.manager, result=choice())
        save_draft(task_id=tasks[0].pk, user=cast.annotator, result=choice("Negative"))
        (draft,) = exported(cast.project, cast.manager, tasks="all", drafts="true")[0]["drafts"]
        assert (draft["id"], draft["result"]) == (mine.pk, choice())
        assert exported(cast.project, cast.manager, tasks="all")[0]["drafts"] == []

    def test_earlier_versions_of_completions_by_people_under_the_same_names(
        self, cast: Cast, tasks: list[Task]
    ) -> None:
        completion = make_completion(tasks[0], cast.annotator)
        update_completion(completion_id=completion.pk, updated_by=cast.manager, result=choice("Negative"))
        make_completion(tasks[1], cast.annotator)

        first, second = exported(cast.project, history="true")

        (version,) = first["annotations"][0]["history"]
        assert (version["version"], version["action"], version["result"]) == (1, "submitted", choice())
        assert (version["changed_by"], version["completed_by"]) == (cast.annotator.pk, cast.annotator.pk)
        assert second["annotations"][0]["history"] == []
        assert "history" not in exported(cast.project)[0]["annotations"][0]
        hidden, _ = exported(cast.project, history="true", identities="pseudonyms")
        (version,) = hidden["annotations"][0]["history"]
        assert version["changed_by"] == hidden["annotations"][0]["completed_by"] != cast.annotator.pk

    def test_people_by_name(self, cast: Cast, tasks: list[Task]) -> None:
        make_completion(tasks[0], cast.annotator)
        (task,) = exported(cast.project, identities="full")
        assert task["annotations"][0]["completed_by"] == {
            "id": cast.annotator.pk, "email": "annotator@example.com", "first_name": "", "last_name": "",
        }  # fmt: skip

    def test_pseudonyms_are_the_same_in_one_file_and_tell_nothing(
        self, cast: Cast, tasks: list[Task]
    ) -> None:
        make_completion(tasks[0], cast.annotator)
        make_completion(tasks[1], cast.annotator)
        make_completion(tasks[2], cast.reviewer)
        make_comment(tasks[0], cast.annotator)

        def people(found: list[dict[str, Any]]) -> list[int]:
            return [task["annotations"][0]["completed_by"] for task in found]

        found = exported(cast.project, identities="pseudonyms")
        first, same, other = people(found)
        assert first == same != other
        assert found[0]["comment_authors"] == [first]
        assert found[0]["annotations"][0]["updated_by"] == found[0]["updated_by"] == first
        assert people(exported(cast.project, identities="pseudonyms")) != [first, same, other]


class TestSplits:
    def test_parts_are_files_of_an_archive_and_hold_each_task_once(self) -> None:
        project = make_project(tasks=60)
        archive = zipfile.ZipFile(io.BytesIO(written(project, tasks="all", split="train=0.7,val=0.3")))
        parts = {name: ids(json.loads(archive.read(f"{name}.json"))) for name in ("train", "val")}
        everything = list(project.tasks.order_by("pk").values_list("pk", flat=True))
        assert sorted(parts["train"] + parts["val"]) == everything
        assert 30 <= len(parts["train"]) <= 54
        assert json.loads(archive.read("report.json"))["exported"] == 60

    def test_formats_of_several_files_get_a_folder_for_each_part(self) -> None:
        project = make_project(tasks=20)
        for task in project.tasks.all():
            make_completion(task, owner_of(project))
        archive = zipfile.ZipFile(io.BytesIO(written(project, format="COMPLETIONS", split="a=1,b=1")))
        names = sorted(archive.namelist())
        assert {name.split("/")[0] for name in names} == {"a", "b", "report.json"}
        assert sum(name.startswith(("a/completions/", "b/completions/")) for name in names) == 20

    def test_a_task_stays_in_its_part_when_others_come(self) -> None:
        project = make_project(tasks=30)

        def train() -> set[int]:
            file = written(project, tasks="all", split="train=1,val=1", split_seed="7")
            return set(ids(json.loads(zipfile.ZipFile(io.BytesIO(file)).read("train.json"))))

        before, known = train(), set(project.tasks.values_list("pk", flat=True))
        make_tasks(project, [{"text": f"later {number}"} for number in range(30)])
        assert train() & known == before

    def test_tasks_of_one_value_stay_together_and_seeds_differ(self) -> None:
        project = make_project()
        make_tasks(project, [{"text": "t", "patient": number % 10} for number in range(40)])

        def patients(**options: Any) -> list[set[int]]:
            file = written(project, tasks="all", split="a=1,b=1", split_key="patient", **options)
            archive = zipfile.ZipFile(io.BytesIO(file))
            return [
                {task["data"]["patient"] for task in json.loads(archive.read(f"{part}.json"))}
                for part in "ab"
            ]

        first, second = patients()
        assert first.isdisjoint(second)
        assert first | second == set(range(10))
        assert any(patients(split_seed=str(seed)) != [first, second] for seed in range(5))

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("train", '"" is no share'),
            ("train=0", '"0" is no share'),
            ("../x=1", '"../x" cannot name a part'),
            ("a=1,A=1", "two parts have one name"),
            (",".join(f"p{number}=1" for number in range(11)), "at most 10 parts"),
        ],
        ids=["no share", "nothing", "a path", "one name twice", "too many"],
    )
    def test_a_split_that_is_none_is_refused(self, text: str, problem: str) -> None:
        with pytest.raises(ValidationFailed, match="split looks like") as refusal:
            read_parts(text)
        assert problem in refusal.value.message


class TestReadingOptions:
    def test_an_unknown_option_is_refused_and_those_there_are_are_named(self) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            read_spec({"colour": "red"})
        known = ", ".join(sorted(option.name for option in OPTIONS))
        assert refusal.value.message == f"colour is no option of exports. Use one of: {known}."

    @pytest.mark.parametrize(
        ("option", "value", "problem"),
        [
            ("tasks", "some", "must be one of: labeled, all"),
            ("completions", "best", "must be one of: all, newest, ground_truth_first"),
            ("skipped", "maybe", "must be true or false"),
            ("ids", "1,two", "must be at most 100,000 ids"),
            ("view", "first", "must be the id of a tab"),
            ("filters", "[]", "must be a JSON object"),
            ("format", 7, "must be the name of a format"),
            ("split_key", "a\x00b", "without NUL"),
        ],
        ids=lambda value: repr(value)[:20],
    )
    def test_a_wrong_value_is_refused_by_name(self, option: str, value: Any, problem: str) -> None:
        with pytest.raises(ValidationFailed, match=problem) as refusal:
            read_spec({option: value})
        assert list(refusal.value.fields) == [option]

    def test_leaving_every_kind_out_is_refused(self) -> None:
        with pytest.raises(ValidationFailed, match="nothing would be left"):
            read_spec({"usual": False, "ground_truths": False, "skipped": False})

    def test_what_is_written_down_reads_back_the_same(self) -> None:
        spec = read_spec(
            {"format": "yolo", "download_resources": "1", "ids": [3, 1], "split": "a=3,b=1", "skipped": "no",
             "filters": {"items": []}, "since": "2026-01-01", "people": "7", "identities": "pseudonyms"}
        )  # fmt: skip
        assert read_spec(json.loads(json.dumps(spec.document()))) == spec
        assert ExportSpec().document() == {"format": "JSON"}

    def test_media_are_refused_where_the_format_cannot_hold_them(self, cast: Cast) -> None:
        with pytest.raises(ValidationFailed, match="JSON is one file, which cannot hold media") as refusal:
            written(cast.project, media=True)
        assert "COCO" in refusal.value.message
        assert written(cast.project, download_resources=True) == b"[]\n"


def test_exports_go_on_from_a_time(cast: Cast, tasks: list[Task]) -> None:
    make_completion(tasks[0], cast.annotator)
    moment = timezone.now()
    assert exported(cast.project, tasks="all", since=moment.isoformat()) == []
    make_completion(tasks[1], cast.annotator)
    assert ids(exported(cast.project, since=moment.isoformat())) == [tasks[1].pk]
    assert ids(exported(cast.project, tasks="all", since="2020-01-01")) == ids_of(tasks)


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "5.00000000", f"{10**18}.{'0' * 8}"])
def test_a_since_that_is_neither_cursor_nor_time_is_refused(cast: Cast, since: str) -> None:
    with pytest.raises(ValidationFailed, match="cursor") as refusal:
        exported(cast.project, since=since)
    assert list(refusal.value.fields) == ["since"]
