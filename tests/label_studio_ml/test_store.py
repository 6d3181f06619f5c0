"""What models keep is seen by every process and lost by none."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from label_studio_ml import LabelStudioMLBase
from label_studio_ml.errors import TooManyWaiting
from label_studio_ml.loading import build_model
from label_studio_ml.project import Project, folder_name, project_key
from label_studio_ml.state import State
from label_studio_ml.store import StoredValues, versions_of
from label_studio_ml.training.queue import KEPT_JOBS, TrainingQueue, folder_of

COUNTING = """
import sys
from pathlib import Path
from label_studio_ml.state import State
from label_studio_ml.store import StoredValues
state = State(Path(sys.argv[1]))
values = StoredValues(state, "p")
for _ in range(50):
    with state.changing():
        values.set("count", values.get("count", 0) + 1)
"""


def test_values_are_those_of_their_project(tmp_path):
    state = State(tmp_path)
    StoredValues(state, "1").set("key", {"a": [1, "ä"]})
    assert StoredValues(state, "1").get("key") == {"a": [1, "ä"]}
    assert StoredValues(state, "2").get("key", "none") == "none"


def test_processes_that_change_one_value_lose_nothing(tmp_path):
    children = [subprocess.Popen([sys.executable, "-c", COUNTING, str(tmp_path)]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert StoredValues(State(tmp_path), "p").get("count") == 150


def test_the_file_is_for_its_owner_alone(tmp_path):
    State(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "state.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", [math.nan, {1, 2}], ids=["nan", "set"])
def test_what_json_cannot_hold_is_not_kept(tmp_path, value):
    values = StoredValues(State(tmp_path), "p")
    values.set("key", "before")
    with pytest.raises((TypeError, ValueError)):
        values.set("key", value)
    assert values.get("key") == "before"


def test_what_a_training_sets_counts_when_it_has_ended(tmp_path):
    state = State(tmp_path)
    queue = TrainingQueue(state)
    job = queue.start_now("p", "START_TRAINING", {}, "")
    queue.claim("somebody", 1)
    project = Project.in_training(state, "p")
    project.values.set("key", "learned")
    assert project.values.get("key") == "learned"
    assert StoredValues(state, "p").get("key") is None
    queue.finish(job.id, None, project.changes)
    assert StoredValues(state, "p").get("key") == "learned"


def test_versions_are_remembered_the_newest_first(tmp_path):
    state = State(tmp_path)
    values = StoredValues(state, "p")
    for version in ("a", "b", "a"):
        values.set("model_version", version)
    assert versions_of(state, "p") == ["b", "a"]
    assert versions_of(state, "other") == []


class Versioned(LabelStudioMLBase):
    def setup(self) -> None:
        self.set("model_version", "v1")


class Rewritten(LabelStudioMLBase):
    def setup(self) -> None:
        self.set("model_version", "v2")


def test_setup_does_not_take_back_the_version_of_a_training(tmp_path):
    project = Project(State(tmp_path), "p")
    build_model(Versioned, project, "", {})
    project.values.set("model_version", "trained")
    assert build_model(Versioned, project, "", {}).model_version == "trained"
    assert build_model(Rewritten, project, "", {}).model_version == "v2"


@pytest.mark.parametrize(
    ("before", "after"), [("0.0.1", "0.0.2"), ("Marker-v0.0.9", "Marker-v0.0.10"), ("first", "first.1")]
)
def test_a_version_is_raised_at_its_last_number(before, after):
    model = Versioned()
    model.model_version = before
    assert model.bump_model_version() == after
    assert model.model_version == after


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (5, "5"),
        ("5", "5"),
        ("5.1700000000", "5"),
        ("5.1700000000.123", "5"),
        ("my_project.v2", "my_project.v2"),
    ],
)
def test_a_project_goes_by_one_name(given, key):
    assert project_key(given) == key


@pytest.mark.parametrize("key", ["..", ".", "a/../../b", "x" * 200, "ä" * 100, "a\\b", ""])
def test_no_name_of_a_project_leads_out_of_the_model_directory(key, tmp_path):
    name = folder_name(key)
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    (tmp_path / name).mkdir()


def test_a_model_made_by_hand_keeps_values_until_it_is_gone():
    model = Versioned()
    model.set("key", 1)
    folder: Path = model.model_dir
    assert model.get("key") == 1
    del model
    assert not folder.exists()


def test_the_files_of_former_trainings_go_but_not_those_in_force(tmp_path):
    state = State(tmp_path)
    queue = TrainingQueue(state)
    jobs = []
    for number in range(6):
        job = queue.start_now("p", "START_TRAINING", {"tasks": []}, "")
        queue.claim("somebody", 1)
        (folder_of(state, job.id) / "work").mkdir()
        queue.finish(job.id, None, {"workdir_job": job.id} if number == 0 else {})
        jobs.append(job)
    kept = [(folder_of(state, job.id) / "work").exists() for job in jobs]
    assert kept == [True, False, False, True, True, True]
    assert not list(tmp_path.rglob("request.json"))


def test_old_trainings_are_removed_with_their_logs_but_not_the_one_in_force(tmp_path):
    state = State(tmp_path)
    queue = TrainingQueue(state)
    jobs = []
    for number in range(KEPT_JOBS + 3):
        job = queue.start_now("p", "START_TRAINING", {}, "")
        queue.claim("somebody", 1)
        queue.finish(job.id, None, {"workdir_job": job.id} if number == 0 else {})
        jobs.append(job.id)
    queue.start_now("p", "START_TRAINING", {}, "")
    kept = {job.id for job in queue.jobs("p", limit=1000)}
    assert [number for number, job in enumerate(jobs) if job not in kept] == [1, 2]
    assert {path.name for path in (tmp_path / "jobs").iterdir()} == kept


def test_more_events_than_are_kept_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("label_studio_ml.training.queue.MAX_WAITING", 2)
    queue = TrainingQueue(State(tmp_path))
    for _ in range(2):
        queue.enqueue("p", "ANNOTATION_CREATED", {}, "", latest_suffices=False)
    with pytest.raises(TooManyWaiting, match="2 training events of project p wait already"):
        queue.enqueue("p", "ANNOTATION_CREATED", {}, "", latest_suffices=False)
    assert len(queue.open_jobs("p")) == 2


def test_a_training_that_is_lost_again_and_again_fails(tmp_path):
    queue = TrainingQueue(State(tmp_path))
    job = queue.start_now("p", "START_TRAINING", {}, "")
    for _ in range(2):
        queue.claim("somebody", 1)
        queue.put_back_lost(queue.job(job.id))
        assert queue.job(job.id).status == "queued"
    queue.claim("somebody", 1)
    queue.put_back_lost(queue.job(job.id))
    assert (queue.job(job.id).status, queue.job(job.id).error) == (
        "failed",
        "Interrupted 3 times, each time with the server that ran it.",
    )


def test_a_training_that_was_stopped_in_order_may_be_stopped_as_often_as_need_be(tmp_path):
    queue = TrainingQueue(State(tmp_path))
    job = queue.start_now("p", "START_TRAINING", {}, "")
    for _ in range(5):
        queue.claim("somebody", 1)
        queue.put_back(job.id)
    assert queue.job(job.id).status == "queued"


def test_a_process_that_comes_late_does_not_train_what_was_started_again(tmp_path):
    queue = TrainingQueue(State(tmp_path))
    job = queue.start_now("p", "START_TRAINING", {}, "")
    queue.claim("a server that dies", 1)
    queue.put_back_lost(queue.job(job.id))
    queue.claim("the next one", 1)
    assert queue.attach(job.id, 1, "the late process") is False
    assert queue.attach(job.id, 2, "the new process") is True
    assert queue.job(job.id).process == "the new process"


def test_a_training_whose_process_has_just_begun_is_not_lost(tmp_path):
    queue = TrainingQueue(State(tmp_path))
    job = queue.start_now("p", "START_TRAINING", {}, "")
    queue.claim("a server that dies", 1)
    seen = queue.job(job.id)
    queue.attach(job.id, 1, "the process")
    queue.put_back_lost(seen)
    assert queue.job(job.id).status == "started"


def test_a_training_that_has_ended_does_not_end_again(tmp_path):
    state = State(tmp_path)
    queue = TrainingQueue(state)
    job = queue.start_now("p", "START_TRAINING", {}, "")
    queue.claim("somebody", 1)
    (folder_of(state, job.id) / "work").mkdir()
    queue.finish(job.id, None, {})
    queue.fail(job.id, "too late")
    queue.put_back_lost(queue.job(job.id))
    assert queue.cancel(job.id).status == "finished"
    assert queue.job(job.id).error is None
    assert (folder_of(state, job.id) / "work").exists()
