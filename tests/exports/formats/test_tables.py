"""JSON_MIN, CSV, TSV, XLSX, Parquet and Hugging Face data sets: a flat row for each completion."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.formula_cells import neutralized, restored
from apps.exports.formats import Report, xlsx
from tests.exports.formats.writing import TEXT as CONFIG
from tests.exports.formats.writing import members, mood, problems, span, task, written
from tests.imports.formats.reading import values_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@'\t\r\n\",;é😀"), max_size=12)


def test_an_answer_of_one_choice_is_its_text_and_regions_are_a_list():
    [row] = json.loads(written("JSON_MIN", task({"text": "Ada"}, [mood("good"), span(0, 3, "PER")])))
    assert row == {
        "text": "Ada", "id": 1, "mood": "good",
        "label": [{"start": 0, "end": 3, "text": "", "labels": ["PER"]}],
        "annotator": 3, "annotation_id": 10, "lead_time": 2.5,
        "created_at": "2026-01-01T10:00:00+00:00", "updated_at": "2026-01-01T10:00:00+00:00",
    }  # fmt: skip


def test_several_choices_of_one_question_stay_together():
    [row] = json.loads(written("JSON_MIN", task({"text": ""}, [mood("good", "bad")])))
    assert row["mood"] == {"choices": ["good", "bad"]}


def test_the_newest_completion_counts_or_all_when_asked():
    twice = task({"text": "a"}, [mood("good")], [mood("bad")])
    assert [row["mood"] for row in json.loads(written("JSON_MIN", twice))] == ["bad"]
    assert [row["mood"] for row in json.loads(written("JSON_MIN", twice, completions="all"))] == [
        "good",
        "bad",
    ]


def test_skipped_tasks_give_no_row_and_unanswered_ones_a_row_without_answers():
    skipped = task({"text": "a"}, annotations=[{"id": 4, "was_cancelled": True, "result": []}])
    assert json.loads(written("JSON_MIN", skipped)) == []
    assert json.loads(written("JSON_MIN", task({"text": "b"}, id=2))) == [{"text": "b", "id": 2}]


def test_data_named_like_an_answer_keeps_a_column_of_its_own():
    [row] = json.loads(
        written("JSON_MIN", task({"text": "a", "mood": "sad", "id": "x7"}, [mood("good")], id=5))
    )
    assert (row["mood"], row["data.mood"], row["id"], row["data.id"]) == ("good", "sad", 5, "x7")


def test_an_answer_to_no_question_of_the_config_is_left_out_and_reported():
    report = Report()
    stray = {**mood("good"), "from_name": "gone", "id": "g1"}
    assert "gone" not in json.loads(written("JSON_MIN", task({"text": "a"}, [stray]), report=report))[0]
    assert json.loads(b"".join(report.pieces())) == {
        "exported": 1,
        "problems": 1,
        "rows": [
            {
                "task": 1, "completion": 10, "region": "g1",
                "problem": 'the labeling config has no control "gone"; its answer is left out',
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("name", "delimiter"), [("CSV", ","), ("TSV", "\t")])
def test_a_table_has_every_column_that_any_task_has(name, delimiter):
    raw = written(
        name, task({"text": "a"}, [mood("good")]), task({"text": "b", "shop": 7}, [], id=2)
    ).decode()
    first, second = csv.DictReader(io.StringIO(raw), delimiter=delimiter)
    assert list(first)[:5] == ["text", "shop", "id", "label", "mood"]
    assert (first["shop"], first["mood"], second["shop"], second["mood"]) == ("", "good", "7", "")


def test_values_that_are_no_text_are_json():
    raw = written("CSV", task({"text": "a", "meta": {"é": [1, None]}}, [mood("good", "bad")])).decode()
    [row] = csv.DictReader(io.StringIO(raw))
    assert row["meta"] == '{"é":[1,null]}'
    assert row["mood"] == '{"choices":["good","bad"]}'


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-a", "@x", "\t=1", "'=1", "''-x", "--5"])
def test_cells_like_formulas_get_an_apostrophe(cell):
    assert neutralized(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+1.5e3", "a=b", "'quoted'", "", "'"])
def test_numbers_and_harmless_cells_stay_as_they_are(cell):
    assert neutralized(cell) == restored(cell) == cell


@given(TEXTS)
def test_what_is_neutralized_is_restored(cell):
    assert restored(neutralized(cell)) == cell


@pytest.mark.parametrize("name", ["CSV", "TSV", "XLSX"])
@settings(max_examples=40, deadline=None)
@given(text=TEXTS, other=TEXTS)
def test_texts_come_back_on_import(name, text, other):
    raw = written(name, task({"text": text, "other": other}, [mood("good")]))
    [row] = values_of(raw, f"table.{name.lower()}", name)
    assert (row["text"], row["other"], row["mood"]) == (text, other, "good")


def sheets(raw: bytes) -> dict[str, list[tuple[Any, ...]]]:
    workbook = openpyxl.load_workbook(io.BytesIO(raw), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook.worksheets}


def test_a_workbook_has_numbers_as_numbers_and_runs_no_formula():
    data = {"text": "=1+1", "shop": 7, "price": 2.5, "open": True, "code": 2**60}
    [header, row] = sheets(written("XLSX", task(data, [mood("good")])))["Tasks"]
    found = dict(zip(header, row, strict=True))
    assert [found[key] for key in data] == ["'=1+1", 7, 2.5, True, str(2**60)]


def test_rows_that_do_not_fit_into_a_sheet_go_into_the_next(monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    found = sheets(written("XLSX", *[task({"text": str(number)}, id=number) for number in range(1, 6)]))
    assert {title: [row[0] for row in rows] for title, rows in found.items()} == {
        "Tasks": ["text", "1", "2"],
        "Tasks 2": ["text", "3", "4"],
        "Tasks 3": ["text", "5"],
    }


def test_a_value_that_is_too_long_for_a_cell_is_cut_and_reported_in_a_sheet():
    found = sheets(written("XLSX", task({"text": "a" * 32_768}, [mood("good")], id=7)))
    assert found["Tasks"][1][0] == "a" * 32_767
    assert found["Report"] == [
        ("task", "completion", "region", "problem"),
        ("7", None, None, "a cell holds 32,767 characters; the rest of a value is left out"),
    ]


def test_parquet_columns_have_the_types_of_their_cells():
    first = task(
        {"text": "a", "shop": 7, "price": 2.5, "open": True, "tags": ["x"], "mixed": 1}, [mood("good")]
    )
    second = task({"text": "\ud800", "shop": None, "mixed": {"é": 1}}, [mood("good", "bad")], id=2)
    table = pyarrow.parquet.read_table(io.BytesIO(written("PARQUET", first, second)))
    types = {name: str(table.schema.field(name).type) for name in ("shop", "price", "open", "tags", "mixed")}
    assert types == {
        "shop": "int64", "price": "double", "open": "bool", "tags": "list<element: string>", "mixed": "string",
    }  # fmt: skip
    assert table.column("mixed").to_pylist() == ["1", '{"é":1}']
    assert table.column("text").to_pylist() == ["a", "?"]
    assert table.column("mood").to_pylist() == ["good", '{"choices":["good","bad"]}']


def test_an_empty_table_is_a_parquet_file_with_the_columns_of_the_config():
    table = pyarrow.parquet.read_table(io.BytesIO(written("PARQUET")))
    assert (table.num_rows, table.column_names[:4]) == (0, ["text", "id", "label", "mood"])


def test_a_single_choice_becomes_a_class_of_the_data_set_and_comes_back_by_name():
    files = members(
        "HUGGINGFACE", task({"text": "Ada"}, [mood("bad")]), task({"text": "Bob"}, id=2), config=CONFIG
    )
    table = pyarrow.parquet.read_table(io.BytesIO(files["data/train-00000-of-00001.parquet"]))
    assert table.column("mood").to_pylist() == [1, None]
    assert json.loads(files["dataset_info.json"])["features"]["mood"] == {
        "names": ["good", "bad"],
        "_type": "ClassLabel",
    }
    assert b"class_label" in files["README.md"]

    raw = written("HUGGINGFACE", task({"text": "Ada"}, [mood("bad")]))
    [row] = values_of(raw, "set.zip")
    assert (row["data"]["text"], row["data"]["mood"], row["meta"]) == ("Ada", "bad", {"split": "train"})


def test_an_answer_that_is_no_class_any_more_is_reported():
    files = members("HUGGINGFACE", task({"text": "Ada"}, [mood("great")]), config=CONFIG)
    assert problems(files) == ['the labeling config has no choice "great"; the answer is left out']
