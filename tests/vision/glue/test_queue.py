"""Which queue takes a job, what the schedules call, and what a worker does before its first job."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Schedule
from django_q.signals import post_spawn

from catalog.models import ProductImage
from catalog.signals import image_added
from tests.vision.fakes import FakePredictor
from vision import inference, receivers, tasks
from vision.models import Analysis
from vision.services import queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def heavy(settings: Any) -> Schedule:
    settings.VISION_QUEUE = "heavy"
    schedule, _created = Schedule.objects.update_or_create(
        cluster="heavy",
        defaults={"name": "heavy", "func": "vision.tasks.requeue_stale_analyses", "next_run": timezone.now()},
    )
    return schedule


def test_the_light_queue_by_default(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert queue.target_queue() == "light"


@pytest.mark.parametrize(("seconds", "target"), [(40, "heavy"), (-20, "heavy"), (-90, "light")])
def test_heavy_work_falls_to_light_when_nobody_listens(heavy: Schedule, seconds: int, target: str) -> None:
    heavy.next_run = timezone.now() + timedelta(seconds=seconds)
    heavy.save()
    assert queue.target_queue() == target


@pytest.mark.parametrize(("name", "seconds"), [("light", 120), ("heavy", 600), ("no such", 120)])
def test_an_analysis_may_take_as_long_as_its_queue_lets_it(settings: Any, name: str, seconds: int) -> None:
    settings.VISION_QUEUE = name
    assert queue.time_limit() == timedelta(seconds=seconds)


def test_a_heavy_worker_that_never_was(heavy: Schedule) -> None:
    heavy.delete()
    assert queue.target_queue() == "light"


@pytest.mark.parametrize("name", ["light", "heavy"])
def test_a_job_reaches_the_broker(heavy: Schedule, settings: Any, own_broker: str, name: str) -> None:
    settings.VISION_QUEUE = name
    queue.enqueue(7)
    assert (queue.waiting_jobs(), get_broker(name).queue_size()) == (1, 1)


def test_each_queue_is_swept_every_minute() -> None:
    migration = import_module("vision.migrations.0003_sweep_schedule")
    assert {cluster for _name, cluster in migration.SCHEDULES} == {None, "heavy"}
    module, _dot, function = migration.FUNCTION.rpartition(".")
    assert callable(getattr(import_module(module), function))


def test_the_tasks_call_their_services(upload: Any, predictor: Any) -> None:
    analysis = upload().analysis
    assert tasks.analyse_image(analysis.pk) == "done"
    assert tasks.analyse_image(analysis.pk) == ""
    assert tasks.analyse_image(0) == ""
    assert tasks.requeue_stale_analyses() == 0


def test_the_receivers_are_connected_once(upload: Any, jobs: list[int]) -> None:
    image = upload()
    assert len(jobs) == 1
    image_added.send(sender=ProductImage, image=image)
    assert (len(jobs), Analysis.objects.count()) == (1, 1)


def test_a_new_worker_warms_up_and_takes_up(upload: Any, jobs: list[int], monkeypatch: Any) -> None:
    fake = FakePredictor()
    monkeypatch.setattr(inference, "get_predictor", lambda: fake)
    for module in ("vision.receivers", "erp.exchange.receivers"):
        monkeypatch.setattr(f"{module}.close_old_connections", lambda: None)
    analysis = upload().analysis
    jobs.clear()
    post_spawn.send(sender="django_q", proc_name="test")
    assert fake.seen == [(64, 64)]
    assert jobs == [analysis.pk]


@pytest.mark.parametrize("error", [inference.NoModel(), RuntimeError("out of memory")])
def test_a_worker_without_a_model_starts_all_the_same(
    upload: Any, jobs: list[int], monkeypatch: Any, error: Exception
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(inference, "get_predictor", fail)
    for module in ("vision.receivers", "erp.exchange.receivers"):
        monkeypatch.setattr(f"{module}.close_old_connections", lambda: None)
    upload()
    jobs.clear()
    receivers.prepare_worker("django_q")
    assert len(jobs) == 1
