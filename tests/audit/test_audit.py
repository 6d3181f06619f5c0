"""The audit log: who reads it, and what it looks like."""

from __future__ import annotations

import csv
import io

import pytest

from apps.audit.actions import AuditAction
from apps.audit.models import READING_ROLES, Entry
from apps.audit.services import record
from apps.projects.policy import Action, roles_that_may

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(cast):
    Entry.objects.all().delete()
    record(AuditAction.PROJECT_CHANGED, actor=cast.owner, target=cast.project, project_id=cast.project.pk)
    record(AuditAction.USER_CREATED, actor=None, target_name="=cmd|' /C calc'!A0")
    return list(Entry.objects.order_by("pk"))


def test_administrators_read_everything_and_managers_their_projects(cast, api, entries):
    def read(person):
        return [row["action"] for row in api(person).get("/api/audit").json()["results"]]

    created = [AuditAction.TOKEN_CREATED]  # by the test's own client
    assert read(cast.manager) == ["project.changed"]
    assert read(cast.annotator) == []
    assert read(cast.stranger) == []
    assert read(cast.administrator)[-2:] == ["user.created", "project.changed"]
    assert created[0] in read(cast.administrator)


def test_the_reading_roles_are_those_of_the_policy():
    assert set(READING_ROLES) == set(roles_that_may(Action.VIEW_JOBS))


def test_entries_are_filtered(cast, api, entries):
    client = api(cast.administrator)
    found = client.get(f"/api/audit?project={cast.project.pk}&actor=owner&action=project.changed").json()
    assert [row["id"] for row in found["results"]] == [entries[0].pk]
    assert client.get("/api/audit?since=2999-01-01").json()["results"] == []


@pytest.mark.parametrize("query", ["action=nothing", "project=x", "since=yesterday", "until=2026-13-45"])
def test_a_filter_that_cannot_be_read_is_400(cast, api, query):
    assert api(cast.administrator).get(f"/api/audit?{query}").status_code == 400


def test_the_csv_neutralises_formulas(cast, api, entries):
    response = api(cast.administrator).get("/api/audit?as=csv&action=user.created")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert rows[0]["target_name"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["actor"] == "system"


def test_an_act_that_is_rolled_back_is_not_logged(cast):
    from django.db import transaction

    before = Entry.objects.count()
    with transaction.atomic():
        record(AuditAction.PROJECT_CHANGED, actor=cast.owner, target=cast.project)
        transaction.set_rollback(True)
    assert Entry.objects.count() == before
