"""The import page in a real browser: dropping files, progress, preview, bad rows, media, undo."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from apps.accounts.models import GlobalRole, User
from apps.imports.models import Import, Upload
from apps.projects.models import Project
from tests.cast import Cast
from tests.e2e.conftest import OpenContext, Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import make_completion, make_picture, make_project, make_tasks, make_user
from tests.jobs.conftest import WorkerProcess

OpenWatched = Callable[..., Watched]

REVIEWS = b"Review,stars\n" + b"".join(
    b'"The room was quiet, review %d",%d\n' % (n, n % 5) for n in range(40)
)
BOXES = """
<View>
  <Image name="image" value="$photo"/>
  <RectangleLabels name="box" toName="image"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
</View>
"""

DROP = """(zone, files) => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  for (const type of ["dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def owner(transactional_db: None) -> User:
    """Somebody who may create projects."""
    return make_user("owner@example.com", role=GlobalRole.MANAGER)


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A real worker."""
    process = WorkerProcess(tmp_path / "worker.log")
    yield
    process.kill()


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Drop files onto the page."""
    given = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    page.locator("#import-drop").evaluate(DROP, given)


def open_import(page: Page, project: Project) -> None:
    """Open a project's import page."""
    page.goto(f"/projects/{project.pk}/import")
    expect(page.get_by_role("heading", name="Import tasks")).to_be_visible()
    page.wait_for_load_state("networkidle")


def start_import(page: Page) -> None:
    """Press the button below the preview."""
    page.locator("#import-submit").click()


def test_two_dropped_files_are_uploaded_in_parts_with_progress_and_imported(
    watched: OpenWatched, owner: User, settings: object
) -> None:
    settings.UPLOAD_PART_BYTES = 100  # type: ignore[attr-defined]
    project = make_project(owner)
    page = watched(owner).page
    open_import(page, project)
    page.evaluate(
        """() => {
          window.seen = [];
          const bar = document.getElementById("uploads-bar");
          new MutationObserver(() => window.seen.push(bar.value)).observe(bar, { attributes: true });
        }"""
    )

    drop(page, {"reviews.csv": REVIEWS, "more.json": b'[{"text": "from JSON"}]'})
    expect(page.get_by_role("heading", name="Preview of 2 files")).to_be_focused()
    expect(page.get_by_label("Format of reviews.csv")).to_contain_text("CSV (detected)")
    expect(page.get_by_text("In each of these rows: the key")).to_be_visible()
    page.get_by_label("$text").focus()
    page.get_by_label("$text").select_option("Review")
    expect(page.get_by_text("In each of these rows")).to_be_hidden()
    expect(page.get_by_label("$text")).to_be_focused()
    expect(page.get_by_role("region", name="First rows of reviews.csv").locator("tbody tr")).to_have_count(10)
    steps = page.evaluate("window.seen")
    start_import(page)

    expect(page.get_by_text("Imported 41 tasks")).to_be_visible()
    expect(page.locator("#past-imports")).to_contain_text("reviews.csv, more.json")
    assert steps == sorted(steps)
    assert len(set(steps)) > 2, "the bar moved part by part"
    assert project.tasks.count() == 41
    first = project.tasks.order_by("pk").first()
    assert first is not None
    assert first.data == {"stars": "0", "text": "The room was quiet, review 0"}
    assert page.url.endswith(f"/projects/{project.pk}/import"), "the page was not left"


def test_a_lost_connection_only_makes_the_upload_wait(
    watched: OpenWatched, owner: User, settings: object
) -> None:
    settings.UPLOAD_PART_BYTES = 500  # type: ignore[attr-defined]
    project = make_project(owner)
    watch = watched(owner)
    page = watch.page
    open_import(page, project)
    offsets: list[int] = []
    retries: list[Route] = []

    def fail_once(route: Route, request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))
        if len(offsets) != 2:
            route.continue_()
        elif request.method == "PATCH":
            route.abort("connectionreset")
        else:  # it asks where to go on
            retries.append(route)

    page.route("**/api/uploads/*", fail_once)
    with page.expect_request(lambda request: request.method != "PATCH" and len(offsets) == 2):
        drop(page, {"reviews.csv": REVIEWS})
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    for retry in retries:
        retry.continue_()
    expect(page.get_by_role("heading", name="Preview of 1 file")).to_be_visible()

    assert offsets == [0, 500, *range(500, len(REVIEWS), 500)], "it went on where it had stopped"
    assert Upload.objects.get().size == len(REVIEWS)
    watch.expect_problem("ERR_CONNECTION_RESET")


def test_a_cancelled_upload_leaves_nothing_behind(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner)
    page = watched(owner).page
    open_import(page, project)
    page.route("**/api/uploads/*", lambda route, request: (
        None if request.method == "PATCH" else route.continue_()
    ))  # fmt: skip

    with page.expect_request(lambda request: request.method == "PATCH"):
        drop(page, {"reviews.csv": REVIEWS})
    expect(page.get_by_text("0 of 1 file · 0 bytes of")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("button", name="Choose files")).to_be_focused()
    assert deleted.value.status == 204
    assert not Upload.objects.exists()


def test_bad_rows_are_reported_and_then_skipped(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner)
    page = watched(owner).page
    open_import(page, project)
    rows = [{"text": f"good {number}"} for number in range(20)]
    rows[2] = {"txt": "a slip"}
    rows[15] = {"words": "another one"}

    drop(page, {"tasks.json": json.dumps(rows).encode()})
    expect(page.get_by_text("1 of the rows above cannot be imported")).to_be_visible()
    start_import(page)
    expect(page.get_by_text("Nothing was imported. 2 rows are bad")).to_be_visible()
    report = page.get_by_role("region", name="2 bad rows").locator("tbody tr")
    expect(report.nth(0)).to_contain_text('row 3the key "text" is missing')
    expect(report.nth(1)).to_contain_text('{"words":"another one"}')
    assert project.tasks.count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Bad rows, to mend").click()
    assert json.loads(download.value.path().read_text()) == [rows[2], rows[15]]

    page.get_by_role("button", name="Import only the good rows").click()
    expect(page.get_by_text("Imported 18 tasks")).to_be_visible()
    assert project.tasks.count() == 18


def test_a_folder_of_pictures_is_imported_and_labeled(
    watched: OpenWatched, owner: User, tmp_path: Path
) -> None:
    project = make_project(owner, label_config=BOXES)
    folder = tmp_path / "animals"
    (folder / "cats").mkdir(parents=True)
    (folder / ".DS_Store").write_bytes(b"of the system")
    for number, color in enumerate(("teal", "orange", "olive")):
        (folder / "cats" / f"{number}.png").write_bytes(make_picture(200, 150, color=color))
    page = watched(owner).page
    open_import(page, project)

    page.locator("#import-folder").set_input_files(folder)
    expect(page.get_by_role("heading", name="3 media files")).to_be_visible()
    expect(page.locator(".import-thumbnails img")).to_have_count(3)
    for picture in page.locator(".import-thumbnails img").all():
        expect(picture).to_have_js_property("naturalWidth", 200)
    start_import(page)
    expect(page.get_by_text("Imported 3 tasks")).to_be_visible()

    page.locator("#import-step").get_by_role("link", name="Label").click()
    expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
    editor = page.frame_locator("iframe.editor-frame:not(.is-spare)")
    picture = editor.locator("img[src*='/data/upload/']").first
    expect(picture).to_have_js_property("naturalWidth", 200)
    assert [set(task.data) for task in project.tasks.all()] == [{"photo"}] * 3


def test_text_a_sample_and_more_files_come_together(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner)
    page = watched(owner).page
    open_import(page, project)

    page.get_by_text("Paste text").click()
    page.get_by_label("Tasks as text").fill('{"text": "one"}\n{"text": "two"}')
    page.get_by_role("button", name="Continue").first.click()
    expect(page.get_by_label("Format of pasted text")).to_contain_text("JSON Lines (detected)")
    page.get_by_role("button", name="Add files").click()
    page.get_by_role("button", name="Use sample data").click()
    expect(page.get_by_role("heading", name="Preview of 2 files")).to_be_visible()
    page.get_by_label("Format of pasted text").focus()
    page.get_by_label("Format of pasted text").select_option("TXT")
    expect(page.get_by_role("region", name="First rows of pasted text")).to_contain_text('{"text": "one"}')
    expect(page.get_by_label("Format of pasted text")).to_be_focused()
    page.get_by_label("Format of pasted text").select_option("")
    expect(page.get_by_role("cell", name="one", exact=True)).to_be_visible()
    page.get_by_role("button", name="Leave out sample.json").click()
    expect(page.get_by_role("heading", name="Preview of 1 file")).to_be_visible()
    start_import(page)

    expect(page.get_by_text("Imported 2 tasks")).to_be_visible()
    assert [task.data["text"] for task in project.tasks.order_by("pk")] == ["one", "two"]


def test_a_large_import_is_a_job_that_moves_and_can_be_undone(
    watched: OpenWatched, owner: User, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.web.import_start.AT_ONCE_BYTES", 100)
    project = make_project(owner)
    page = watched(owner).page
    open_import(page, project)

    drop(page, {"reviews.csv": REVIEWS.replace(b"Review,", b"text,")})
    start_import(page)
    expect(page.get_by_text("Imported 40 tasks")).to_be_visible(timeout=120_000)
    labeled = project.tasks.order_by("pk")[0]
    make_completion(labeled, owner)
    expect(page.locator("#past-imports")).to_contain_text("Completed")
    page.locator("#import-step").get_by_role("link", name="Undo").click()
    expect(page.get_by_role("dialog")).to_contain_text("39 tasks go")
    expect(page.get_by_role("dialog")).to_contain_text("1 stays because it is labeled")
    page.get_by_role("button", name="Delete 39 tasks").click()

    page.wait_for_url("**/imports/*")
    expect(page.get_by_text("1 task stays, because it is labeled.")).to_be_visible(timeout=120_000)
    assert list(project.tasks.all()) == [labeled]


def test_without_scripts_files_are_imported_by_the_form(
    open_context: OpenContext, owner: User, tmp_path: Path
) -> None:
    project = make_project(owner)
    page = open_context(owner).new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"/projects/{project.pk}/import")
    (tmp_path / "a.csv").write_text("text\nplain\n")

    page.get_by_label("Files", exact=True).first.set_input_files(tmp_path / "a.csv")
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url("**/tasks")

    assert [task.data for task in project.tasks.all()] == [{"text": "plain"}]


def look(page: Page, name: str, width: int, theme: str) -> None:
    """Check how the page looks, and clear what the screenshot leaves behind.

    It hides the caret by styles of the fields, and htmx would carry their empty attributes over to the next step.
    """
    check(page, name, width, theme)
    page.locator("[style='']").evaluate_all("found => found.forEach((one) => one.removeAttribute('style'))")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_how_it_looks(
    watched: OpenWatched, players: Cast, monkeypatch: pytest.MonkeyPatch, width: int, theme: str
) -> None:
    project = players.project
    watch = watched(players.owner, width=width, theme=theme)
    page = watch.page
    make_completion(make_tasks(project, [{"text": "a"}, {"text": "b"}])[0], players.annotator)
    open_import(page, project)
    look(page, "import-start", width, theme)

    page.route("**/api/uploads/*", lambda route, request: (
        None if request.method == "PATCH" else route.continue_()
    ))  # fmt: skip
    drop(page, {"reviews-of-the-summer-and-autumn.csv": REVIEWS * 1000, "more.json": b'[{"text": "a"}]'})
    expect(page.get_by_text("0 of 2 files")).to_be_visible()
    look(page, "import-uploading", width, theme)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Choose files")).to_be_focused()
    page.unroute("**/api/uploads/*")

    bad = REVIEWS.replace(b"The room was quiet, review 3", b"").replace(b'"",3', b",", 1)
    drop(
        page,
        {
            "reviews.csv": bad,
            "tasks.json": b'[{"text": "a"}, {"text": "c"}, {"txt": "b"}, 7]',
            "noise.bin": bytes(range(256)),
        },
    )
    expect(page.get_by_role("heading", name="Preview of 3 files")).to_be_visible()
    page.get_by_text("Duplicates, ids, predictions").click()
    look(page, "import-preview", width, theme)

    page.get_by_role("button", name="Leave out noise.bin").click()
    expect(page.get_by_role("heading", name="Preview of 2 files")).to_be_visible()
    start_import(page)
    expect(page.get_by_text("Nothing was imported.")).to_be_visible()
    look(page, "import-bad-rows", width, theme)
    page.get_by_role("button", name="Import only the good rows").click()
    expect(page.get_by_text("left out.")).to_be_visible()
    look(page, "import-done", width, theme)
    page.locator("#import-step").get_by_role("link", name="Undo").click()
    expect(page.get_by_role("dialog")).to_contain_text("None of them has been labeled since")
    look(page, "import-undo", width, theme)

    monkeypatch.setattr("apps.web.import_start.AT_ONCE_BYTES", 10)
    page.goto(f"/projects/{project.pk}/import")
    page.wait_for_load_state("networkidle")
    drop(page, {"reviews.csv": REVIEWS})
    start_import(page)
    expect(page.get_by_text("Queued: no worker is running.")).to_be_visible()
    look(page, "import-queued", width, theme)
    page.goto(
        f"/projects/{project.pk}/imports/{Import.objects.filter(project=project).order_by('-pk')[0].pk}"
    )
    look(page, "import-report", width, theme)
