"""Whether the server is up, and whether it can work."""

from __future__ import annotations

import pytest

from apps.jobs.models import Worker


def test_health_is_open_and_says_up(api, db):
    assert api(None).get("/api/health").json() == {"status": "up"}
    assert api(None).get("/health").json() == {"status": "UP"}


def test_readiness_names_a_missing_worker(api, db):
    response = api(None).get("/api/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "ok"
    assert response.json()["checks"]["migrations"] == "ok"
    assert response.json()["checks"]["redis"] == "ok"
    assert "No worker was heard from" in response.json()["checks"]["worker"]


def test_readiness_is_up_with_a_worker(api, db):
    Worker.objects.create(hostname="worker@here")
    response = api(None).get("/api/health/ready/")
    assert (response.status_code, response.json()["status"]) == (200, "up")


def test_readiness_names_a_missing_redis(api, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = api(None).get("/api/health/ready")
    assert response.status_code == 503
    assert "Redis does not answer" in response.json()["checks"]["redis"]


@pytest.mark.parametrize("address", ["/version", "/api/version/"])
def test_the_version_is_what_clients_look_for(api, db, address):
    body = api(None).get(address).json()
    assert body["edition"] == "Community"
    assert body["label-studio-os-package"]["version"] == body["release"]
