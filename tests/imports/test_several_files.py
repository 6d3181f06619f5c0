"""Several files imported as one, each read in its own way."""

from __future__ import annotations

import pytest

from apps.imports.options import ImportOptions
from apps.imports.services import ImportRejected, import_uploads
from tests.cast import Cast
from tests.factories import make_upload


def test_each_file_is_read_under_its_own_options(cast: Cast) -> None:
    reviews = make_upload(cast.project, b"review,stars\nFine,4\n", "reviews.csv")
    lines = make_upload(cast.project, b'{"text": "as JSON"}\n', "lines.txt")
    given = {"files": {reviews.file: {"columns": {"text": "review"}}, lines.file: {"format": "JSONL"}}}

    report = import_uploads(
        project=cast.project,
        uploads=[reviews, lines],
        created_by=cast.owner,
        options=ImportOptions.read(given),
    )

    rows = [task.data for task in cast.project.tasks.filter(pk__in=report.task_ids).order_by("pk")]
    assert rows == [{"text": "Fine", "stars": "4"}, {"text": "as JSON"}]


def test_the_options_of_files_are_kept_with_the_import() -> None:
    options = ImportOptions.read({"files": {"upload/1/a.csv": {"csv_as": "time series", "format": "csv"}}})

    assert ImportOptions.read(options.as_json()) == options
    assert options.of_file("upload/1/a.csv").csv_as == "time series"
    assert options.of_file("upload/1/a.csv").format == "CSV"
    assert options.of_file("upload/1/b.csv") == options


def test_bad_rows_of_several_files_are_told_apart(cast: Cast) -> None:
    good = make_upload(cast.project, b'[{"text": "a"}]', "good.json")
    bad = make_upload(cast.project, b'[{"txt": "a"}]', "bad.json")

    with pytest.raises(ImportRejected) as caught:
        import_uploads(project=cast.project, uploads=[good, bad], created_by=cast.owner)

    [problem] = caught.value.fields["tasks"]
    assert problem.startswith('Bad.json › row 1: the key "text" is missing')
    assert cast.project.tasks.count() == 3
