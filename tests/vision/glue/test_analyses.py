"""The life of an analysis, without a broker: each job is run by hand."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image

from catalog.services import remove_image
from tests.vision.fakes import FakePredictor
from tests.vision.tiny import make_weights
from vision import inference
from vision.messages import MESSAGES, error_message
from vision.models import Analysis
from vision.services import analyses, queue_analysis, requeue_stale_analyses, retry_analysis, run_analysis

pytestmark = pytest.mark.django_db
HERE = socket.gethostname()[:100]
DEAD = f"{HERE}:999999999"


def running(analysis: Analysis, *, worker: str, minutes: float = 0, attempts: int = 1) -> None:
    started = timezone.now() - timedelta(minutes=minutes)
    Analysis.objects.filter(pk=analysis.pk).update(
        state="running", worker=worker, started_at=started, attempts=attempts
    )


def test_an_added_photo_is_queued_once(upload: Any, jobs: list[int]) -> None:
    image = upload()
    again = queue_analysis(image=image)
    assert image.analysis == again
    assert (again.state, again.attempts) == ("queued", 0)
    assert jobs == [again.pk]


def test_a_broker_that_is_down_loses_nothing(upload: Any, monkeypatch: Any, jobs: list[int]) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("broker")

    with monkeypatch.context() as patch:
        patch.setattr("vision.services.queue.async_task", down)
        analysis = upload().analysis
    assert (analysis.state, jobs) == ("queued", [])
    assert requeue_stale_analyses(lost_after=timedelta(0)) == 1
    assert jobs == [analysis.pk]


def test_a_run_leaves_answers_and_pictures(upload: Any, predictor: Any) -> None:
    image = upload(size=(300, 400))
    fake = predictor()
    assert run_analysis(image.analysis.pk) == "done"
    done = Analysis.objects.get(image=image)
    assert (done.state, done.attempts, done.error_code) == ("done", 1, "")
    assert done.worker == f"{HERE}:{os.getpid()}"
    assert done.started_at <= done.finished_at
    assert set(done.result) == {"category", "pattern", "scene", "colours", "mask_share", "decision", "model", "ms"}
    assert done.result["category"]["top3"][0] == ["shirt", 0.97]
    assert np.frombuffer(done.embedding, np.float32).shape == (256,)
    assert fake.seen == [(300, 400)]
    image.refresh_from_db()
    with Image.open(image.cutout) as cutout, Image.open(image.listing) as listing:
        assert (cutout.format, cutout.mode, cutout.size) == ("PNG", "RGBA", (300, 400))
        assert cutout.getpixel((150, 200))[3] == 255
        assert cutout.getpixel((2, 2))[3] == 0
        assert (listing.format, listing.size) == ("JPEG", (1200, 1200))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(40, 60000), (60000, 40)])
def test_a_strip_is_analysed_and_cut_out(upload: Any, kind: str, size: tuple[int, int], tmp_path, monkeypatch) -> None:
    predictor = inference.load_folder(make_weights(tmp_path / "tiny"))
    monkeypatch.setattr(inference, "get_predictor", lambda: predictor)
    image = upload(size=size, kind=kind)
    assert run_analysis(image.analysis.pk) == "done"
    image.refresh_from_db()
    with Image.open(image.cutout) as cutout, Image.open(image.listing) as listing, Image.open(image.tile) as tile:
        assert sorted(cutout.size) == [1, 1600]
        assert (listing.size, tile.size) == ((1200, 1200), (320, 320))


def test_a_large_turned_photo_is_looked_at_small_and_upright(upload: Any, predictor: Any) -> None:
    fake = predictor()
    turned = Image.Exif()
    turned[0x0112] = 6
    image = upload(size=(3200, 2400), exif=turned)
    run_analysis(image.analysis.pk)
    assert fake.seen == [(576, 768)]
    image.refresh_from_db()
    with Image.open(image.cutout) as cutout:
        assert cutout.size == (1200, 1600)


def test_no_garment_no_cut_out(analysed: Any) -> None:
    analysis = analysed(empty=True, decision="unknown")
    assert analysis.state == "done"
    assert not analysis.image.cutout
    assert not analysis.image.listing


def test_running_twice_changes_nothing(analysed: Any, predictor: Any) -> None:
    analysis = analysed()
    fake = predictor(category="dress")
    assert run_analysis(analysis.pk) == ""
    assert fake.seen == []
    assert Analysis.objects.get(pk=analysis.pk).result == analysis.result


def test_a_photo_removed_before_and_meanwhile(upload: Any, actor: Any, monkeypatch: Any) -> None:
    image = upload()
    pk = image.analysis.pk

    class Removing(FakePredictor):
        def predict(self, images: Any) -> Any:
            remove_image(image=image, actor=actor)
            return super().predict(images)

    monkeypatch.setattr(inference, "get_predictor", Removing)
    assert run_analysis(pk) == ""
    assert run_analysis(pk) == ""
    assert not Analysis.objects.exists()


def test_a_worker_that_was_given_up_writes_nothing(upload: Any, monkeypatch: Any) -> None:
    analysis = upload().analysis

    class Late(FakePredictor):
        def predict(self, images: Any) -> Any:
            Analysis.objects.filter(pk=analysis.pk).update(state="queued")
            monkeypatch.setattr(inference, "get_predictor", lambda: FakePredictor(category="dress"))
            assert run_analysis(analysis.pk) == "done"
            return super().predict(images)

    monkeypatch.setattr(inference, "get_predictor", lambda: Late(category="hat"))
    assert run_analysis(analysis.pk) == ""
    analysis.refresh_from_db()
    assert (analysis.state, analysis.result["category"]["label"]) == ("done", "dress")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "photo_missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "photo_damaged"),
        (lambda path: path.write_bytes(b""), "photo_damaged"),
    ],
)
def test_a_spoilt_file_fails_with_a_reason(upload: Any, predictor: Any, tmp_path: Any, spoil: Any, code: str) -> None:
    image = upload()
    spoil(tmp_path / "media" / image.original.name)
    assert run_analysis(image.analysis.pk) == "failed"
    failed = Analysis.objects.get(image=image)
    assert (failed.state, failed.error_code, failed.result) == ("failed", code, {})
    assert failed.finished_at
    assert error_message(code) == str(MESSAGES[code])


def test_no_model_fails_and_can_be_tried_again(
    upload: Any, predictor: Any, monkeypatch: Any, capture: Any, jobs: list[int]
) -> None:
    image = upload()
    with monkeypatch.context() as patch:

        def none() -> None:
            raise inference.NoModel

        patch.setattr(inference, "get_predictor", none)
        assert run_analysis(image.analysis.pk) == "failed"
    assert Analysis.objects.get().error_code == "no_model"
    with capture(execute=True):
        analysis = retry_analysis(image=image)
    assert (analysis.state, analysis.attempts, analysis.error_code) == ("queued", 0, "")
    assert jobs == [analysis.pk, analysis.pk]
    assert run_analysis(analysis.pk) == "done"


def test_an_unexpected_error_is_tried_three_times(upload: Any, predictor: Any, jobs: list[int]) -> None:
    predictor(error=RuntimeError("bad luck"))
    analysis = upload().analysis
    assert [run_analysis(analysis.pk) for _ in range(3)] == ["queued", "queued", "failed"]
    assert jobs == [analysis.pk] * 3
    analysis.refresh_from_db()
    assert (analysis.attempts, analysis.error_code) == (3, "unexpected")


def test_only_what_has_ended_is_looked_at_again(upload: Any, analysed: Any, capture: Any, jobs: list[int]) -> None:
    waiting = upload("red")
    busy = upload("green")
    running(busy.analysis, worker=f"{HERE}:{os.getpid()}")
    done = analysed("blue")
    jobs.clear()
    with capture(execute=True):
        states = [retry_analysis(image=image).state for image in (waiting, busy, done.image)]
    assert states == ["queued", "running", "queued"]
    assert jobs == [done.pk]


@pytest.mark.parametrize(
    ("worker", "minutes", "taken_up"),
    [
        (DEAD, 0, True),
        (f"{HERE}:{os.getpid()}", 0, False),
        (f"{HERE}:1", 0, False),
        ("elsewhere:999999999", 1, False),
        ("elsewhere:999999999", 3, True),
        ("", 1, False),
        ("", 3, True),
    ],
    ids=["dead", "this one", "another here", "elsewhere", "elsewhere for long", "unknown", "unknown for long"],
)
def test_what_a_dead_worker_left_is_taken_up(
    upload: Any, worker: str, minutes: int, taken_up: bool, jobs: list[int]
) -> None:
    analysis = upload().analysis
    running(analysis, worker=worker, minutes=minutes)
    jobs.clear()
    assert requeue_stale_analyses() == int(taken_up)
    analysis.refresh_from_db()
    assert analysis.state == ("queued" if taken_up else "running")
    assert jobs == [analysis.pk] * taken_up


def test_a_photo_that_kills_its_workers_ends_with_a_reason(upload: Any) -> None:
    analysis = upload().analysis
    running(analysis, worker=DEAD, attempts=3)
    requeue_stale_analyses()
    analysis.refresh_from_db()
    assert (analysis.state, analysis.error_code) == ("failed", "stopped")


def test_lost_jobs_are_added_again_once_a_minute(upload: Any, monkeypatch: Any, jobs: list[int]) -> None:
    analysis = upload().analysis
    jobs.clear()
    assert requeue_stale_analyses() == 0
    Analysis.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert [requeue_stale_analyses(), requeue_stale_analyses()] == [1, 0]
    assert jobs == [analysis.pk]


@pytest.mark.parametrize(("waiting", "added"), [(0, 2), (1, 1), (2, 0), (900, 0)])
def test_a_long_queue_does_not_grow_by_being_swept(upload: Any, monkeypatch: Any, waiting: int, added: int) -> None:
    for colour in ("red", "green", "blue"):
        upload(colour)
    monkeypatch.setattr(analyses, "SWEEP_LIMIT", 2)
    monkeypatch.setattr(analyses, "waiting_jobs", lambda: waiting)
    assert requeue_stale_analyses(lost_after=timedelta(0)) == added
