"""The export page in a real browser: a job with its progress, the download that follows, and the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.accounts.models import GlobalRole, User
from apps.exports.models import Export
from apps.projects.models import Project
from tests.e2e.conftest import Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import make_completion, make_export, make_project, make_user
from tests.jobs.conftest import WorkerProcess

OpenWatched = Callable[..., Watched]


@pytest.fixture
def owner(transactional_db: None) -> User:
    """Somebody who may create projects."""
    return make_user("owner@example.com", role=GlobalRole.MANAGER)


@pytest.fixture
def project(owner: User) -> Project:
    """A project of forty tasks, one of them labeled."""
    project = make_project(owner, tasks=40)
    make_completion(project.tasks.order_by("pk")[0], owner)
    return project


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Start a real worker."""
    started: list[WorkerProcess] = []
    yield lambda: started.append(WorkerProcess(tmp_path / "worker.log"))
    for process in started:
        process.kill()


def test_a_job_shows_its_progress_and_its_file_is_downloaded_when_it_is_there(
    watched: OpenWatched, owner: User, project: Project, start_worker: Callable[[], None], settings: Any
) -> None:
    settings.EXPORT_SYNC_TASKS = 1
    page = watched(owner).page
    page.goto(f"/projects/{project.pk}/export")
    expect(page.locator("#export-estimate")).to_contain_text("1 task,")
    expect(page.get_by_label("Pack the media files")).to_be_disabled()

    page.get_by_label("All tasks").check()
    expect(page.locator("#export-estimate")).to_contain_text("40 tasks, about")
    page.get_by_text("JSON Lines", exact=True).click()
    page.get_by_role("button", name="Export", exact=True).focus()
    page.keyboard.press("Enter")
    card = page.locator(".export-card")
    expect(card.get_by_role("progressbar", name="Progress of the export")).to_be_visible()
    expect(page.locator("#past-exports")).to_contain_text("Queued")
    with page.expect_download(timeout=120_000) as download:
        start_worker()

    lines = download.value.path().read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(
        project.tasks.order_by("pk").values_list("pk", flat=True)
    )
    row = Export.objects.get()
    assert download.value.suggested_filename == row.filename
    expect(card).to_contain_text("Exported 40 tasks")
    expect(page.locator("#past-exports")).to_contain_text("Completed")

    with page.expect_download() as again:
        page.get_by_role("link", name=f"Download Export {row.pk}").click()
    assert again.value.path().stat().st_size == row.size

    page.get_by_role("link", name=f"Delete Export {row.pk}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#past-exports")).to_contain_text("Nothing was exported yet")
    assert Export.objects.count() == 0


@pytest.mark.parametrize(("width", "theme"), [LOOKS[0], LOOKS[-1]])
def test_what_is_wrong_and_what_was_exported_can_be_read_by_everybody(
    watched: OpenWatched, owner: User, project: Project, width: int, theme: str
) -> None:
    make_export(project, owner, format="CSV")
    page = watched(owner, width=width, theme=theme).page
    page.goto(f"/projects/{project.pk}/export")
    page.get_by_text("More options").click()
    page.get_by_text("cannot be made of this project").click()
    page.get_by_label("Split into parts").fill("train")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator("#export-outcome [role=alert]")).to_contain_text("split looks like")
    check(page, "export-refused", width, theme)
