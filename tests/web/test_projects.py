"""Making, changing and deleting projects on their pages."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from apps.accounts.models import User
from apps.projects.models import Project
from tests.cast import Cast
from tests.factories import CHOICES_CONFIG, make_project, make_user

BrowserOf = Callable[[User | None], Client]
SETTINGS_PAGES = (
    "settings",
    "settings/labeling",
    "settings/instructions",
    "settings/task-order",
    "settings/templates",
    "settings/api",
    "settings/danger",
)


def test_the_list_holds_the_projects_one_may_see_newest_first(cast: Cast, browser_of: BrowserOf) -> None:
    newer = make_project(cast.owner, title="Newer")
    make_project(cast.stranger, title="Secret")

    cards = browser_of(cast.owner).get("/").context["cards"]

    assert [card.project for card in cards] == [newer, cast.project]
    assert [(card.totals.tasks, card.members) for card in cards] == [(0, 1), (3, 5)]


def test_the_list_is_searched_by_name_and_description(cast: Cast, browser_of: BrowserOf) -> None:
    make_project(cast.owner, title="Signs", description="boxes around them")

    cards = browser_of(cast.owner).get("/?q=BOXES%00").context["cards"]

    assert [card.project.title for card in cards] == ["Signs"]


def test_the_list_costs_the_same_number_of_queries_for_many_projects(
    cast: Cast, browser_of: BrowserOf, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(8):
        make_project(cast.owner, title=f"Project {number}")
    browser = browser_of(cast.owner)

    with django_assert_num_queries(10):  # type: ignore[attr-defined]
        browser.get("/")


def test_a_project_is_created_with_its_config(db: None, browser_of: BrowserOf) -> None:
    manager = make_user(role="manager")

    answer = browser_of(manager).post("/projects/new", {"title": "Hotels", "label_config": CHOICES_CONFIG})

    project = Project.objects.get()
    assert answer["Location"] == f"/projects/{project.pk}/import"
    assert (project.title, project.label_config.strip()) == ("Hotels", CHOICES_CONFIG)


def test_a_wrong_config_is_explained_and_creates_nothing(db: None, browser_of: BrowserOf) -> None:
    manager = make_user(role="manager")

    answer = browser_of(manager).post(
        "/projects/new", {"title": "Hotels", "label_config": "<View>\n<Txt/>\n</View>"}
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors["label_config"] == [
        "<Txt> is no tag of the editor. Did you mean <Text>? (line 2, column 1)"
    ]
    assert not Project.objects.exists()


def test_a_member_without_the_global_role_may_not_create_projects(db: None, browser_of: BrowserOf) -> None:
    member = make_user()

    answer = browser_of(member).post("/projects/new", {"title": "Hotels"})

    assert answer.status_code == 403
    assert not Project.objects.exists()


def test_a_project_is_deleted_only_by_its_name(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.owner)
    address = f"/projects/{cast.project.pk}/delete"

    refused = browser.post(address, {"confirmed_title": "Sentiment"})
    assert refused.status_code == 422
    assert browser.get(f"/projects/{cast.project.pk}/").status_code == 200

    assert browser.post(address, {"confirmed_title": "Sentiments"})["Location"] == "/"
    assert browser.get(f"/projects/{cast.project.pk}/").status_code == 404


def test_a_manager_may_not_delete_the_project(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.manager).post(
        f"/projects/{cast.project.pk}/delete", {"confirmed_title": "Sentiments"}
    )

    assert answer.status_code == 403
    assert browser_of(cast.owner).get(f"/projects/{cast.project.pk}/").status_code == 200


def test_texts_of_people_are_escaped_everywhere(cast: Cast, browser_of: BrowserOf) -> None:
    evil = '"><img src=x onerror=alert(1)></script>'
    Project.objects.filter(pk=cast.project.pk).update(
        title=evil, description=evil, label_config=CHOICES_CONFIG
    )
    cast.project.tasks.update(data={"text": evil})
    browser = browser_of(cast.owner)
    task = cast.project.tasks.order_by("pk").first()
    assert task is not None

    pages = ("", "tasks", f"tasks/{task.pk}", "label", "import", "export", "members", *SETTINGS_PAGES)
    for page in pages:
        content = browser.get(f"/projects/{cast.project.pk}/{page}").content.decode()
        assert "<img src=x" not in content, page
