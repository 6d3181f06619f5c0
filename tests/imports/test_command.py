"""`manage.py import_tasks` imports files and folders on the server."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.imports.models import Import, Upload
from apps.tasks.models import Task
from tests.factories import make_picture, make_project, make_user

PHOTOS = """
<View>
  <Image name="photo" value="$photo"/>
  <Choices name="kind" toName="photo"><Choice value="Cat"/></Choices>
</View>
"""


@pytest.fixture
def project(db):
    make_user("admin@example.com", role="administrator")
    return make_project()


@pytest.fixture(autouse=True)
def own_media_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_tasks", *map(str, arguments), stdout=out)
    return out.getvalue()


def written(path: Path, rows: object) -> Path:
    path.write_text(json.dumps(rows))
    return path


def test_files_are_imported_as_one_and_the_counts_are_told(project, tmp_path):
    paths = [written(tmp_path / f"{name}.json", [{"text": name}]) for name in "ab"]
    assert "2 tasks, 0 completions, 0 predictions in" in run(project.pk, *paths)
    assert Import.objects.get().task_count == 2


def test_one_bad_file_imports_none_but_with_batch_those_before_it(project, tmp_path):
    paths = [written(tmp_path / "a.json", [{"text": "a"}]), written(tmp_path / "b.json", [{"txt": "b"}])]
    with pytest.raises(CommandError, match="1 row is bad"):
        run(project.pk, *paths)
    assert not Task.objects.exists()

    with pytest.raises(CommandError, match="1 row is bad"):
        run(project.pk, *paths, "--batch")
    assert Task.objects.get().data == {"text": "a"}


def test_a_dry_run_tells_everything_and_leaves_nothing(project, tmp_path):
    path = written(tmp_path / "a.json", [{"text": "a"}, {"text": "a"}, {"txt": "b"}])
    said = run(project.pk, path, "--dry-run", "--on-error=skip", "--dedupe=text")
    assert (
        "would be 1 tasks, 0 completions, 0 predictions, 1 duplicates left out, 1 bad rows left out" in said
    )
    assert "Row 3" in said
    assert not Task.objects.exists()
    assert not Import.objects.exists()
    project.refresh_from_db()
    assert project.last_inner_id == 0


def test_json_output_is_one_object(project, tmp_path):
    document = json.loads(run(project.pk, written(tmp_path / "a.json", [{"text": "a"}]), "--json"))
    assert (document["task_count"], document["dry_run"], len(document["task_ids"])) == (1, False, 1)


def test_a_folder_of_json_files_passes_over_others(project, tmp_path):
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    written(folder / "a.json", {"text": "a"})
    written(folder / "deeper" / "b.json", [{"text": "b"}, {"text": "c"}])
    (folder / "notes.txt").write_text("no task")
    run(project.pk, folder, "--format=json-dir")
    assert list(Task.objects.order_by("pk").values_list("data__text", flat=True)) == ["a", "b", "c"]


def test_a_folder_of_texts_is_read_line_by_line(project, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.txt").write_text("one\ntwo\n")
    (folder / "2.log").write_text("three\n")
    run(project.pk, folder, "--format=text-dir")
    assert list(Task.objects.order_by("pk").values_list("data__text", flat=True)) == ["one", "two", "three"]


def pictures(folder: Path) -> Path:
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(make_picture())
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_a_folder_of_images_is_copied_into_the_storage(project, tmp_path):
    photos = make_project(label_config=PHOTOS)
    run(photos.pk, pictures(tmp_path / "in"), "--format=image-dir")
    addresses = list(Task.objects.order_by("pk").values_list("data__photo", flat=True))
    uploads = Upload.objects.order_by("pk")
    assert addresses == [upload.url for upload in uploads]
    assert [upload.name for upload in uploads] == ["a.png", "b.png"]
    assert {upload.content_type for upload in uploads} == {"image/png"}


def test_images_below_a_root_of_local_files_stay_where_they_are(project, tmp_path, settings):
    photos = make_project(label_config=PHOTOS)
    settings.LOCAL_FILES_ROOTS = [str(tmp_path)]
    run(photos.pk, pictures(tmp_path / "in"), "--format=image-dir")
    addresses = list(Task.objects.order_by("pk").values_list("data__photo", flat=True))
    assert addresses == ["/data/local-files/?d=in/a.png", "/data/local-files/?d=in/b.png"]
    assert not Upload.objects.exists()


def test_a_failed_import_of_images_leaves_no_file(project, tmp_path, settings):
    photos = make_project(label_config=PHOTOS)
    folder = pictures(tmp_path / "in")
    written(folder / "c.json", [{"nothing": 1}])
    with pytest.raises(CommandError):
        run(photos.pk, folder)
    assert not Upload.objects.exists()
    assert list(Path(settings.MEDIA_ROOT).rglob("*.png")) == []


def test_a_path_that_is_not_there_is_told(project, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        run(project.pk, tmp_path / "nothing.json")
