"""Carries a prediction run out: asks for its tasks in batches, several at once, and stores what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from itertools import islice
from typing import Any

from apps.core.errors import ValidationFailed
from apps.jobs.running import JobSuperseded, RunningJob
from apps.ml.calling import KEPT_FAILURES, calling, record_failure, record_success
from apps.ml.models import PredictionRun, RunTrigger
from apps.ml.predicting.asking import Answers, Asking, Batch
from apps.ml.predicting.choosing import Which, count_chosen, read_chosen, still_waiting, walk
from apps.ml.predicting.insisting import Insisting
from apps.ml.predicting.keeping import RunTakenOver, keep_answers
from apps.ml.predicting.showing import show_newest
from apps.ml.protocol.answers import Answer, BadAnswer, under_names
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.errors import BackendError
from apps.ml.protocol.tasks import task_documents
from apps.ml.slots import Slots
from apps.ml.versions import note_version

FAILED_AT_FIRST = 1_000
"""When so many tasks failed and none has succeeded, the rest is not worth asking for."""

_LOOK_SECONDS = 0.5


def carry_out(job: RunningJob) -> dict[str, Any]:
    """Do what is left of the run that a job is for; what is done stays, however it ends.

    Raises:
        ValidationFailed: the backend failed for good, with cause and remedy, or is gone.
    """
    run = (
        PredictionRun.objects.select_related("project", "backend", "backend__project")
        .filter(pk=job.payload["run"])
        .first()
    )
    if run is None:
        raise ValidationFailed("The ML backend of this run was removed.")
    try:
        _Progress(run, job).go()
    except RunTakenOver:
        if PredictionRun.objects.filter(pk=run.pk).exists():
            raise JobSuperseded from None
        raise ValidationFailed("The ML backend was removed. What it had predicted is kept.") from None
    except BackendError as error:
        kept = f"{run.predicted:,} predictions are stored; go on with the run when the backend is well again."
        raise ValidationFailed(f"{error.cause_and_remedy} {kept}") from error
    if run.trigger == RunTrigger.NEW_VERSION:
        show_newest(backend_id=run.backend_id, version=read_chosen(run.chosen).version)
    return {
        "run": run.pk,
        "predicted": run.predicted,
        "failed": run.failed,
        "model_version": run.model_version,
    }


class _Progress:
    """One attempt at a run."""

    def __init__(self, run: PredictionRun, job: RunningJob) -> None:
        self._run = run
        self._job = job
        self._backend = run.backend
        self._chosen = read_chosen(run.chosen)
        self._batch_size = job.payload.get("batch_size") or run.backend.batch_size
        self._client = BackendClient(run.backend)
        self._slots = Slots(run.backend)
        self._insisting = Insisting(run.backend, slots=self._slots, between=job.check_cancelled)
        self._names: dict[str, str] = {}
        self._recorded = 0
        # That tasks alone are to blame is known only when the backend has answered again: until then what it failed on
        # counts as not asked for.
        self._doubtful: list[tuple[Batch, Answers]] = []

    def go(self) -> None:
        """Ask for everything that is left."""
        self._count()
        self._set_up()
        self._tell()
        with self._slots:
            with Asking(self._ask, slots=self._backend.concurrency) as asking:
                for batch, asked in asking.each(self._batches()):
                    self._doubtful.append((batch, self._answers(batch, asked)))
                    if self._insisting.error is None:
                        self._keep()
            self._insisting.make_sure()
        self._keep()

    def _ask(self, documents: Sequence[dict[str, Any]]) -> Answers:
        with self._slots.one():
            return self._client.predict(documents)

    def _count(self) -> None:
        if self._run.total is None:
            self._run.total = count_chosen(self._run.project, self._chosen)
            PredictionRun.objects.filter(pk=self._run.pk).update(total=self._run.total)

    def _set_up(self) -> None:
        """Have the backend load the project's model; a failure shows again with the first batch, and is met there."""
        with suppress(BackendError), calling(self._backend, call="setup"):
            self._client.setup()

    def _batches(self) -> Iterator[Batch]:
        run = self._run
        ids = walk(run.project, self._chosen, after=run.reached_task_id, run_id=run.pk)
        while task_ids := list(islice(ids, self._batch_size)):
            if wanted := self._still_wanted(task_ids):
                yield Batch(wanted, task_documents(run.project, wanted))

    def _still_wanted(self, task_ids: list[int]) -> Sequence[int]:
        if self._chosen.which in (Which.WAITING, Which.WITHOUT_VERSION):
            return still_waiting(self._run.project, self._chosen, task_ids)
        return task_ids

    def _answers(self, batch: Batch, asked: Future[Answers]) -> Answers:
        while not wait([asked], timeout=_LOOK_SECONDS).done:
            self._job.check_cancelled()
        self._job.check_cancelled()
        try:
            answers = asked.result()
        except BackendError as error:
            record_failure(self._backend.pk, error)
            return self._insisting.insist(batch, error)
        record_success(self._backend.pk)
        self._insisting.succeeded(batch.documents)
        return answers

    def _keep(self) -> None:
        for batch, answers in self._doubtful:
            self._note_versions(answers)
            self._record_noticed()
            keep_answers(self._run, batch.task_ids, under_names(answers, self._names))
            self._tell()
            self._stop_when_all_fails(answers)
        self._doubtful.clear()

    def _note_versions(self, answers: Answers) -> None:
        versions = {answer.model_version for answer in answers if isinstance(answer, Answer)}
        for version in sorted(versions - self._names.keys()):
            self._names[version] = note_version(backend=self._backend, name=version)

    def _record_noticed(self) -> None:
        """Show a few of the wrong answers where the backend's failures are shown; the run keeps them all."""
        noticed, self._client.noticed = self._client.noticed, []
        for error in noticed[: KEPT_FAILURES - self._recorded]:
            record_failure(self._backend.pk, error)
            self._recorded += 1

    def _tell(self) -> None:
        run = self._run
        done = run.predicted + run.failed
        failed = f", {run.failed:,} failed" if run.failed else ""
        self._job.advance(
            done, total=max(run.total or 0, done), message=f"{run.predicted:,} tasks predicted{failed}"
        )

    def _stop_when_all_fails(self, answers: Answers) -> None:
        if self._run.predicted or self._run.failed < FAILED_AT_FIRST:
            return
        message = next((answer.message for answer in answers if isinstance(answer, BadAnswer)), "")
        raise ValidationFailed(
            f"None of {self._run.failed:,} tasks got a prediction that can be stored, so the rest is not asked for."
            f" The last one: {message}"
        )
