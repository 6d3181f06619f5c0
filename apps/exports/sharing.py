"""Large exports as the work of several jobs: one leads, others help where workers are free.

The leading job holds a snapshot of the database, parts the tasks into ranges, asks for helpers, and writes parts itself
like every helper, one after another, until none is left. So it never waits for a worker's slot: where there is but one,
it writes all parts, and the helpers find nothing to do. It waits only for parts that others write at that moment, takes
over those of helpers that were killed, joins the parts in order, and publishes the file. When it is killed itself,
Postgres lets go of the snapshot, helpers end, and its next run begins anew with another moment.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Sum

from apps.core.errors import NotFound, ValidationFailed
from apps.exports.joining import SEAMS, joined
from apps.exports.media import BLOCK
from apps.exports.models import Export, ExportPart
from apps.exports.parts import Taker, discard_parts, fingerprint, make_parts, take_part, write_part
from apps.exports.queries import SnapshotGone, ranges_of, shared_snapshot, snapshot
from apps.exports.storing import Finish, publish, store_pieces
from apps.exports.writing import Writer
from apps.jobs.models import Job, JobStatus
from apps.jobs.running import JobSuperseded, RunningJob
from apps.jobs.services import cancel, enqueue

EXPORT_PARTS = "export-parts"
"""The kind of the helping jobs; its handler is in `jobs`."""

_POLL_SECONDS = 0.2


def make_shared(row: Export, writer: Writer, job: RunningJob, *, finish: Finish) -> Export:
    """Write the file of an export together with helpers, and publish it.

    Raises:
        NotFound: the export was deleted meanwhile.
        JobCancelled: somebody cancelled the job; the helpers end, too.
        StorageFull: there is no room.
    """
    run = uuid.uuid4()
    try:
        with shared_snapshot() as shared:
            with snapshot(shared):
                ranges = ranges_of(writer.statement(), settings.EXPORT_PART_TASKS)
            make_parts(row, ranges, run=run)
            with _helpers(row, writer, run=run, shared=shared, parts=len(ranges)):
                _write_all(writer, job, run=run, shared=shared, total=sum(count for *_, count in ranges))
        return _join(row, writer, run=run, parts=len(ranges), finish=finish)
    finally:
        discard_parts(row, run=run)


def help_with_parts(writer: Writer, job: RunningJob) -> int:
    """Write parts of an export for the job that leads it, until none is left; return how many.

    Raises:
        JobCancelled: the leading job has ended.
    """
    run, shared = UUID(job.payload["run"]), job.payload["snapshot"]
    if fingerprint(writer) != job.payload["fingerprint"]:
        return 0
    taker, written = Taker(job.id, job.attempt), 0

    def advance(done: int) -> None:
        job.check_cancelled()
        job.advance(done)

    with suppress(SnapshotGone):
        while part := take_part(run=run, taker=taker):
            job.advance(0, message=f"{writer.format.title}: part {part.number}")
            write_part(part, writer, shared=shared, advance=advance)
            written += 1
    return written


@contextmanager
def _helpers(row: Export, writer: Writer, *, run: UUID, shared: str, parts: int) -> Iterator[None]:
    """Ask for helpers; behind the block there are none any more: those still waiting are not needed."""
    payload = {
        "export": row.pk,
        "run": str(run),
        "snapshot": shared,
        "fingerprint": fingerprint(writer),
    }
    asked = [
        enqueue(kind=EXPORT_PARTS, project=writer.project, created_by=row.created_by, payload=payload).pk
        for _ in range(min(settings.EXPORT_WORKERS, parts) - 1)
    ]
    try:
        yield
    finally:
        Job.objects.filter(pk__in=asked, status=JobStatus.QUEUED).delete()
        for helper in Job.objects.filter(pk__in=asked, status=JobStatus.RUNNING):
            with suppress(ValidationFailed, NotFound):  # it has just ended by itself
                cancel(job=helper)


def _write_all(writer: Writer, job: RunningJob, *, run: UUID, shared: str, total: int) -> None:
    """Write parts until there is none left, and wait for those that others write."""
    taker = Taker(job.id, job.attempt)

    def advance(elsewhere: int, done: int) -> None:
        job.check_cancelled()
        read = min(total, elsewhere + done)
        job.advance(read, total, f"{writer.format.title}: {read:,} of {total:,} tasks")

    parts = ExportPart.objects.filter(run=run)
    while parts.unfinished().exists():
        advance(_read_elsewhere(run, taker), 0)
        if part := take_part(run=run, taker=taker):
            write_part(part, writer, shared=shared, advance=partial(advance, _read_elsewhere(run, taker)))
        else:
            time.sleep(_POLL_SECONDS)
    advance(total, 0)


def _read_elsewhere(run: UUID, taker: Taker) -> int:
    """Return how many tasks stand in finished parts, or were read for those that others write."""
    parts = ExportPart.objects.filter(run=run)
    finished = parts.aggregate(tasks=Sum("task_count", default=0))["tasks"]
    helpers = parts.being_written().exclude(taken_by=taker.job).values("taken_by")
    return int(
        finished + Job.objects.filter(pk__in=helpers).aggregate(read=Sum("progress", default=0))["read"]
    )


def _join(row: Export, writer: Writer, *, run: UUID, parts: int, finish: Finish) -> Export:
    written = list(ExportPart.objects.filter(run=run).exclude(file="").order_by("number"))
    if len(written) != parts:
        if Export.objects.filter(pk=row.pk).exists():
            raise JobSuperseded  # by another run, which has parts of its own
        raise NotFound("This export was deleted while it was being made.")
    writer.read = sum(part.task_count for part in written)
    writer.report.problems = sum(part.problem_count for part in written)
    whole = joined((_blocks(part.file) for part in written), SEAMS[writer.format.name])
    stored = store_pieces(whole, project_id=row.project_id, filename=row.filename)
    return publish(export_id=row.pk, stored=stored, writer=writer, finish=finish)


def _blocks(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        yield from iter(partial(file.read, BLOCK), b"")
