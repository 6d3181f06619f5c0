"""Multisession mode: everybody who comes has one project of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.core.errors import NotAllowed, ValidationFailed
from apps.projects.first_projects import ensure_first_project
from apps.projects.models import Membership, Project
from apps.projects.policy import Role
from apps.projects.services import create_project
from tests.factories import CHOICES_CONFIG, make_member, make_project, make_user


@pytest.fixture(autouse=True)
def multi_session(settings) -> None:
    settings.MULTI_SESSION = True


def test_somebody_without_a_project_gets_one_as_the_operator_described_it(db: None, settings) -> None:
    settings.FIRST_PROJECT = {"title": "Reviews", "label_config": CHOICES_CONFIG, "sampling": "uniform"}
    person = make_user()

    project = ensure_first_project(user=person)

    assert project is not None
    assert (project.title, project.label_config, project.sampling) == ("Reviews", CHOICES_CONFIG, "uniform")
    assert Membership.objects.get().role == Role.OWNER


def test_without_a_description_the_project_is_empty(db: None) -> None:
    project = ensure_first_project(user=make_user())

    assert project is not None
    assert (project.title, project.label_config) == ("My project", "")


def test_somebody_who_belongs_to_a_project_gets_none(db: None) -> None:
    shared = make_project()
    person = make_member(shared, Role.VIEWER)

    assert ensure_first_project(user=person) is None
    assert Project.objects.get() == shared


def test_a_wrong_labeling_config_makes_no_half_project(db: None, settings) -> None:
    settings.FIRST_PROJECT = {"label_config": "<View><Nonsense/></View>"}

    with pytest.raises(ValidationFailed):
        ensure_first_project(user=make_user())

    assert not Project.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_first_requests_that_come_at_once_make_one_project() -> None:
    person = make_user()

    def come(_: int) -> None:
        try:
            ensure_first_project(user=person)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(come, range(8)))

    assert Project.objects.count() == 1


def test_only_in_multisession_mode_everybody_may_create_projects(db: None, settings) -> None:
    person = make_user()
    create_project(created_by=person, title="Mine")
    settings.MULTI_SESSION = False

    with pytest.raises(NotAllowed):
        create_project(created_by=person, title="Not mine")
