"""The door of the panel: sign-in, sign-out, and the content security policy behind it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User


def test_people_who_are_not_signed_in_go_to_the_sign_in_page_and_come_back(worlds, panel):
    response = panel(None).get("/admin/tasks/task/?q=7")
    assert response.status_code == 302
    assert response["Location"] == "/signin?next=/admin/tasks/task/%3Fq%3D7"


def test_the_panels_own_sign_in_leads_to_the_products(worlds, panel):
    assert (
        panel(None).get("/admin/login/?next=/admin/jobs/job/")["Location"] == "/signin?next=/admin/jobs/job/"
    )
    assert panel(None).get("/admin/login/")["Location"] == "/signin?next=/admin/"
    assert panel(worlds.cast.manager).get("/admin/login/")["Location"] == "/admin/"


def test_the_panels_sign_in_leads_nowhere_else(worlds, panel):
    assert panel(worlds.cast.manager).get("/admin/login/?next=//evil.example/")["Location"] == "/admin/"


def test_owners_managers_and_administrators_get_in(worlds, panel):
    allowed = {
        name
        for name, person in worlds.cast.people().items()
        if panel(person).get("/admin/").status_code == 200
    }
    assert allowed == {"owner", "manager", "stranger", "administrator"}


def test_members_who_manage_nothing_are_told_why_not(worlds, panel):
    response = panel(worlds.cast.annotator).get("/admin/")
    assert response.status_code == 403
    assert b"Its owner can make you a manager" in response.content


def test_knowing_whether_somebody_gets_in_takes_one_query_and_is_remembered(worlds):
    for name, queries in (("manager", 1), ("viewer", 1), ("administrator", 0)):
        person = User.objects.get(pk=getattr(worlds.cast, name).pk)
        with CaptureQueriesContext(connection) as asked:
            answers = {person.is_staff for _ in range(3)}
        assert len(asked) == queries, name
        assert answers == {name != "viewer"}


def test_a_deactivated_administrator_is_no_staff(worlds):
    worlds.cast.administrator.is_active = False
    assert not worlds.cast.administrator.is_staff


def test_signing_out_there_signs_out_of_the_product(worlds, panel):
    browser = panel(worlds.cast.manager)
    assert browser.post("/admin/logout/")["Location"] == "/signin"
    assert browser.get("/account").status_code == 302


def test_passwords_are_changed_on_ones_account(worlds, panel):
    assert panel(worlds.cast.manager).get("/admin/password_change/")["Location"] == "/account"


@pytest.mark.parametrize("address", ["/admin/", "/admin/tasks/task/"])
def test_the_policy_is_relaxed_for_the_theme_and_nowhere_else(worlds, panel, address):
    policy = panel(worlds.cast.manager).get(address)["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    elsewhere = panel(worlds.cast.manager).get("/account")["Content-Security-Policy"]
    assert "unsafe" not in elsewhere


def test_searching_the_menu_takes_any_page_number(worlds, panel):
    browser = panel(worlds.cast.manager)
    assert browser.get("/admin/search/?s=task").status_code == 200
    assert browser.get("/admin/search/?s=task&page=x").status_code == 400


@pytest.mark.parametrize(
    "name", ["unfold/css/styles.css", "unfold/js/alpine/alpine.js", "admin_panel/panel.css"]
)
def test_the_product_itself_serves_the_themes_files(panel, name):
    response = panel(None).get(f"/static/{name}")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
