from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django_q.brokers import get_broker
from django_q.conf import Conf

from catalog.models import Product, ProductImage
from catalog.services import add_image
from tests.factories import ProductFactory, UserFactory
from tests.vision.fakes import FakePredictor, photo
from tests.vision.tiny import make_weights
from vision import inference, registry
from vision.models import Analysis
from vision.services import run_analysis


@pytest.fixture(autouse=True)
def kept_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's shipped models are kept for after an upgrade."""
    monkeypatch.setattr(registry, "KEPT_FOLDER", tmp_path / "models")
    return registry.KEPT_FOLDER


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shipped folder of this test, and a process that has loaded nothing yet."""
    folder = make_weights(tmp_path / "shipped", name="shipped-1")
    monkeypatch.setattr(registry, "SHIPPED_FOLDER", folder)
    inference.forget()
    yield folder
    inference.forget()


@pytest.fixture
def product(db: None) -> Product:
    return ProductFactory(name_ko="", name_en="")


@pytest.fixture
def actor(db: None) -> Any:
    return UserFactory()


@pytest.fixture
def predictor(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakePredictor]:
    """Puts a fake in the place of the model; call it again for another one."""

    def use(**answers: Any) -> FakePredictor:
        fake = FakePredictor(**answers)
        monkeypatch.setattr(inference, "get_predictor", lambda: fake)
        return fake

    use()
    return use


@pytest.fixture
def capture(django_capture_on_commit_callbacks: Any) -> Any:
    return django_capture_on_commit_callbacks


@pytest.fixture
def own_broker(monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty broker that no other test process uses. Returns its REDIS_URL, blank where that is the database."""
    if settings.REDIS_URL:
        number = 10 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 6
        monkeypatch.setattr(Conf, "REDIS", urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl())
    for name in ("light", "heavy"):
        get_broker(name).purge_queue()
    return Conf.REDIS if settings.REDIS_URL else ""


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The analyses whose jobs went to the broker, in order."""
    sent: list[int] = []

    def send(function: str, analysis_id: int, **options: Any) -> None:
        assert function == "vision.tasks.analyse_image"
        sent.append(analysis_id)

    monkeypatch.setattr("vision.services.queue.async_task", send)
    monkeypatch.setattr("vision.services.analyses.waiting_jobs", lambda: 0)
    return sent


@pytest.fixture
def upload(product: Product, actor: Any, capture: Any, jobs: list[int]) -> Callable[..., ProductImage]:
    """Adds a photo as a person would; its job is queued, not run."""

    def add(colour: str = "navy", **options: Any) -> ProductImage:
        with capture(execute=True):
            return add_image(product=product, data=photo(colour, **options), filename="IMG_1.jpg", actor=actor)

    return add


@pytest.fixture
def analysed(upload: Any, predictor: Any) -> Callable[..., Analysis]:
    """Adds a photo and looks at it with a fake that answers what is asked for."""

    def add(colour: str = "navy", **answers: Any) -> Analysis:
        predictor(**answers)
        analysis = upload(colour).analysis
        run_analysis(analysis.pk)
        analysis.refresh_from_db()
        return analysis

    return add
