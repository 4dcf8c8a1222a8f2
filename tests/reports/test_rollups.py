"""The sums that reports are read from: exact at every moment, and proved against the ledger."""

from __future__ import annotations

from datetime import time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.days import business_day
from catalog.models import Brand
from erp.reports.models import DailyFlow, Rollup
from erp.reports.services import rebuild, roll_up
from erp.reports.tasks import ReportsDisagree, roll_up_every_brand
from erp.reports.verify import verify_rollups
from tests.reports.shop import Past


def kept(past: Past) -> set[tuple]:
    today = business_day(past.brand)
    rows = DailyFlow.objects.of(past.brand).exclude(pieces=0)
    return {((today - row.day).days, row.variant_id, row.location.code, row.flow, row.pieces) for row in rows}


def test_each_kind_of_movement_has_its_flow(past: Past) -> None:
    first, second = past.shop.variants[:2]
    main, defect = past.main, past.shop.defect
    past.move("opening", "opening", main.pk, {first: 100}, ago=9)
    past.receive({first: 10}, ago=8)
    past.sell({first: 3}, ago=7)
    past.take_back({first: 1}, ago=6)
    past.move("adjustment", "adjustment", main.pk, {second: 5}, ago=5)
    past.move("adjustment", main.pk, "adjustment", {second: 2}, ago=4)
    past.move("transfer", main.pk, defect.pk, {first: 4}, ago=3)
    past.move("transfer", main.pk, "sample", {first: 6}, ago=2)
    past.move("transfer", "sample", main.pk, {first: 1}, ago=1)
    past.move("shipment", "sample", "customer", {first: 2}, ago=1)
    roll_up(brand=past.brand)
    assert kept(past) == {
        (9, first.pk, "MAIN", "opened", 100),
        (8, first.pk, "MAIN", "received", 10),
        (7, first.pk, "MAIN", "sold", 3),
        (6, first.pk, "MAIN", "returned", 1),
        (5, second.pk, "MAIN", "found", 5),
        (4, second.pk, "MAIN", "lost", 2),
        (3, first.pk, "MAIN", "moved_out", 4),
        (3, first.pk, "DEFECT", "moved_in", 4),
        (2, first.pk, "MAIN", "lent", 6),
        (1, first.pk, "MAIN", "lent_back", 1),
        (1, first.pk, "SAMPLE", "sold", 2),
    }
    assert verify_rollups() == []


def test_a_reversal_cancels_what_it_reverses_on_its_own_day(past: Past) -> None:
    variant = past.shop.variants[0]
    wrong = past.receive({variant: 24}, ago=3)
    moved = past.move("transfer", past.main.pk, past.shop.defect.pk, {variant: 5}, ago=2)
    past.reverse(moved, ago=1)
    past.reverse(wrong, ago=1)
    roll_up(brand=past.brand)
    assert kept(past) == {
        (3, variant.pk, "MAIN", "received", 24),
        (2, variant.pk, "MAIN", "moved_out", 5),
        (2, variant.pk, "DEFECT", "moved_in", 5),
        (1, variant.pk, "MAIN", "moved_out", -5),
        (1, variant.pk, "DEFECT", "moved_in", -5),
        (1, variant.pk, "MAIN", "received", -24),
    }


def test_what_is_back_dated_lands_in_its_own_day(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 5}, ago=1)
    roll_up(brand=past.brand)
    past.receive({variant: 7}, ago=40)
    roll_up(brand=past.brand)
    assert kept(past) == {(1, variant.pk, "MAIN", "received", 5), (40, variant.pk, "MAIN", "received", 7)}


def test_the_night_belongs_to_the_day_before(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 5}, ago=1, hour=20)  # 2 a.m. by the clock on the wall
    past.receive({variant: 6}, ago=1, hour=-0.5)
    roll_up(brand=past.brand)
    assert kept(past) == {(1, variant.pk, "MAIN", "received", 5), (2, variant.pk, "MAIN", "received", 6)}


def test_twice_changes_nothing_and_goes_on_where_it_ended(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 5}, ago=1)
    reached = roll_up(brand=past.brand)
    assert roll_up(brand=past.brand) == reached
    past.receive({variant: 5}, ago=1)
    assert roll_up(brand=past.brand) > reached
    assert kept(past) == {(1, variant.pk, "MAIN", "received", 10)}


def test_reports_count_what_is_not_summed_up_yet(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 50}, ago=5)
    before = past.values("stock-value", "pieces", by="variant", at=f"{past.at(3):%Y-%m-%dT%H:%M}")
    past.sell({variant: 8}, ago=4)
    roll_up(brand=past.brand)
    past.sell({variant: 9}, ago=4)  # after the sums
    after = past.values("stock-value", "pieces", by="variant", at=f"{past.at(3):%Y-%m-%dT%H:%M}")
    assert (before, after) == ({variant.pk: 50}, {variant.pk: 33})
    assert past.values("best", "net", by="variant") == {variant.pk: 17}


def test_another_clock_makes_the_sums_anew_and_no_report_reads_the_old_ones(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 5}, ago=2, hour=1)
    roll_up(brand=past.brand)
    Brand.objects.filter(pk=past.brand.pk).update(day_ends_at=time(9))
    past.shop.brand = Brand.objects.get(pk=past.brand.pk)
    today = business_day(past.brand)
    assert verify_rollups() == []
    days = {line.address["since"]: line.values["received"] for line in past.ask("movements").lines}
    day = business_day(past.brand, past.shop.brand.movements.get().occurred_at)
    assert days[day] == 5 and sum(days.values()) == 5
    roll_up(brand=past.brand)
    assert DailyFlow.objects.get().day == day
    assert (today - day).days >= 2


def test_a_forged_sum_is_named(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 5}, ago=2)
    roll_up(brand=past.brand)
    DailyFlow.objects.update(pieces=6)
    (difference,) = verify_rollups(past.brand)
    assert (difference.sku, difference.location, difference.flow, difference.kept, difference.computed) == (
        variant.sku, "MAIN", "received", 6, 5,
    )  # fmt: skip
    assert variant.sku in str(difference)
    with pytest.raises(ReportsDisagree):
        roll_up_every_brand()
    out = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("verify_rollups", brand=past.brand.slug, stdout=out)
    assert variant.sku in out.getvalue()
    call_command("verify_rollups", rebuild=True, stdout=out)
    assert verify_rollups() == [] and roll_up_every_brand() == "clean"


def test_a_row_too_few_or_too_many_is_named(past: Past) -> None:
    first, second = past.shop.variants[:2]
    past.receive({first: 5, second: 3}, ago=2)
    roll_up(brand=past.brand)
    DailyFlow.objects.filter(variant=first).delete()
    row = DailyFlow.objects.get()
    DailyFlow.objects.create(
        brand=past.brand, day=row.day - timedelta(days=1), variant=second, location=past.main, flow="sold", pieces=1
    )
    assert {(d.flow, d.kept, d.computed) for d in verify_rollups()} == {("received", 0, 5), ("sold", 1, 0)}


def test_rebuild_begins_from_nothing(past: Past) -> None:
    past.receive({past.shop.variants[0]: 5}, ago=2)
    roll_up(brand=past.brand)
    rebuild(brand=past.brand)
    assert not DailyFlow.objects.exists() and not Rollup.objects.exists()
    roll_up(brand=past.brand)
    assert DailyFlow.objects.get().pieces == 5


def test_an_unknown_brand_is_told(past: Past) -> None:
    with pytest.raises(CommandError, match="no brand"):
        call_command("verify_rollups", brand="nowhere")
