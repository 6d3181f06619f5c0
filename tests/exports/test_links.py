"""Links to files of exports, for people who are not signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.exports.keeping import delete_export
from apps.exports.links import make_link
from apps.exports.models import Export
from apps.projects.models import Membership
from apps.projects.policy import Role
from tests.cast import Cast
from tests.factories import make_export

pytestmark = pytest.mark.django_db


def test_who_has_a_link_downloads_the_file_without_signing_in(cast: Cast, api: Any) -> None:
    row = make_export(cast.project, cast.manager)
    address = f"/api/projects/{cast.project.pk}/exports/{row.pk}/link"
    made = api(cast.manager).post(address, {"hours": 2}, format="json")
    answer = api(None).get(made.json()["url"])
    with default_storage.open(row.file) as file:
        assert b"".join(answer.streaming_content) == file.read()
    assert made.status_code == 201
    assert answer["Content-Disposition"] == f'attachment; filename="{row.filename}"'
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, no-store", "no-referrer")


def test_making_and_using_a_link_is_in_the_audit_log_once_a_download(cast: Cast, api: Any) -> None:
    row = make_export(cast.project, cast.manager)
    link = make_link(row=row, made_by=cast.manager)
    api(None).get(link.path)
    api(None).get(link.path, HTTP_RANGE="bytes=5-")
    made, used = Entry.objects.filter(action=AuditAction.PROJECT_EXPORTED).order_by("pk")[1:]
    assert (made.actor_id, made.after["link_to"]) == (cast.manager.pk, row.pk)
    assert (used.actor_id, used.project_id) == (None, cast.project.pk)
    assert used.after == {"downloaded": row.pk, "format": "JSON", "by_link_of": "manager@example.com"}


def test_a_link_ends_no_later_than_the_file(cast: Cast) -> None:
    row = make_export(cast.project, cast.manager)
    soon = timezone.now() + timedelta(minutes=5)
    row.expires_at = soon
    assert make_link(row=row, made_by=cast.manager, hours=24).expires_at == soon.replace(microsecond=0)


def expire(row: Export, cast: Cast) -> None:
    Export.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def delete(row: Export, cast: Cast) -> None:
    delete_export(row=row, deleted_by=cast.owner)


def make_anew(row: Export, cast: Cast) -> None:
    Export.objects.filter(pk=row.pk).update(file="export/another.json")


def degrade(row: Export, cast: Cast) -> None:
    Membership.objects.filter(user=cast.manager).update(role=Role.ANNOTATOR)


def deactivate(row: Export, cast: Cast) -> None:
    cast.manager.is_active = False
    cast.manager.save()


@pytest.mark.parametrize(
    "end", [expire, delete, make_anew, degrade, deactivate], ids=lambda function: function.__name__
)
def test_a_link_ends_with_what_it_is_for_and_with_the_right_of_its_maker(
    cast: Cast, api: Any, end: Any
) -> None:
    row = make_export(cast.project, cast.manager)
    link = make_link(row=row, made_by=cast.manager)
    end(row, cast)
    answer = api(None).get(link.path)
    assert (answer.status_code, answer.json()["detail"]) == (
        404, "This link does not hold any more. Ask whoever sent it for a new one.",
    )  # fmt: skip


def test_the_time_of_a_link_is_over_some_day(cast: Cast, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    link = make_link(row=make_export(cast.project, cast.manager), made_by=cast.manager, hours=1)
    assert api(None).get(link.path).status_code == 200
    moment = timezone.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    assert api(None).get(link.path).status_code == 404


def test_what_somebody_else_signed_or_changed_is_no_link(cast: Cast, api: Any) -> None:
    row = make_export(cast.project, cast.manager)
    link = make_link(row=row, made_by=cast.manager)
    other = signing.dumps({"export": row.pk}, salt="something else")
    for key in ("nonsense", other, f"{link.path.rpartition('/')[2]}x"):
        assert api(None).get(f"/api/exports/links/{key}").status_code == 404


@pytest.mark.parametrize("hours", [0, 9000, "24", True, 1.5], ids=repr)
def test_a_time_that_is_none_is_refused(cast: Cast, api: Any, hours: Any) -> None:
    row = make_export(cast.project, cast.manager)
    address = f"/api/projects/{cast.project.pk}/exports/{row.pk}/link"
    answer = api(cast.manager).post(address, {"hours": hours}, format="json")
    assert (answer.status_code, list(answer.json()["validation_errors"])) == (400, ["hours"])
    assert not Entry.objects.filter(after__has_key="link_to").exists()
