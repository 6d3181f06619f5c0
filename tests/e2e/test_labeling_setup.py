"""The config editor in a real browser: code, visual helpers, live preview, saving."""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Pattern

import pytest
from playwright.sync_api import Dialog, FrameLocator, Locator, Page, expect

from apps.accounts.models import GlobalRole, User
from apps.completions.models import Completion
from apps.jobs.models import Job
from apps.projects.models import Project
from tests.e2e.conftest import OpenContext, Watched
from tests.e2e.looks import LOOKS, check
from tests.factories import choice, make_completion, make_project, make_tasks, make_user

OpenWatched = Callable[..., Watched]

CONFIG = """<View>
  <!-- what guests wrote -->
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text">
    <Choice value="Positive"/>
    <Choice value="Negative"/> <!-- rare -->
  </Choices>
</View>"""

ENTITIES = """<View>
  <Labels name="entity" toName="text">
    <Label value="Person" background="red"/>
    <Label value="Place" background="#00aa00"/>
  </Labels>
  <Text name="text" value="$text"/>
  <Image name="photo" value="$photo"/>
</View>"""


@pytest.fixture
def owner(transactional_db: None) -> User:
    """Somebody who may create projects."""
    return make_user("owner@example.com", role=GlobalRole.MANAGER)


def open_editor(page: Page, project: Project, query: str = "") -> None:
    """Open a project's labeling page and wait until it shows the preview."""
    page.goto(f"/projects/{project.pk}/settings/labeling{query}")
    expect_preview(page)


def expect_preview(page: Page) -> None:
    """Wait until the preview shows the present config."""
    expect(page.locator("#preview-state")).to_have_text("Up to date")


def code(page: Page) -> Locator:
    """Return the code editor."""
    return page.get_by_role("textbox", name="Labeling config")


def text_of(page: Page) -> str:
    """Return what the form would send."""
    return page.locator("#id_label_config").input_value()


def expect_text(page: Page, text: str | Pattern[str]) -> None:
    """Wait until the form would send this."""
    expect(page.locator("#id_label_config")).to_have_value(text)


def preview(page: Page) -> FrameLocator:
    """Return the preview that is shown."""
    return page.frame_locator("#preview-stage iframe:not(.is-spare)")


def stored(project: Project) -> str:
    """Return the project's config as it is in the database."""
    return Project.objects.values_list("label_config", flat=True).get(pk=project.pk)


def test_the_preview_follows_what_is_typed_and_leaves_the_focus_in_the_code(
    watched: OpenWatched, owner: User
) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page
    open_editor(page, project)

    code(page).get_by_text('"Positive"').dblclick()
    page.keyboard.type("Delighted")
    expect(preview(page).get_by_text("Delighted")).to_be_visible()
    page.keyboard.type(" guests")

    expect_text(page, re.compile('<Choice value="Delighted guests"/>'))
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert stored(project) == CONFIG


def test_a_mistake_is_underlined_and_the_last_good_preview_stays(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page
    open_editor(page, project)

    code(page).fill(CONFIG.replace("Text name", "Txt name"))
    problem = page.get_by_role("button", name="Line 3 <Txt> is no tag of the editor.")
    expect(problem).to_be_visible()
    expect(page.locator("#preview-problem")).to_contain_text("Line 3: <Txt> is no tag")
    expect(page.locator(".cm-lintRange-error").first).to_have_text("<Txt")
    expect(preview(page).get_by_text("Positive")).to_be_visible()
    expect(page.locator("#preview-stage")).to_have_class("config-stage has-preview is-stale")

    problem.click()
    page.keyboard.type("<Text")
    expect_preview(page)
    expect(page.locator("#preview-problem")).to_be_hidden()
    expect_text(page, CONFIG)


def test_tags_attributes_and_values_are_completed(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config='<View>\n<Text name="review" value="$text"/>\n\n</View>')
    page = watched(owner).page
    open_editor(page, project)
    code(page).get_by_text("review").click()
    page.keyboard.press("ArrowDown")

    page.keyboard.type("<Rat")
    complete(page, "Rating")
    page.keyboard.type(" toN")
    complete(page, "toName")
    if not text_of(page).splitlines()[2].endswith('"'):
        page.keyboard.type('="')
    page.keyboard.type("r")
    complete(page, "review")

    expect_text(page, re.compile('^<Rating toName="review', re.MULTILINE))


def complete(page: Page, option: str) -> None:
    """Take an offered completion."""
    offered = page.get_by_role("option", name=option, exact=False).first
    expect(offered).to_be_visible()
    page.wait_for_timeout(120)  # the editor ignores Enter right after the list opened, against accidents
    offered.click()


def test_visual_edits_change_the_code_only_where_needed_and_can_be_undone(
    watched: OpenWatched, owner: User
) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page
    open_editor(page, project)
    page.get_by_role("tab", name="Visual").click()

    page.get_by_label("New choices, one a line").fill("Mixed\nNone & other\nPositive")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#config-message")).to_have_text("Added 2 choices; 1 were there already.")
    page.get_by_label("Name of Positive").fill("Happy")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Move Negative up").click()
    page.get_by_label("Hotkey of Happy").fill("h")
    page.get_by_label("Hotkey of Happy").press("Enter")
    page.get_by_role("button", name="Remove Mixed").click()
    page.get_by_label("An answer is required").check()
    page.get_by_label("Several may be chosen").check()

    changed = """<View>
  <!-- what guests wrote -->
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text" required="true" choice="multiple">
    <Choice value="Negative"/>
    <Choice value="Happy" hotkey="h"/>
    <Choice value="None &amp; other"/> <!-- rare -->
  </Choices>
</View>"""
    expect_text(page, changed)
    expect(preview(page).get_by_text("None & other")).to_be_visible()

    for _ in range(7):
        page.get_by_role("button", name="Undo").click()
    expect_text(page, CONFIG)
    expect(page.get_by_label("Name of Positive")).to_be_visible()


def test_colours_and_options_of_tags_are_changed_without_writing_xml(
    watched: OpenWatched, owner: User
) -> None:
    project = make_project(owner, label_config=ENTITIES)
    page = watched(owner).page
    open_editor(page, project)
    page.get_by_role("tab", name="Visual").click()

    color = page.get_by_label("Colour of Person")
    expect(color).to_have_value("#ff0000")
    color.fill("#123456")
    color.dispatch_event("change")
    page.get_by_label("New labels, one a line").fill("Date")
    page.get_by_label("New labels, one a line").press("Control+Enter")
    page.get_by_label("Zoom buttons").uncheck()
    page.get_by_label("Rotate buttons").check()
    page.get_by_label("Rotate buttons").uncheck()

    changed = ENTITIES.replace('"red"', '"#123456"').replace(
        '"#00aa00"/>', '"#00aa00"/>\n    <Label value="Date" background="#1f77b4"/>'
    )
    expect_text(page, changed.replace('value="$photo"', 'value="$photo" zoomControl="false"'))


def test_saving_keeps_the_page_and_stores_the_config(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page
    open_editor(page, project)
    page.evaluate("window.stillTheSamePage = true")

    code(page).fill(CONFIG.replace("rare", "seldom"))
    code(page).press("Control+s")
    expect(page.get_by_text("The labeling config is saved.")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    assert stored(project) == CONFIG.replace("rare", "seldom")
    assert page.evaluate("window.stillTheSamePage")


def test_what_the_server_refuses_is_said_and_nothing_is_lost(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    watch = watched(owner)
    page = watch.page
    open_editor(page, project)

    code(page).fill("<View><Txt name='a'/></View>")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#config-outcome").get_by_text("Did you mean <Text>?")).to_be_visible()
    watch.expect_problem("422")
    page.route("**/settings/labeling", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The server did not take the config")).to_be_visible()
    watch.expect_problem("ERR_FAILED", "htmx:")

    expect_text(page, "<View><Txt name='a'/></View>")
    assert stored(project) == CONFIG


def test_leaving_with_unsaved_changes_asks_first(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page
    open_editor(page, project)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    page.get_by_role("link", name="General").click()
    expect(page.get_by_role("heading", name="General")).to_be_visible()
    assert asked == []

    open_editor(page, project)
    code(page).press("Control+End")
    page.keyboard.type(" ")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("link", name="General").click()
    expect(page.get_by_role("heading", name="General")).to_be_visible()
    assert asked == ["beforeunload"]


def test_answers_in_the_preview_show_the_result_and_are_not_saved(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG, tasks=1)
    page = watched(owner).page
    open_editor(page, project)

    page.get_by_text("What a completion looks like").click()
    preview(page).get_by_text("Negative").click()
    expect(page.get_by_role("region", name="Result of the preview")).to_contain_text('"Negative"')
    expect(preview(page).get_by_label("submit", exact=True)).to_have_count(0)
    preview(page).locator("body").press("Control+Enter")

    assert not Completion.objects.filter(project=project).exists()


def test_the_preview_shows_real_tasks(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    tasks = make_tasks(project, [{"text": f"Review {number}"} for number in range(8)] + [{"text": 12}])
    other = make_tasks(make_project(owner), [{"text": "of another project"}])[0]
    watch = watched(owner)
    page = watch.page
    open_editor(page, project)
    choice = page.get_by_label("Task to preview", exact=True)

    choice.select_option(label=f"Task {tasks[1].pk}: Review 1")
    expect(preview(page).locator(".lsf-htx-richtext", has_text="Review 1")).to_be_visible()
    choice.select_option("Another task …")
    page.get_by_label("Id of the task to preview").fill(str(tasks[8].pk))
    page.keyboard.press("Enter")
    expect(preview(page).locator(".lsf-htx-richtext", has_text="12")).to_be_visible()
    page.get_by_label("Id of the task to preview").fill(str(other.pk))
    page.keyboard.press("Enter")

    expect(page.locator("#preview-problem")).to_have_text(f"This project has no task {other.pk}.")
    watch.expect_problem("404")


def test_formatting_keeps_comments_and_can_be_undone(watched: OpenWatched, owner: User) -> None:
    untidy = CONFIG.replace("\n    <Choice", "<Choice").replace("\n  </Choices>", "</Choices>")
    project = make_project(owner, label_config=untidy)
    page = watched(owner).page
    open_editor(page, project)

    page.get_by_role("button", name="Format").click()
    expect(page.locator("#id_label_config")).not_to_have_value(untidy)
    assert text_of(page).replace("\n    <!-- rare", " <!-- rare") == f"{CONFIG}\n"
    page.get_by_role("button", name="Undo").click()
    expect_text(page, untidy)


def test_the_keyboard_leads_into_the_editor_and_out_again(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page
    open_editor(page, project)

    page.get_by_role("tab", name="Code").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Visual")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    code(page).focus()
    page.keyboard.press("?")  # opens the keyboard map everywhere else
    expect_text(page, re.compile(r"^\?"))
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")

    expect_text(page, CONFIG)
    expect(code(page)).not_to_be_focused()
    expect(page.locator("#keyboard-map")).to_be_hidden()


def test_a_template_is_loaded_with_its_task_but_not_saved(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = watched(owner).page

    open_editor(page, project, "?template=text_named_entity")

    expect(page.get_by_text("It replaces the project's config only when you save")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(preview(page).get_by_text("Person").first).to_be_visible()
    assert stored(project) == CONFIG


def test_a_new_project_starts_from_a_template_without_losing_its_name(
    watched: OpenWatched, owner: User
) -> None:
    page = watched(owner).page
    page.goto("/projects/new")
    page.locator("#id_title").fill("Reviews")

    page.get_by_role("link", name="Use the template Text classification").click()
    expect_preview(page)
    page.get_by_role("button", name="Create project").first.click()
    page.wait_for_url("**/import")

    project = Project.objects.get(title="Reviews")
    assert "<Choices" in project.label_config


def test_without_scripts_the_config_is_a_field(open_context: OpenContext, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    page = open_context(owner).new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"/projects/{project.pk}/settings/labeling")

    page.get_by_role("textbox", name="Labeling config").fill(CONFIG.replace("rare", "seldom"))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Save").click()

    assert stored(project) == CONFIG.replace("rare", "seldom")


def test_a_removed_label_in_use_asks_what_it_became(watched: OpenWatched, owner: User) -> None:
    project = make_project(owner, label_config=CONFIG)
    [task] = make_tasks(project, [{"text": "Quiet room"}])
    make_completion(task, owner, result=choice("Positive"))
    watch = watched(owner)
    page = watch.page
    open_editor(page, project)

    changed = CONFIG.replace('"Positive"', '"Happy"')
    code(page).fill(changed)
    code(page).press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Label “Positive” of “sentiment” is gone")).to_be_visible()
    assert stored(project) == CONFIG
    dialog.get_by_role("combobox").select_option("Happy")
    dialog.get_by_role("button", name="Save and rename in 1 completion").click()
    expect(page.get_by_text("The labeling config is saved.")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    assert stored(project) == changed
    assert Job.objects.get(project=project).kind == "relabeling"
    watch.expect_problem("409")


EVIL = (
    "<img src='/nothing.png' onerror='top.pwned = 1; alert(1)'>"
    "<script>top.pwned = 1</script><SCRIPT\n>top.pwned = 1</SCRIPT>"
)
ESCAPED = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
EVIL_CONFIG = f"""<View>
  <Style>.a {{ color: red }}</Style>
  <Style>&lt;/style&gt;{ESCAPED}</Style>
  <Header value="{ESCAPED}"/>
  <HyperText name="page" value="$page"/>
  <HyperText name="inline" value="$page" inline="true"/>
  <Text name="text" value="$page"/>
  <HyperTextLabels name="label" toName="page">
    <Label value="{ESCAPED}" hint="{ESCAPED}"/>
  </HyperTextLabels>
  <Choices name="choice" toName="text">
    <Choice value="{ESCAPED}"/>
  </Choices>
</View>"""


def note(dialogs: list[str], dialog: Dialog) -> None:
    """Remember a dialog and close it."""
    dialogs.append(dialog.message)
    dialog.dismiss()


@pytest.mark.parametrize("place", ["settings/labeling", "label"])
def test_html_in_configs_and_tasks_runs_nothing(watched: OpenWatched, owner: User, place: str) -> None:
    project = make_project(owner, label_config=EVIL_CONFIG)
    [task] = make_tasks(project, [{"page": f"<p>Harmless words</p>{EVIL}"}])
    watch = watched(owner)
    page = watch.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: note(dialogs, dialog))

    page.goto(f"/projects/{project.pk}/{place}")
    if place == "label":
        expect(page.locator("#label-state[data-state=ready]")).to_be_attached()
        shown = page.frame_locator("iframe.editor-frame:not(.is-spare)")
    else:
        expect_preview(page)
        page.get_by_label("Task to preview", exact=True).select_option(str(task.pk))
        shown = preview(page)
    expect(shown.get_by_text("Harmless words").first).to_be_visible()
    expect(shown.get_by_text("<img src='/nothing.png'").first).to_be_visible()
    page.wait_for_timeout(800)  # time for handlers to run, if they did

    assert dialogs == []
    assert page.evaluate("window.pwned") is None
    watch.expect_problem("CSP", "Content Security Policy", "nothing.png", "404")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_how_it_looks(watched: OpenWatched, owner: User, width: int, theme: str) -> None:
    project = make_project(
        owner, label_config=ENTITIES.replace('  <Image name="photo" value="$photo"/>\n', "")
    )
    watch = watched(owner, width=width, theme=theme)
    page = watch.page
    page.goto(f"/projects/{project.pk}/settings/labeling")
    expect(page.get_by_text("No problems found")).to_be_visible()
    for name in ("Code", "Visual", "Preview"):
        tab = page.get_by_role("tab", name=name)
        if tab.is_visible():
            tab.click()
        if name == "Preview":
            expect_preview(page)
            page.wait_for_timeout(500)  # the editor fades its labels in
        check(page, f"labeling-{name.lower()}", width, theme)
    page.get_by_role("tab", name="Code").click()
    code(page).fill("<View>\n  <Txt name='a'/>\n  <Choices name='c' toName='b'/>\n</View>")
    expect(page.get_by_role("button", name="Line 2")).to_be_visible()
    check(page, "labeling-problems", width, theme)
    code(page).press("Control+f")
    check(page, "labeling-search", width, theme)
    code(page).fill("")
    expect(page.get_by_text("Nothing is shown and asked yet")).to_be_visible()
    page.keyboard.type("<Vi")
    expect(page.get_by_role("option", name="View")).to_be_visible()
    check(page, "labeling-completion", width, theme)
