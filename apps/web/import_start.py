"""How the pages begin imports: small ones are done when the page answers, others become jobs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence

from apps.accounts.models import User
from apps.core.errors import ProductError
from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions
from apps.imports.received import store_from_url
from apps.imports.running import run_uploads
from apps.imports.services import prepare_import, start_import
from apps.imports.uploads import delete_uploads, store_upload
from apps.labeling.config import LabelingConfig
from apps.labeling.samples import sample_task
from apps.projects.models import Project
from apps.web.forms.imports import SourcesForm
from apps.web.import_preview import MEDIA_TYPES

AT_ONCE_BYTES = 4 * 1024 * 1024
"""What is larger becomes a job: this much is read, checked and stored within a second or two."""

AT_ONCE_FILES = 100
PASTED = "pasted text"
SAMPLE = "sample.json"


def sample_file(config: LabelingConfig) -> str:
    """Return a file with one task that `config` can show, without answers, so that it is there to be labeled."""
    return json.dumps([sample_task(config)], ensure_ascii=False, indent=2)


def store_sources(form: SourcesForm, *, project: Project, config: LabelingConfig, user: User) -> list[Upload]:
    """Store what a checked form names.

    Raises:
        ProductError: a file is too large, or an address cannot be read.
    """
    given = form.cleaned_data
    if given["url"]:
        return [store_from_url(project=project, url=given["url"], user=user)]
    if given["file"]:
        return [
            store_upload(project=project, name=file.name or "file", stream=file.file, created_by=user)
            for file in given["file"]
        ]
    name, text = (PASTED, given["text"]) if given["text"] else (SAMPLE, sample_file(config))
    stream = io.BytesIO(text.encode("utf-8", "surrogatepass"))
    return [store_upload(project=project, name=name, stream=stream, created_by=user)]


def begin_import(
    *, project: Project, uploads: Sequence[Upload], created_by: User, options: ImportOptions
) -> Import:
    """Import stored files, now or as a job; what kept them from being imported stands in the row that is returned.

    Raises:
        ProductError: the import could not even begin.
    """
    if not _is_small(uploads):
        return start_import(project=project, uploads=uploads, created_by=created_by, options=options)
    row = prepare_import(project=project, uploads=uploads, created_by=created_by, options=options)
    try:
        run_uploads(row, created_by=created_by)
    except ProductError:
        if row.finished_at is None:  # it never began, so nothing is written down
            raise
    return row


def forget_unused(*, project: Project, uploads: Iterable[Upload]) -> None:
    """Delete uploads that no import has read."""
    ids = [upload.pk for upload in uploads]
    unused = Upload.objects.filter(project=project, pk__in=ids, imports=None, brought_by=None)
    delete_uploads(project=project, upload_ids=list(unused.values_list("pk", flat=True)))


def _is_small(uploads: Sequence[Upload]) -> bool:
    """Whether reading them takes no time; of media files only the beginning is read."""
    read = sum(upload.size for upload in uploads if not upload.content_type.startswith(MEDIA_TYPES))
    return read <= AT_ONCE_BYTES and len(uploads) <= AT_ONCE_FILES
