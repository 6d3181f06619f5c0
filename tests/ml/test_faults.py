"""Each way in which a backend can go wrong: the state, the cause and the remedy recorded; nothing half stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.ml.calling import calling
from apps.ml.models import BackendFailure, BackendState, MLBackend
from apps.ml.protocol.errors import BackendError
from apps.ml.protocol.tasks import task_documents
from apps.predictions.models import Prediction
from tests.cast import Cast
from tests.ml.backends import connected
from tests.ml.fake_backend import FakeBackend

CO, DI, ER = BackendState.CONNECTED, BackendState.DISCONNECTED, BackendState.ERROR
PREDICT = "/predict"


def is_down(fake: FakeBackend) -> None:
    fake.stop()


def wants_credentials(fake: FakeBackend) -> None:
    fake.credentials = "model:secret"


def redirects_to_itself(fake: FakeBackend) -> None:
    fake.redirects(PREDICT, f"{fake.url}{PREDICT}")


FAULTS: list[tuple[str, Callable[[FakeBackend], None], BackendState, str, str]] = [
    ("down", is_down, DI, "does not accept a connection", "Start the backend"),
    ("slow", lambda fake: fake.is_silent(PREDICT), DI, "did not answer within 0.5 seconds", "more seconds"),
    ("dies-mid-answer", lambda fake: fake.dies_mid_answer(PREDICT), ER, "broke off", "backend's log"),
    ("500", lambda fake: fake.answers(PREDICT, {"detail": "CUDA"}, 500), ER, "status 500: CUDA", "backend's log"),
    ("401", wants_credentials, ER, "refuses the credentials", "Enter the user name and password"),
    ("404", lambda fake: fake.answers(PREDICT, {}, 404), ER, "has no /predict", "without /predict"),
    ("html", lambda fake: fake.answers_html(PREDICT), ER, "a page of HTML", "sign-in before it"),
    ("no-json", lambda fake: fake.answers_bytes(PREDICT, b"{"), ER, "no valid JSON", "the backend's own"),
    ("list", lambda fake: fake.answers(PREDICT, []), ER, "no JSON object", "that of an ML backend"),
    ("wrong-count", lambda fake: fake.answers(PREDICT, {"results": [{}]}), ER, "1 predictions for 3", "Mend"),
    ("no-results", lambda fake: fake.answers(PREDICT, {"results": {}}), ER, "results must be a list", "Mend"),
    ("100-mb", lambda fake: fake.answers_too_much(PREDICT), ER, "larger than 32 MB", "smaller batches"),
    (
        "private-address",
        lambda fake: fake.redirects(PREDICT, "http://10.0.0.1/predict"),
        DI, "server's own network", "ML_ALLOWED_HOSTS",
    ),
    ("circle", redirects_to_itself, DI, "redirects more than 3 times", "public address"),
    (
        "bad-version",
        lambda fake: fake.answers(PREDICT, {"results": [{}, {}, {}], "model_version": {}}),
        ER, "model_version must be a text", "Mend",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "state", "cause", "remedy"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_fault_is_recorded_with_its_cause_and_remedy(
    cast: Cast,
    fake: FakeBackend,
    fault: Callable[[FakeBackend], None],
    state: BackendState,
    cause: str,
    remedy: str,
) -> None:
    backend = connected(cast.project, fake, predict_seconds=0.5 if fault is FAULTS[1][1] else 30)
    fault(fake)
    tasks = task_documents(cast.project, list(cast.project.tasks.values_list("pk", flat=True)))
    with pytest.raises(BackendError), calling(backend, call="predict") as client:
        client.predict(tasks)
    stored = MLBackend.objects.get(pk=backend.pk)
    assert stored.state == state
    assert cause in stored.error_message
    failure = BackendFailure.objects.get(backend=backend)
    assert failure.message.startswith("ML backend “Sentiments”: ")
    assert cause in failure.message
    assert remedy in failure.remedy
    assert (
        failure.request_excerpt.startswith(f"POST {fake.url}/predict")
        or "results" in failure.response_excerpt
    )
    assert not Prediction.objects.exists()


def test_a_certificate_that_nobody_signed_is_told(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    MLBackend.objects.filter(pk=backend.pk).update(url=fake.url.replace("http://", "https://"))
    backend.refresh_from_db()
    with pytest.raises(BackendError), calling(backend, call="health") as client:
        client.health()
    failure = BackendFailure.objects.get(backend=backend)
    assert "its certificate is not valid" in failure.message
    assert "signed by a known authority" in failure.remedy
