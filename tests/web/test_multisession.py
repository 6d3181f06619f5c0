"""Multisession mode: each browser is a guest with a project of its own, until somebody signs in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts.guests import admit_guest
from apps.accounts.models import Session, User
from apps.accounts.services import create_sign_in_link
from apps.jobs.models import Job
from apps.projects.first_projects import ensure_first_project
from apps.projects.invitations import create_invitation
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from apps.web.multisession import VISIT_COOKIE
from tests.cast import Cast
from tests.factories import CHOICES_CONFIG, make_completion, make_project, make_tasks, make_user

BrowserOf = Callable[[User | None], Client]

PASSWORD = "four words make one"
# What Chromium sends when a person opens an address.
NAVIGATION = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Sec-Fetch-Dest": "document"}


@pytest.fixture(autouse=True)
def multi_session(settings) -> None:
    settings.MULTI_SESSION = True
    settings.GUESTS_ALLOWED = True
    settings.FIRST_PROJECT = {"title": "Reviews", "label_config": CHOICES_CONFIG}
    cache.delete("guests:127.0.0.1")


def visits_of(browser: Client) -> dict[str, str]:
    """Return the cookies of a browser's first visit."""
    return {name: cookie.value for name, cookie in browser.cookies.items() if name.startswith(VISIT_COOKIE)}


def give_visits(browser: Client, visits: dict[str, str]) -> None:
    for name, value in visits.items():
        browser.cookies[name] = value


def open_page(browser: Client, address: str = "/"):
    return browser.get(address, headers=NAVIGATION, follow=True)


def guest_of(browser: Client) -> User:
    """Return whose session a browser has."""
    key = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    return User.objects.get(sessions__session_key=key)


class TestAFirstVisit:
    def test_leads_to_a_new_project_of_the_guests_own(self, db: None) -> None:
        browser = Client()

        answer = open_page(browser)

        project = Project.objects.get()
        assert answer.redirect_chain[-1] == (f"/projects/{project.pk}/", HTTPStatus.FOUND)
        assert (project.title, project.label_config) == ("Reviews", CHOICES_CONFIG)
        assert Membership.objects.get().user == guest_of(browser) == User.objects.get(is_guest=True)

    def test_leads_to_the_page_that_was_asked_for(self, db: None) -> None:
        assert open_page(Client(), "/account?x=1").redirect_chain[-1][0] == "/account?x=1"

    def test_of_two_browsers_makes_two_projects_that_neither_sees_of_the_other(self, db: None) -> None:
        browsers = [Client(), Client()]
        for browser in browsers:
            open_page(browser)
        own = [Membership.objects.get(user=guest_of(browser)).project_id for browser in browsers]

        seen = [
            [browser.get(f"/projects/{pk}/", headers=NAVIGATION).status_code for pk in own]
            for browser in browsers
        ]

        assert seen == [[200, 404], [404, 200]]

    def test_is_made_once(self, db: None) -> None:
        browser = Client()
        for _ in range(3):
            open_page(browser)

        assert (User.objects.count(), Project.objects.count()) == (1, 1)

    def test_whose_cookie_was_sent_twice_meets_one_guest(self, db: None) -> None:
        browser, same_browser = Client(), Client()
        browser.get("/", headers=NAVIGATION)
        give_visits(same_browser, visits_of(browser))

        open_page(browser)
        open_page(same_browser)

        assert guest_of(browser) == guest_of(same_browser)
        assert (User.objects.count(), Project.objects.count()) == (1, 1)

    @pytest.mark.parametrize("later_is_quicker", [False, True], ids=["in-turn", "overtaken"])
    def test_whose_tabs_opened_at_once_is_one_guest(self, db: None, later_is_quicker: bool) -> None:
        first, second = Client(), Client()  # of one browser: neither had a cookie when it asked
        for tab in (first, second):
            tab.get("/", headers=NAVIGATION)
        give_visits(second, visits_of(first))  # the browser has both by the time the second one goes on

        for tab in (second, first) if later_is_quicker else (first, second):
            open_page(tab)

        assert guest_of(first) == guest_of(second)
        assert (User.objects.count(), Project.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="a health check"),
        pytest.param({"Accept": "*/*"}, id="curl"),
        pytest.param({"Accept": "application/json"}, id="a program"),
        pytest.param(NAVIGATION | {"Sec-Fetch-Dest": "image"}, id="a picture"),
        pytest.param(NAVIGATION | {"Sec-Purpose": "prefetch;prerender"}, id="a prefetch"),
    ],
)
def test_whatever_is_no_person_at_a_browser_is_sent_to_the_sign_in_page(
    db: None, headers: dict[str, str]
) -> None:
    answer = Client().get("/", headers=headers)

    assert (answer.status_code, answer["Location"]) == (302, "/signin?next=/")
    assert not User.objects.exists()


def test_a_robot_that_keeps_no_cookies_makes_no_guest(db: None) -> None:
    entry = Client().get("/", headers=NAVIGATION)

    answer = Client().get(entry["Location"], headers=NAVIGATION)

    assert entry["Location"] == "/guest?next=%2F"
    assert answer.status_code == 400
    assert "kept no cookie" in answer.content.decode()
    assert not User.objects.exists()


def test_a_visit_cookie_that_somebody_made_up_admits_nobody(db: None) -> None:
    browser = Client()
    give_visits(browser, {VISIT_COOKIE: "made-up:1abcde:signature"})

    assert browser.get("/guest").status_code == 400
    assert not User.objects.exists()


def test_the_api_without_credentials_stays_closed(db: None) -> None:
    answers = [
        Client().get(path, headers=NAVIGATION) for path in ("/api/projects", "/api/current-user/whoami")
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert Client().post("/projects/new", headers=NAVIGATION)["Location"] == "/signin?next=/projects/new"
    assert not User.objects.exists()


def test_the_entry_leads_to_no_other_site(db: None) -> None:
    browser = Client()
    browser.get("/", headers=NAVIGATION)

    assert browser.get("/guest?next=https://evil.example/", headers=NAVIGATION)["Location"].startswith(
        "/projects/"
    )


def test_where_guests_are_not_allowed_people_sign_in_and_get_a_project(db: None, settings) -> None:
    settings.GUESTS_ALLOWED = False
    person = make_user("pat@example.com", password=PASSWORD)
    browser = Client()

    assert open_page(browser).redirect_chain[-1][0] == "/signin?next=/"
    browser.post("/signin", {"username": person.email, "password": PASSWORD})
    open_page(browser)

    assert Membership.objects.get().user == person
    assert browser.get("/guest").status_code == 302


def test_somebody_who_deletes_their_only_project_gets_no_new_one_before_they_come_again(
    db: None, browser_of: BrowserOf
) -> None:
    person = make_user()
    browser = browser_of(person)
    open_page(browser)
    browser.post(f"/projects/{Project.objects.get().pk}/delete", {"confirmed_title": "Reviews"})

    open_page(browser)
    assert not Project.objects.filter(deleted_at=None).exists()
    open_page(browser_of(person))
    assert Project.objects.filter(deleted_at=None).count() == 1


def test_outside_of_the_mode_nobody_is_admitted_and_nobody_gets_a_project(
    db: None, settings, browser_of: BrowserOf
) -> None:
    settings.MULTI_SESSION = settings.GUESTS_ALLOWED = False

    assert open_page(Client()).redirect_chain[-1][0] == "/signin?next=/"
    open_page(browser_of(make_user()))

    assert not User.objects.filter(is_guest=True).exists()
    assert not Project.objects.exists()


def test_a_guests_session_lasts_as_long_as_the_guest(db: None, settings) -> None:
    settings.GUEST_LIFETIME_DAYS = 45
    browser = Client()
    open_page(browser)

    session = Session.objects.get(user=guest_of(browser))

    assert session.expire_date > timezone.now() + timedelta(days=44)


class TestClaiming:
    def test_makes_an_account_that_finds_the_project_from_elsewhere(self, db: None) -> None:
        browser, elsewhere = Client(), Client()
        project_page = open_page(browser).redirect_chain[-1][0]

        answer = browser.post("/account/claim", {"email": "Pat@Example.com", "password": PASSWORD})
        signed_in = elsewhere.post("/signin", {"username": "pat@example.com", "password": PASSWORD})

        assert (answer["Location"], signed_in["Location"]) == ("/account", "/")
        assert browser.get("/account", headers=NAVIGATION).status_code == 200
        assert elsewhere.get(project_page, headers=NAVIGATION).status_code == 200
        assert Project.objects.count() == 1

    def test_an_address_that_is_taken_is_said_beside_the_field(self, db: None) -> None:
        make_user("taken@example.com")
        browser = Client()
        open_page(browser)

        answer = browser.post("/account/claim", {"email": "TAKEN@example.com", "password": PASSWORD})

        assert answer.status_code == 422
        assert answer.context["form"].errors["email"] == ["There is an account with this e-mail already."]
        assert guest_of(browser).is_guest

    def test_is_offered_to_guests_only(self, db: None, browser_of: BrowserOf) -> None:
        guest, person = Client(), browser_of(make_user())

        assert "Make this account yours" in open_page(guest, "/account").content.decode()
        assert "Make this account yours" not in open_page(person, "/account").content.decode()
        assert person.get("/account/claim")["Location"] == "/account"


@pytest.mark.parametrize("way", ["password", "link"])
def test_a_guest_who_signs_in_takes_the_work_along(db: None, way: str) -> None:
    person = make_user("pat@example.com", password=PASSWORD)
    browser = Client()
    open_page(browser)
    guest, project = guest_of(browser), Project.objects.get()
    make_tasks(project, [{"text": "one"}])

    if way == "password":
        assert browser.get("/signin").status_code == 200
        browser.post("/signin", {"username": person.email, "password": PASSWORD})
    else:
        browser.get(f"/link/{create_sign_in_link(user=person)}")

    assert guest_of(browser) == person
    assert Membership.objects.get(project=project).user == person
    assert not Membership.objects.filter(user=guest).exists()


class TestSharing:
    def share(self, cast: Cast, role: Role) -> str:
        return create_invitation(created_by=cast.owner, project=cast.project, role=role)[1]

    @pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.MANAGER])
    def test_a_guest_of_another_browser_gets_the_role_the_link_carries(self, cast: Cast, role: Role) -> None:
        key = self.share(cast, role)
        browser = Client()

        page = open_page(browser, f"/invite/{key}")
        browser.post(f"/invite/{key}/accept")

        assert page.status_code == 200
        assert Membership.objects.get(project=cast.project, user=guest_of(browser)).role == role

    def test_looking_at_a_link_gives_nothing_yet(self, cast: Cast) -> None:
        key = self.share(cast, Role.MANAGER)
        browser = Client()

        open_page(browser, f"/invite/{key}")

        assert not Membership.objects.filter(project=cast.project, user=guest_of(browser)).exists()

    def test_an_unknown_link_is_a_clear_page_and_makes_no_guest(self, db: None) -> None:
        answer = open_page(Client(), f"/invite/{'0' * 40}")

        assert answer.status_code == 404
        assert "There is no such invitation" in answer.content.decode()
        assert not User.objects.exists()

    def test_a_projects_number_gives_no_access(self, cast: Cast) -> None:
        browser = Client()
        open_page(browser)

        for page in ("", "tasks", "settings", "members"):
            assert open_page(browser, f"/projects/{cast.project.pk}/{page}").status_code == 404
        assert browser.post(f"/projects/{cast.project.pk}/switch").status_code == 404
        assert browser.get(f"/api/projects/{cast.project.pk}").status_code == 404


class TestProjectManagement:
    def test_lists_what_the_person_belongs_to_with_the_role(self, cast: Cast, browser_of: BrowserOf) -> None:
        rows = browser_of(cast.reviewer).get("/projects/manage").context["rows"]

        assert [(row.project, row.role, row.totals.tasks, row.members) for row in rows] == [
            (cast.project, "Reviewer", 3, 5)
        ]
        assert not any(row.may_rename or row.may_share or row.may_delete for row in rows)
        assert rows[0].may_leave

    def test_switching_makes_a_project_the_current_one(self, cast: Cast, browser_of: BrowserOf) -> None:
        newer = make_project(cast.owner, title="Newer")
        browser = browser_of(cast.owner)
        assert browser.get("/tasks")["Location"] == f"/projects/{newer.pk}/tasks"

        browser.post(f"/projects/{cast.project.pk}/switch")

        assert browser.get("/tasks")["Location"] == f"/projects/{cast.project.pk}/tasks"
        current = [row.project for row in browser.get("/projects/manage").context["rows"] if row.is_current]
        assert current == [cast.project]

    def test_a_manager_renames(self, cast: Cast, browser_of: BrowserOf) -> None:
        browser_of(cast.manager).post(f"/projects/{cast.project.pk}/rename", {"title": " Birds "})

        cast.project.refresh_from_db()
        assert cast.project.title == "Birds"

    @pytest.mark.parametrize("title", ["", "  ", "x" * 256, "a\x00b"])
    def test_a_name_that_is_none_changes_nothing(self, cast: Cast, browser_of: BrowserOf, title: str) -> None:
        answer = browser_of(cast.owner).post(
            f"/projects/{cast.project.pk}/rename", {"title": title}, follow=True
        )

        cast.project.refresh_from_db()
        assert cast.project.title == "Sentiments"
        assert "The name was not changed." in answer.content.decode()

    @pytest.mark.parametrize("person", ["reviewer", "annotator", "viewer"])
    def test_others_may_not_rename(self, cast: Cast, browser_of: BrowserOf, person: str) -> None:
        browser = browser_of(cast.people()[person])

        assert browser.post(f"/projects/{cast.project.pk}/rename", {"title": "X"}).status_code == 403

    def test_only_owners_delete_and_a_job_does_it(self, cast: Cast, browser_of: BrowserOf) -> None:
        address = f"/projects/{cast.project.pk}/delete"

        refused = browser_of(cast.manager).post(address, {"confirmed_title": "Sentiments"})
        browser_of(cast.owner).post(address, {"confirmed_title": "Sentiments"})

        assert refused.status_code == 403
        assert Job.objects.get(kind="project-deletion").payload["project"] == cast.project.pk


class TestGuestsForAdministrators:
    def away(self) -> User:
        guest = admit_guest(visit="away")
        project = ensure_first_project(user=guest)
        assert project is not None
        make_completion(make_tasks(project, [{"text": "one"}])[0], guest)
        User.objects.filter(pk=guest.pk).update(
            last_login=timezone.now() - timedelta(days=40), date_joined=timezone.now() - timedelta(days=50)
        )
        return guest

    def test_lists_those_kept_for_their_work(self, cast: Cast, browser_of: BrowserOf) -> None:
        guest = self.away()

        shown = browser_of(cast.administrator).get("/guests").context["guests"]

        assert [(row.person, row.completions, len(row.projects)) for row in shown] == [(guest, 1, 1)]

    def test_an_administrator_deletes_one(self, cast: Cast, browser_of: BrowserOf) -> None:
        guest = self.away()
        browser = browser_of(cast.administrator)

        assert browser.post(f"/guests/{guest.pk}/delete")["Location"] == "/guests"
        assert browser.post(f"/guests/{cast.owner.pk}/delete").status_code == 404

        assert not User.objects.filter(is_guest=True).exists()
        assert User.objects.filter(pk=cast.owner.pk, is_active=True).exists()

    @pytest.mark.parametrize("person", ["owner", "viewer", "stranger"])
    def test_nobody_else_sees_or_deletes_guests(self, cast: Cast, browser_of: BrowserOf, person: str) -> None:
        guest = self.away()
        browser = browser_of(cast.people()[person])

        assert browser.get("/guests").status_code == 403
        assert browser.post(f"/guests/{guest.pk}/delete").status_code == 403
        assert User.objects.filter(pk=guest.pk).exists()


def test_the_admin_panel_is_closed_to_guests(db: None) -> None:
    browser = Client()
    open_page(browser)

    assert browser.get("/admin/").status_code == 403
