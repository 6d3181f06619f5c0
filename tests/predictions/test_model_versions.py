"""Which versions of models predicted in a project."""

from __future__ import annotations

from collections.abc import Callable

from apps.predictions.queries import model_versions
from tests.factories import choice, make_project, make_tasks


def predicted(*versions: str) -> dict[str, object]:
    """Return a row with a prediction of each version."""
    predictions = [{"result": choice(), "model_version": version} for version in versions]
    return {"data": {"text": "a"}, "predictions": predictions}


def test_each_version_is_named_once_in_order(db: None) -> None:
    project = make_project()
    make_tasks(project, [predicted("v2", "v1"), predicted("v1", "", "bert"), predicted("v2")])

    assert model_versions(project.pk) == ["", "bert", "v1", "v2"]


def test_versions_of_other_projects_are_not_named(db: None) -> None:
    project, other = make_project(), make_project()
    make_tasks(other, [predicted("v1")])

    assert model_versions(project.pk) == []


def test_they_cost_one_query(db: None, django_assert_num_queries: Callable[..., object]) -> None:
    project = make_project()
    make_tasks(project, [predicted(*[f"v{number}" for number in range(20)])])

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(model_versions(project.pk)) == 20
