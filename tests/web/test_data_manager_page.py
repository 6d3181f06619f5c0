"""The data manager page: its state in the address, filters, orders, tabs, and what each row tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.completions.drafts import save_draft
from apps.data_manager.columns import COLUMNS
from apps.data_manager.models import View
from apps.predictions.services import save_prediction
from tests.cast import Cast
from tests.factories import assign, choice, make_completion, make_project, make_tasks, make_view

BrowserOf = Callable[[User | None], Client]

IMAGES = '<View><Image name="i" value="$image"/><Audio name="a" value="$sound"/></View>'


def filters(*items: Any, conjunction: str = "and") -> str:
    """Return filters as they stand in the address."""
    return json.dumps({"conjunction": conjunction, "items": list(items)})


def rule(column: str, operator: str, value: Any, type: str = "String") -> dict[str, Any]:
    """Return one filter."""
    return {"filter": f"filter:tasks:{column}", "operator": operator, "type": type, "value": value}


def ids(response: Any) -> list[int]:
    """Return the ids of the tasks that a page shows."""
    return [row.id for row in response.context["rows"]]


@pytest.fixture
def address(cast: Cast) -> str:
    return f"/projects/{cast.project.pk}/tasks"


def test_tasks_come_in_pages_and_a_page_past_the_end_is_the_last_one(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    make_tasks(cast.project, [{"text": str(number)} for number in range(60)])
    browser = browser_of(cast.viewer)

    pages = [browser.get(address, {"page": page, "page_size": 25}) for page in (1, 3, 99)]

    assert [len(ids(page)) for page in pages] == [25, 13, 13]
    assert [page.context["paging"].first for page in pages] == [1, 51, 51]


def test_the_address_holds_search_filters_order_columns_layout_and_page_size(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    first, second, third = cast.project.tasks.order_by("pk")
    asked: dict[str, Any] = {
        "q": "text",
        "filters": filters(rule("id", "not_equal", second.pk, "Number")),
        "ordering": ["-data.text", "id"],
        "columns": ["state", "data.text"],
        "widths": '{"state": 99999}',
        "layout": "grid",
        "page_size": 25,
    }

    page = browser_of(cast.viewer).get(address, asked)

    assert ids(page) == [third.pk, first.pk]
    state = page.context["state"]
    assert state.columns == ("state", "data.text")
    assert (state.layout, state.page_size, dict(state.widths)) == ("grid", 25, {"state": 1200})


def test_the_page_writes_the_address_it_was_opened_with(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    asked: dict[str, Any] = {
        "q": "a b&c",
        "filters": filters(rule("data.text", "contains", "ü")),
        "ordering": ["-id"],
        "page": "1",
    }
    browser = browser_of(cast.viewer)
    opened = browser.get(address, asked).context["opened"]

    again = browser.get(f"{address}{opened.address()}").context["opened"]

    assert again.state == opened.state


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ([], [1, 2, 3]),
        (["-id"], [3, 2, 1]),
        (["-total_annotations", "-id"], [2, 3, 1]),
        (["inner_id"], [1, 2, 3]),
    ],
)
def test_the_order_has_several_keys(
    cast: Cast, browser_of: BrowserOf, address: str, ordering: list[str], expected: list[int]
) -> None:
    make_completion(cast.project.tasks.get(inner_id=2), cast.annotator)

    page = browser_of(cast.viewer).get(address, {"ordering": ordering})

    assert [row.inner_id for row in page.context["rows"]] == expected


def test_a_click_on_a_head_orders_up_then_down_then_not_and_shift_keeps_the_other_keys(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    browser = browser_of(cast.viewer)

    def head(ordering: list[str]) -> Any:
        return browser.get(address, {"ordering": ordering}).context["heads"][0]

    assert head([]).address == "?ordering=id"
    assert head(["id"]).address == "?ordering=-id"
    assert head(["-id"]).address == "?"
    assert head(["-state", "id"]).added == "?ordering=-state&ordering=-id"
    assert (head(["-state", "id"]).place, head(["-state", "id"]).direction) == (2, "ascending")


def test_filters_stand_above_the_table_in_words_each_with_the_address_without_it(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    cast.annotator.first_name, cast.annotator.last_name = "Ana", "Torres"
    cast.annotator.save()
    group = {
        "conjunction": "or",
        "items": [rule("labels", "contains", "Positive", "List"), rule("id", "in", {"min": 1}, "Number")],
    }
    asked = filters(
        rule("annotators", "contains", cast.annotator.pk, "List"),
        group,
        rule("completed_at", "empty", True, "Datetime"),
    )

    chips = browser_of(cast.viewer).get(address, {"filters": asked}).context["chips"]

    assert [shown.chip.text for shown in chips] == [
        "Annotators have Ana Torres",
        "(Labels have “Positive” or ID is at least 1)",
        "Completed is empty",
    ]
    without = browser_of(cast.viewer).get(f"{address}{chips[1].without}").context["chips"]
    assert [shown.chip.text for shown in without] == ["Annotators have Ana Torres", "Completed is empty"]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (rule("data.text", "less", "a"), 'cannot be compared by "less"'),
        (rule("id", "equal", "many", "Number"), "must be compared with a number"),
        (rule("completed_by__password", "equal", "x"), 'There is no column "completed_by__password"'),
        ({"filter": "id"}, "has no operator"),
        ("id", "A filter looks like"),
    ],
)
def test_what_is_wrong_with_a_filter_stands_beside_it(
    cast: Cast, browser_of: BrowserOf, address: str, item: Any, told: str
) -> None:
    right = rule("data.text", "contains", "text")

    page = browser_of(cast.viewer).get(address, {"filters": filters(right, item)})

    assert page.status_code == 422
    assert [told in shown.chip.problem for shown in page.context["chips"]] == [False, True]
    assert list(json.loads(page.context["page_state"])["problems"]) == ["1"]
    assert page.context["rows"] == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"filters": "{"}, "filters is not valid JSON"),
        ({"filters": "[]"}, "Filters look like"),
        ({"filters": '{"conjunction": "xor"}'}, "Filters look like"),
        ({"ordering": "password"}, "There is no column"),
        ({"ordering": "labels"}, "cannot be ordered by"),
        ({"columns": "secret"}, "There is no column"),
        ({"widths": "[1]"}, "widths looks like"),
        ({"filters": json.dumps({"items": [rule("data.text", "regex", "(")]})}, "cannot be searched"),
    ],
)
def test_an_address_that_is_wrong_says_so_and_leads_on(
    cast: Cast, browser_of: BrowserOf, address: str, asked: dict[str, str], told: str
) -> None:
    page = browser_of(cast.viewer).get(address, asked)

    assert page.status_code == 422
    assert told in page.content.decode()
    assert "Clear filters" in page.content.decode()


def test_numbers_out_of_range_are_taken_as_the_nearest_or_usual_ones(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    browser = browser_of(cast.viewer)

    for asked in (
        {"page": "-1"},
        {"page": "9" * 30},
        {"page_size": str(10**9)},
        {"layout": "pie"},
        {"page": "x"},
    ):
        page = browser.get(address, asked)
        assert page.status_code == 200
        assert len(ids(page)) == 3


def test_a_row_tells_state_data_people_and_labels(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    cast.annotator.first_name, cast.annotator.last_name = "Ana", "Torres"
    cast.annotator.save()
    first, second, _ = cast.project.tasks.order_by("pk")
    make_completion(first, cast.annotator, lead_time=12.34)
    make_completion(second, cast.reviewer, was_cancelled=True, result=[])
    columns = ["data.text", "state", "annotators", "labels", "avg_lead_time", "inner_id"]

    rows = browser_of(cast.viewer).get(address, {"columns": columns}).context["rows"]

    cells = [str(cell) for cell in rows[0].cells]
    assert [cell.split(">", 1)[1].split("<")[0] for cell in cells[:2]] == ["text 1", "Labeled"]
    assert 'aria-label="Ana Torres"' in cells[2]
    assert "Positive" in cells[3]
    assert cells[4:] == ["12.3 s", "1"]
    assert "Skipped" in rows[1].cells[1]
    assert "Open" in rows[2].cells[1]


@pytest.mark.parametrize("person", ["owner", "annotator"])
def test_every_declared_column_can_be_shown(
    cast: Cast, browser_of: BrowserOf, address: str, person: str
) -> None:
    task = cast.project.tasks.order_by("pk")[0]
    make_completion(task, cast.annotator, lead_time=1.5, ground_truth=True)
    save_prediction(task_id=task.pk, result=choice(), model_version="bert-2", score=0.5)
    names = [column.id for column in COLUMNS if column.id != "id"]

    page = browser_of(getattr(cast, person)).get(address, {"columns": names})

    assert page.status_code == 200
    assert [shown.name for shown in page.context["columns"]] == names
    assert {len(row.cells) for row in page.context["rows"]} == {len(names)}


def test_annotators_see_only_their_own_answers_in_cells_and_filters(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    task = cast.project.tasks.order_by("pk")[0]
    make_completion(task, cast.reviewer)
    save_draft(task_id=task.pk, user=cast.annotator, result=[])  # which makes the task one of theirs
    columns, asked = ["labels", "annotators"], filters(rule("labels", "contains", "Positive", "List"))

    pages = {
        person: browser_of(person).get(address, {"columns": columns})
        for person in (cast.annotator, cast.viewer)
    }
    found = {person: ids(browser_of(person).get(address, {"filters": asked})) for person in pages}

    assert "Positive" not in "".join(pages[cast.annotator].context["rows"][0].cells)
    assert "Positive" in "".join(pages[cast.viewer].context["rows"][0].cells)
    assert found == {cast.annotator: [], cast.viewer: [task.pk]}


def test_pictures_and_players_show_only_what_may_be_loaded(cast: Cast, browser_of: BrowserOf) -> None:
    project = make_project(cast.owner, label_config=IMAGES)
    make_tasks(
        project,
        [
            {"image": "https://example.com/a.png", "sound": "/data/upload/1/a.wav"},
            {"image": "javascript:alert(1)", "sound": "<script>alert(1)</script>"},
        ],
    )

    page = browser_of(cast.owner).get(f"/projects/{project.pk}/tasks")

    good, bad = page.context["rows"]
    assert '<img class="dm-thumb" src="https://example.com/a.png"' in good.cells[0]
    assert 'data-play="audio" data-source="/data/upload/1/a.wav"' in good.cells[1]
    assert bad.cells[0] == '<div class="dm-text">javascript:alert(1)</div>'
    assert bad.cells[1] == '<div class="dm-text">&lt;script&gt;alert(1)&lt;/script&gt;</div>'
    assert "https:" in page["Content-Security-Policy"].split("img-src")[1].split(";")[0]


def test_a_tab_shows_what_it_keeps_and_says_when_the_page_shows_something_else(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    task = cast.project.tasks.order_by("pk")[1]
    kept: dict[str, Any] = {
        "filters": {"conjunction": "and", "items": [rule("id", "equal", task.pk, "Number")]}
    }
    tab = make_view(
        cast.project, cast.owner, title="Second", ordering=["-tasks:id"], columns=["state"], **kept
    )
    browser = browser_of(cast.viewer)

    as_kept = browser.get(address, {"tab": tab.pk})
    changed = browser.get(f"{address}?tab={tab.pk}&filters=")

    assert ids(as_kept) == [task.pk]
    assert as_kept.context["state"].columns == ("state",)
    assert not as_kept.context["opened"].is_changed
    assert len(ids(changed)) == 3
    assert changed.context["opened"].is_changed
    assert changed.context["opened"].address() == f"?tab={tab.pk}&filters="


def test_who_may_export_goes_from_a_tab_to_the_export_of_its_tasks(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    tab = make_view(cast.project, cast.owner)
    link = f'href="/projects/{cast.project.pk}/export?view={tab.pk}"'

    pages = {
        person: browser_of(person).get(address, {"tab": tab.pk}).content.decode()
        for person in (cast.manager, cast.reviewer)
    }

    assert link in pages[cast.manager]
    assert link not in pages[cast.reviewer]


def test_tabs_of_other_projects_and_private_tabs_of_others_are_not_found(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    elsewhere = make_view(make_project(cast.owner), cast.owner)
    private = make_view(cast.project, cast.manager, is_shared=False)
    browser = browser_of(cast.owner)

    statuses = [
        browser.get(address, {"tab": tab}).status_code for tab in (elsewhere.pk, private.pk, "x", 10**20)
    ]

    assert statuses == [404, 404, 404, 404]


def test_saving_a_tab_keeps_what_the_page_shows_with_the_search_as_a_filter(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    asked = "?q=text&ordering=-id&columns=state&layout=grid&page_size=25"

    response = browser_of(cast.annotator).post(
        f"{address}/tabs/new{asked}", {"title": "Mine", "is_shared": "on"}
    )

    tab = View.objects.get()
    assert response["Location"] == f"{address}?tab={tab.pk}"
    assert (tab.user, tab.is_shared) == (cast.annotator, False)
    assert tab.data == {
        "title": "Mine", "type": "grid", "ordering": ["-tasks:id"], "columns": ["state"], "columnsWidth": {},
        "page_size": 25,
        "filters": {"conjunction": "and", "items": [rule("data", "contains", "text")]},
    }  # fmt: skip
    first, _, last = cast.project.tasks.order_by("pk")
    assign(first, cast.annotator)
    assign(last, cast.annotator)
    assert ids(browser_of(cast.annotator).get(f"{address}?tab={tab.pk}")) == [last.pk, first.pk]


def test_a_page_that_is_wrong_is_not_saved(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    asked = f"?filters={filters(rule('id', 'equal', 'x', 'Number'))}"

    response = browser_of(cast.owner).post(f"{address}/tabs/new{asked}", {"title": "Wrong"})

    assert response.status_code == 422
    assert "must be compared with a number" in response.content.decode()
    assert not View.objects.exists()


def test_tabs_are_saved_again_renamed_duplicated_moved_and_deleted(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    browser = browser_of(cast.owner)
    first, second = (make_view(cast.project, cast.owner, title=title) for title in ("One", "Two"))

    browser.post(f"{address}/tabs/{second.pk}/save?tab={second.pk}&ordering=-id")
    browser.post(f"{address}/tabs/{second.pk}/edit", {"title": "Three"})
    browser.post(f"{address}/tabs/{second.pk}/duplicate")
    browser.post(f"{address}/tabs/{second.pk}/move", {"direction": "left"})
    browser.post(f"{address}/tabs/{first.pk}/delete")

    tabs = View.objects.order_by("order", "pk")
    assert [(tab.title, tab.is_shared, tab.data["ordering"]) for tab in tabs] == [
        ("Three", False, ["-tasks:id"]),
        ("Three (copy)", False, ["-tasks:id"]),
    ]


@pytest.mark.parametrize("way", ["save", "edit", "move", "delete"])
def test_a_shared_tab_is_changed_by_managers_alone(
    cast: Cast, browser_of: BrowserOf, address: str, way: str
) -> None:
    tab = make_view(cast.project, cast.owner, title="Shared")
    other = make_view(cast.project, cast.owner, title="Other")

    sent = {"title": "Taken", "direction": "right"}
    response = browser_of(cast.annotator).post(f"{address}/tabs/{tab.pk}/{way}?ordering=-id", sent)

    assert response.status_code == 403
    found = View.objects.order_by("order", "pk")
    assert [(view.pk, view.title, view.data) for view in found] == [
        (tab.pk, "Shared", tab.data),
        (other.pk, "Other", other.data),
    ]


def test_a_project_without_tasks_says_what_comes_first(cast: Cast, browser_of: BrowserOf) -> None:
    empty = make_project(cast.owner)

    page = browser_of(cast.owner).get(f"/projects/{empty.pk}/tasks").content.decode()

    assert "No tasks yet" in page
    assert f'href="/projects/{empty.pk}/import"' in page


def test_filters_that_nothing_passes_can_be_cleared(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    page = browser_of(cast.viewer).get(address, {"q": "zebra", "layout": "grid"})

    assert "No task matches" in page.content.decode()
    assert page.context["unfiltered"] == "?layout=grid"


def test_htmx_gets_only_what_depends_on_the_address(cast: Cast, browser_of: BrowserOf, address: str) -> None:
    answer = browser_of(cast.viewer).get(address, headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()
    assert 'id="dm-head" hx-swap-oob' in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_viewers_are_offered_no_action_and_others_those_of_their_role(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    offered = {
        person.email.split("@")[0]: {
            action.id for action in browser_of(person).get(address).context["actions"]
        }
        for person in (cast.viewer, cast.annotator, cast.reviewer, cast.manager)
    }

    assert offered["viewer"] == offered["annotator"] == set()
    assert "delete_tasks_annotations" in offered["reviewer"]
    assert "delete_tasks" in offered["manager"] - offered["reviewer"]


def test_choices_of_filters_are_the_projects_labels_people_and_model_versions(
    cast: Cast, browser_of: BrowserOf, address: str
) -> None:
    task = cast.project.tasks.order_by("pk")[0]
    save_prediction(task_id=task.pk, result=choice(), model_version="bert-2")

    context = browser_of(cast.owner).get(address).context["columns_context"]

    choices = {column["id"]: column["choices"] for column in context["columns"]}
    assert choices["labels"] == [["Positive", "Positive"], ["Negative", "Negative"]]
    assert choices["predictions_model_versions"] == [["bert-2", "bert-2"]]
    assert [cast.annotator.pk, str(cast.annotator)] in choices["annotators"]


@pytest.mark.parametrize("part", [False, True], ids=["page", "part"])
def test_a_page_costs_the_same_number_of_queries_however_many_rows(
    cast: Cast, browser_of: BrowserOf, address: str, part: bool
) -> None:
    browser, headers = browser_of(cast.owner), {"HX-Request": "true"} if part else {}
    asked: dict[str, Any] = {
        "filters": filters(rule("labels", "contains", "Positive", "List")),
        "columns": ["labels", "annotators"],
    }

    def queries_of_a_page() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(address, asked, headers=headers)
        return len(queries)

    make_completion(cast.project.tasks.order_by("pk")[0], cast.annotator)
    browser.get(address, asked, headers=headers)
    of_one = queries_of_a_page()
    for task in make_tasks(cast.project, [{"text": str(number)} for number in range(20)]):
        make_completion(task, cast.annotator)

    of_many = queries_of_a_page()

    assert of_many == of_one
    assert of_many <= (15 if part else 20)
