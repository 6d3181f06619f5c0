"""Lists cost the same for one row and for many, never count a large table, and take any parameter."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.models import Entry
from apps.completions.models import Completion
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.tasks.models import Assignment, Lease, Task
from tests.admin.conftest import fill, last_task, rows_of
from tests.admin.test_scoping import OF_NO_PROJECT, PROJECT_OF, list_address, row_address
from tests.factories import make_member, make_tasks

MODELS: list[type[Model]] = [model for model in (*PROJECT_OF, *OF_NO_PROJECT) if model is not Project]


def test_lists_take_as_many_queries_for_many_rows_as_for_few(worlds, panel):
    browser = panel(worlds.cast.administrator)
    few = {model: _queries_and_rows(browser, model) for model in MODELS}
    for _ in range(3):
        fill(worlds.cast.project, worlds.cast.owner)
        make_member(worlds.cast.project, Role.ANNOTATOR)
    for model, (queries, rows) in few.items():
        queries_of_many, many = _queries_and_rows(browser, model)
        assert many > rows, model
        assert queries_of_many == queries <= 12, model


def _queries_and_rows(browser: Client, model: type[Model]) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as queries:
        rows = rows_of(browser.get(list_address(model)))
    return len(queries), len(rows)


def test_many_projects_take_as_many_queries_as_one(worlds, panel):
    browser = panel(worlds.cast.administrator)
    with CaptureQueriesContext(connection) as two:
        assert len(rows_of(browser.get(list_address(Project)))) == 2
    for number in range(5):
        Project.objects.create(title=f"Project {number}", created_by=worlds.cast.owner)
    with CaptureQueriesContext(connection) as seven:
        assert len(rows_of(browser.get(list_address(Project)))) == 7
    assert len(seven) == len(two)


@pytest.mark.parametrize("name", ["administrator", "manager"])
def test_lists_never_count_large_tables(worlds, panel, name):
    browser = panel(getattr(worlds.cast, name))
    for model in (Task, Completion, Prediction, Assignment, Lease):
        with CaptureQueriesContext(connection) as queries:
            rows_of(browser.get(f"{list_address(model)}?project={worlds.cast.project.pk}"))
        about_rows = [query["sql"] for query in queries if f'FROM "{model._meta.db_table}"' in query["sql"]]
        ids, rows = about_rows
        assert "LIMIT 50" in ids, model
        assert f'"{model._meta.db_table}"."id" IN (' in rows, model
        assert not any("COUNT(" in sql for sql in about_rows), model


def test_lists_do_not_read_whole_tasks(worlds, panel):
    with CaptureQueriesContext(connection) as queries:
        rows_of(panel(worlds.cast.manager).get(list_address(Task)))
    ids, rows = [query["sql"] for query in queries if 'FROM "tasks_task"' in query["sql"]]
    assert '"data"' not in ids
    assert '"tasks_task"."data",' not in rows
    assert '"tasks_task"."meta"' not in rows


def test_the_total_comes_from_the_running_totals(worlds, panel):
    browser = panel(worlds.cast.manager)
    assert browser.get(list_address(Task)).context["cl"].paginator.total == 4
    assert browser.get(list_address(Completion)).context["cl"].paginator.total == 1
    assert browser.get(f"{list_address(Task)}?is_labeled__exact=1").context["cl"].paginator.total is None


def test_one_pages_to_the_end(worlds, panel, monkeypatch):
    monkeypatch.setattr(admin.site._registry[Task], "list_per_page", 2)
    make_tasks(worlds.cast.project, [{"text": "a"}])
    browser = panel(worlds.cast.manager)
    pages = [rows_of(browser.get(f"{list_address(Task)}?p={page}")) for page in (1, 2, 3, 4)]
    ids = [row.pk for page in pages for row in page]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert ids == sorted(Task.objects.filter(project=worlds.cast.project).values_list("pk", flat=True))[::-1]
    assert b'rel="next"' in browser.get(f"{list_address(Task)}?p=1").content
    assert b'rel="next"' not in browser.get(f"{list_address(Task)}?p=3").content


def test_a_list_is_not_ordered_by_a_column_without_an_index(worlds, panel):
    with CaptureQueriesContext(connection) as queries:
        rows_of(panel(worlds.cast.manager).get(f"{list_address(Task)}?o=5"))
    for sql in [query["sql"] for query in queries if 'FROM "tasks_task"' in query["sql"]]:
        assert "completions_count" not in sql.partition("ORDER BY")[2]


ODD_QUERIES = (
    "q=%00", "q=abc", "q=99999999999999999999999999", "project=abc", "project=%00",
    "project=99999999999999999999999999", "is_labeled__exact=maybe", "p=abc", "p=-1", "p=99999999", "o=abc.99",
    "nonsense=1", "created_at__year=x", "id__in=a", "all=1", "_facets=1", "_popup=1", "_to_field=password", "e=1",
)  # fmt: skip


@pytest.mark.parametrize("model", [Task, Entry, User], ids=lambda model: model.__name__)
def test_no_parameter_breaks_a_list(worlds, panel, model):
    browser = panel(worlds.cast.administrator)
    for query in ODD_QUERIES:
        assert browser.get(f"{list_address(model)}?{query}").status_code in (200, 302, 400), query


def test_json_is_shown_indented_and_escaped(worlds, panel):
    (task,) = make_tasks(worlds.cast.project, [{"text": "<script>alert(1)</script>"}])
    page = panel(worlds.cast.manager).get(row_address(task)).content.decode()
    assert "<script>alert(1)" not in page
    assert "{\n  &quot;text&quot;: &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;\n}" in page


def test_very_large_json_is_cut_off_and_says_so(worlds, panel):
    task = last_task(worlds.cast.project)
    Task.objects.filter(pk=task.pk).update(data={"text": "x" * 200_000})
    page = panel(worlds.cast.manager).get(row_address(task)).content.decode()
    assert "100,016 more characters" in page
    assert len(page) < 200_000
