"""The rows that the benchmark exports are what people label: nothing of them is left out."""

from __future__ import annotations

import psycopg2
import pytest
from django.db import connection

from apps.exports.options import ExportSpec
from apps.exports.services import prepare_export
from bench.export_rows import PICTURE_CONFIG, TEXT_CONFIG, fill
from tests.factories import make_project, owner_of


@pytest.mark.parametrize(
    ("export_format", "pictures"), [("JSON", False), ("CONLL2003", False), ("COCO", True)]
)
def test_what_is_measured_is_exported_whole(transactional_db, export_format, pictures):
    project = make_project(label_config=PICTURE_CONFIG if pictures else TEXT_CONFIG)
    connection.ensure_connection()
    bare = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    try:
        fill(bare, project.pk, 8, pictures=pictures)
    finally:
        bare.close()
    writer = prepare_export(project=project, user=owner_of(project), spec=ExportSpec(format=export_format))
    assert b"".join(writer.pieces())
    assert (writer.read, writer.report.exported, writer.report.problems) == (8, 8, 0)
