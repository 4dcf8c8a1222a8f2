"""Movements that commit in another order than their ids, on PostgreSQL."""

from __future__ import annotations

import uuid
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from catalog.models import Brand
from erp.inventory import services
from erp.reports.models import DailyFlow
from erp.reports.services import roll_up
from erp.reports.sql import rollup as sql
from erp.reports.verify import verify_rollups
from tests.reports.shop import Past
from tests.web.shop import build_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def past(transactional_db) -> Past:
    shop = build_shop()
    shop.brand = Brand.objects.get(pk=shop.brand.pk)
    return Past(shop)


class Slow(Thread):
    """Posts, and commits only when told."""

    def __init__(self, past: Past) -> None:
        super().__init__()
        self.past, self.posted, self.go = past, Event(), Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                services.receive(
                    brand=self.past.brand, location=self.past.main, quantities={self.past.shop.variants[1].pk: 5},
                    actor=self.past.shop.owner, idempotency_key=str(uuid.uuid4()),
                )  # fmt: skip
                self.posted.set()
                self.go.wait(30)
        finally:
            connection.close()


def received(past: Past) -> int:
    return sum(line.values["received"] for line in past.ask("movements").lines)


def test_what_commits_late_with_an_early_id_is_never_lost(past: Past, monkeypatch) -> None:
    monkeypatch.setattr(sql, "_SETTLE_SECONDS", 0.3)
    slow = Slow(past)
    slow.start()
    assert slow.posted.wait(30)
    past.receive({past.shop.variants[0]: 7})  # a later id, committed first
    assert roll_up(brand=past.brand) == 0  # somebody is writing: nothing is settled
    assert not DailyFlow.objects.of(past.brand).exists()
    assert received(past) == 7  # and yet the report has what is there
    slow.go.set()
    slow.join(30)
    assert received(past) == 12
    assert roll_up(brand=past.brand) > 0
    assert received(past) == 12
    assert verify_rollups(past.brand) == []


def test_it_waits_for_a_posting_that_is_nearly_done(past: Past) -> None:
    slow = Slow(past)
    slow.start()
    assert slow.posted.wait(30)
    Thread(target=lambda: slow.join(0.3) or slow.go.set()).start()
    assert roll_up(brand=past.brand) > 0
    slow.join(30)
    assert received(past) == 5 and verify_rollups(past.brand) == []


def test_two_at_once_count_nothing_twice(past: Past) -> None:
    for _round in range(20):
        past.receive({past.shop.variants[0]: 1}, ago=1)
    both = [Thread(target=_roll_up, args=(past.brand,)) for _one in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert DailyFlow.objects.of(past.brand).get().pieces == 20
    assert verify_rollups(past.brand) == []


def _roll_up(brand: Brand) -> None:
    try:
        roll_up(brand=brand)
    finally:
        connection.close()
