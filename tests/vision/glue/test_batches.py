"""Several photos in one job: who is taken along, and what happens when one of them, or the worker, breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django_q.conf import Conf
from PIL import Image

from catalog.models import Product
from catalog.services import add_image
from tests.factories import ProductFactory
from tests.vision.fakes import FakePredictor, photo
from tests.vision.glue.test_analyses import DEAD, running
from vision import inference, tasks
from vision.models import Analysis
from vision.services import looking, queue, requeue_stale_analyses, retry_analysis, run_batch
from vision.services.turns import companions

pytestmark = pytest.mark.django_db
State = Analysis.State


@pytest.fixture
def add(db: None, actor: Any, capture: Any, jobs: list[int]) -> Callable[..., list[int]]:
    """Adds so many photos to a product and gives the ids of their analyses, in order."""
    shade = iter(range(10_000))

    def upload(product: Product, count: int = 1, **options: Any) -> list[int]:
        made = []
        for _photo in range(count):
            number = next(shade)
            data = photo(f"#{number % 256:02x}{number // 256:02x}40", kind="PNG", **options)
            with capture(execute=True):
                image = add_image(product=product, data=data, filename="a.jpg", actor=actor)
            made.append(image.analysis.pk)
        return made

    return upload


def states(ids: Sequence[int]) -> list[str]:
    found = dict(Analysis.objects.filter(pk__in=ids).values_list("pk", "state"))
    return [found[pk] for pk in ids]


def test_a_job_takes_others_along_and_their_jobs_find_nothing(add: Any, product: Product, predictor: Any) -> None:
    fake = predictor()
    ids = add(product, 6)
    assert tasks.analyse_image(ids[0]) == "done"
    assert len(fake.seen) == project.VISION_BATCH["light"] == 4
    assert states(ids) == ["done", "queued", "queued", "done", "done", "done"]
    assert [tasks.analyse_image(pk) for pk in ids] == ["", "done", "", "", "", ""]
    assert states(ids) == ["done"] * 6
    assert set(Analysis.objects.values_list("attempts", flat=True)) == {1}
    assert len(fake.seen) == 6


def test_each_photo_of_a_batch_has_its_own_answer_and_pictures(add: Any, product: Product, monkeypatch: Any) -> None:
    class Telling(FakePredictor):
        def predict(self, images: Sequence[Image.Image]) -> Any:
            batches.append(len(images))
            return super().predict(images)

    batches: list[int] = []
    monkeypatch.setattr(inference, "get_predictor", Telling)
    ids = add(product, 1, size=(200, 100)) + add(product, 1, size=(100, 300)) + add(product, 1, size=(150, 150))
    run_batch(ids[1])
    assert batches == [3]
    for pk, size in zip(ids, [(200, 100), (100, 300), (150, 150)], strict=True):
        analysis = Analysis.objects.select_related("image").get(pk=pk)
        assert (analysis.state, analysis.batch) == ("done", 3)
        with Image.open(analysis.image.cutout) as cutout:
            assert cutout.size == size


def test_a_single_photo_makes_a_batch_of_one(add: Any, product: Product, predictor: Any) -> None:
    fake = predictor()
    (pk,) = add(product)
    assert run_batch(pk) == "done"
    assert (len(fake.seen), Analysis.objects.get().batch) == (1, 1)


@pytest.mark.parametrize(("queue_name", "size"), [("light", 4), ("heavy", 32), ("another", 1)])
def test_how_many_go_together_is_the_queues_matter(monkeypatch: Any, queue_name: str, size: int) -> None:
    monkeypatch.setattr(Conf, "CLUSTER_NAME", queue_name)
    assert queue.batch_size() == size


# ---- whose turn it is ----


def test_a_clerks_photo_does_not_wait_behind_another_brands_upload(add: Any, product: Product, predictor: Any) -> None:
    predictor()
    crowd = add(product, 9)
    (lone,) = add(ProductFactory())
    crowd += add(product, 9)
    assert run_batch(crowd[0]) == "done"
    assert states([lone]) == ["done"]


def test_brands_take_turns_and_the_newest_photo_of_each_goes_first(add: Any, product: Product) -> None:
    other, third = ProductFactory(), ProductFactory()
    first = add(product, 4)
    second = add(other, 2)
    (lone,) = add(third)
    assert companions(first[0], 9) == [lone, second[1], first[3], second[0], first[2], first[1]]
    assert companions(first[0], 2) == [lone, second[1]]
    assert companions(lone, 3) == [second[1], first[3], second[0]]
    assert companions(lone, 0) == []


def test_old_photos_are_reached_by_their_own_jobs(add: Any, product: Product, predictor: Any) -> None:
    """As in a queue: however many come later, each job ends its own photo."""
    predictor()
    ids = add(product, 12)
    for pk in ids[:3]:
        run_batch(pk)
        assert states([pk]) == ["done"]


def test_photos_from_before_lanes_were_kept(add: Any, product: Product) -> None:
    ids = add(product, 3)
    Analysis.objects.update(lane=None)
    assert companions(ids[0], 5) == [ids[2], ids[1]]


def test_choosing_asks_few_questions(add: Any, product: Product, django_assert_max_num_queries: Any) -> None:
    ids = add(product, 8) + add(ProductFactory(), 8) + add(ProductFactory(), 8)
    with django_assert_max_num_queries(4):
        companions(ids[0], 3)


# ---- what breaks ----


def test_one_damaged_photo_does_not_spoil_its_batch(add: Any, product: Product, predictor: Any, tmp_path: Any) -> None:
    predictor()
    ids = add(product, 4)
    damaged, missing = (Analysis.objects.get(pk=pk).image.original.name for pk in ids[1:3])
    (tmp_path / "media" / damaged).write_bytes(b"no photo")
    (tmp_path / "media" / missing).unlink()
    assert run_batch(ids[0]) == "done"
    assert states(ids) == ["done", "failed", "failed", "done"]
    codes = dict(Analysis.objects.values_list("pk", "error_code"))
    assert [codes[pk] for pk in ids] == ["", "photo_damaged", "photo_missing", ""]


def test_a_photo_that_breaks_the_model_breaks_it_alone(add: Any, product: Product, monkeypatch: Any, jobs: Any) -> None:
    class Brittle(FakePredictor):
        def predict(self, images: Sequence[Image.Image]) -> Any:
            if any(image.size == (77, 77) for image in images):
                raise MemoryError("too much")
            return super().predict(images)

    monkeypatch.setattr(inference, "get_predictor", Brittle)
    ids = add(product, 3)
    (bad,) = add(product, 1, size=(77, 77))
    jobs.clear()
    assert run_batch(ids[0]) == "done"
    assert states([*ids, bad]) == ["done"] * 3 + ["queued"]
    assert jobs == [bad]
    assert [run_batch(bad), run_batch(bad)] == ["queued", "failed"]
    assert Analysis.objects.get(pk=bad).error_code == "unexpected"


def test_no_model_fails_all_with_the_reason(add: Any, product: Product, monkeypatch: Any) -> None:
    def none() -> None:
        raise inference.NoModel

    monkeypatch.setattr(inference, "get_predictor", none)
    ids = add(product, 3)
    assert run_batch(ids[0]) == "failed"
    assert set(Analysis.objects.values_list("state", "error_code")) == {("failed", "no_model")}


def died_together(ids: Sequence[int]) -> None:
    for pk in ids:
        running(Analysis.objects.get(pk=pk), worker=DEAD)
    Analysis.objects.filter(pk__in=ids).update(batch=len(ids))


def test_a_batch_that_died_is_looked_at_one_by_one(add: Any, product: Product, predictor: Any, jobs: Any) -> None:
    fake = predictor()
    ids = add(product, 3)
    (fresh,) = add(product)
    died_together(ids)
    jobs.clear()
    assert requeue_stale_analyses() == 3
    assert sorted(jobs) == ids
    assert set(Analysis.objects.filter(pk__in=ids).values_list("attempts", "is_alone")) == {(0, True)}
    run_batch(fresh)
    assert len(fake.seen) == 1  # nobody goes along with what may kill again
    for pk in ids:
        run_batch(pk)
    assert set(Analysis.objects.values_list("attempts", "batch", "state")) == {(1, 1, "done")}


def test_the_one_that_kills_has_three_attempts_alone(add: Any, product: Product, jobs: Any) -> None:
    ids = add(product, 2)
    died_together(ids)
    requeue_stale_analyses()
    for attempts in (1, 2, 3):
        running(Analysis.objects.get(pk=ids[0]), worker=DEAD, attempts=attempts)
        Analysis.objects.filter(pk=ids[0]).update(batch=1)
        requeue_stale_analyses()
    assert states(ids) == ["failed", "queued"]
    assert Analysis.objects.get(pk=ids[0]).error_code == "stopped"


def test_a_person_who_tries_again_starts_anew(add: Any, product: Product, predictor: Any) -> None:
    (pk,) = add(product)
    died_together([pk])
    Analysis.objects.update(batch=2)
    requeue_stale_analyses()
    run_batch(pk)
    analysis = retry_analysis(image=Analysis.objects.get().image)
    assert (analysis.state, analysis.is_alone) == ("queued", False)


def test_a_batch_that_takes_too_long_gives_the_rest_back(
    add: Any, product: Product, predictor: Any, monkeypatch: Any, jobs: Any
) -> None:
    """What is known by then stays known, and does not count as an attempt."""
    monkeypatch.setattr(looking, "time_limit", lambda: timedelta(0))
    monkeypatch.setattr(looking, "THREADS", 1)
    monkeypatch.setattr(inference, "listing_jpeg", lambda *args: time.sleep(0.2) or photo())
    predictor()
    ids = add(product, 4)
    jobs.clear()
    assert run_batch(ids[0]) == "done"
    given_back = Analysis.objects.filter(state="queued")
    assert given_back.count() == len(jobs) >= 1
    assert all(analysis.attempts == 0 and analysis.result for analysis in given_back)


def test_files_beyond_what_may_be_kept_are_read_again(
    add: Any, product: Product, predictor: Any, monkeypatch: Any
) -> None:
    predictor()
    monkeypatch.setattr(looking, "KEPT_BYTES", 0)
    ids = add(product, 3)
    run_batch(ids[0])
    assert states(ids) == ["done"] * 3
    assert all(analysis.image.cutout for analysis in Analysis.objects.select_related("image"))


def test_a_photo_that_was_given_up_meanwhile_is_not_written(add: Any, product: Product, monkeypatch: Any) -> None:
    class Slow(FakePredictor):
        def predict(self, images: Sequence[Image.Image]) -> Any:
            Analysis.objects.filter(pk=ids[2]).update(state=State.QUEUED, started_at=None)
            return super().predict(images)

    monkeypatch.setattr(inference, "get_predictor", Slow)
    ids = add(product, 3)
    run_batch(ids[0])
    assert states(ids) == ["done", "done", "queued"]
    assert Analysis.objects.get(pk=ids[2]).result == {}
