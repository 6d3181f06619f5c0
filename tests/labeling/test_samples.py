"""Sample tasks and results fit the config they are made for, and import examples can be imported."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from apps.labeling import samples
from apps.labeling.config import parse
from apps.labeling.results import result_warnings
from apps.labeling.samples import FORMATS, SAMPLES_URL, import_example, sample_result, sample_task
from apps.labeling.task_data import validate_task
from apps.labeling.templates import labeling_templates
from tests.labeling.corpus import corpus

FILES = Path(samples.__file__).parent / "static" / "samples"
CONFIGS = {example.name: example.config for example in corpus() if example.is_usable} | {
    name: template.config for name, template in labeling_templates().items()
}


@pytest.mark.parametrize("name", CONFIGS)
def test_sample_tasks_and_results_fit_their_config(name):
    config = parse(CONFIGS[name])
    data = sample_task(config)
    assert validate_task(config, data) == []
    assert result_warnings(config, sample_result(config), data) == []


def test_every_file_that_samples_name_is_shipped():
    named = {
        value.removeprefix(SAMPLES_URL)
        for xml in CONFIGS.values()
        for value in sample_task(parse(xml)).values()
        if isinstance(value, str) and value.startswith(SAMPLES_URL)
    }
    assert named - {file.name for file in FILES.iterdir()} == set()


CONFIG = parse(
    '<View><Text name="t" value="$a.b"/><Table name="f" value="$facts"/><Rating name="r" toName="t"/></View>'
)


def test_the_json_example_shows_a_completion_and_a_prediction():
    [task] = json.loads(import_example(CONFIG, "json"))
    assert task["data"] == sample_task(CONFIG)
    assert task["annotations"][0]["result"] == task["predictions"][0]["result"] == sample_result(CONFIG)


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_tables_have_a_header_and_write_objects_as_json(name, delimiter):
    [row] = csv.DictReader(io.StringIO(import_example(CONFIG, name)), delimiter=delimiter)
    assert {key: json.loads(value) for key, value in row.items()} == sample_task(CONFIG)


def test_lines_of_json_hold_a_task_each():
    assert [json.loads(line)["data"] for line in import_example(CONFIG, "jsonl").splitlines()] == [
        sample_task(CONFIG)
    ]


def test_lines_of_text_are_a_task_each():
    assert import_example(CONFIG, "txt").splitlines() == list(samples.SENTENCES)


def test_another_format_is_refused():
    with pytest.raises(ValueError, match=", ".join(FORMATS)):
        import_example(CONFIG, "xlsx")
