"""From the review to the book: differences, decisions, and one posting or none."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Size, Variant
from erp.core.errors import DomainError
from erp.counting.models import CountEntry, StockCount
from erp.counting.review import review_of, totals_of
from erp.counting.services import (
    Entry,
    add_entries,
    cancel_count,
    carry_lines,
    recount_lines,
    reopen_count,
    start_review,
    zero_uncounted,
)
from erp.inventory.models import Balance, Posting, StockMovement
from erp.inventory.services import Claim, receive, reserve
from erp.inventory.verify import verify_ledger
from tests.counting.conftest import Counted, start


def refused(counted: Counted, **more: object) -> DomainError:
    before = Posting.objects.count(), list(Balance.objects.values())
    with pytest.raises(DomainError) as caught:
        counted.post(**more)
    assert (Posting.objects.count(), list(Balance.objects.values())) == before
    counted.count.refresh_from_db()
    assert counted.count.state != "posted"
    return caught.value


def codes(error: DomainError) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in error.problems]


def test_differences_are_posted_together(counted: Counted) -> None:
    for place, n in enumerate((8, 20, 33)):
        counted.type(place, n)
    counted.review()
    count = counted.post()
    assert (count.state, count.posted_by, count.posting.kind) == ("posted", counted.shop.owner, "adjustment")
    assert [counted.shop.on_hand(place) for place in range(3)] == [8, 20, 33]
    assert sorted(count.posting.movements.values_list("quantity", flat=True)) == [2, 3]
    assert count.posting.note == count.title
    assert verify_ledger() == []


def test_a_count_that_agrees_posts_nothing(counted: Counted) -> None:
    counted.type(0, 10)
    counted.review()
    assert (counted.post().state, counted.count.posting) == ("posted", None)


def test_what_nobody_counted_needs_a_word(counted: Counted) -> None:
    counted.type(0, 9)
    counted.review()
    error = refused(counted, leave_uncounted=False)
    assert codes(error) == [(None, "uncounted")]
    assert "2" in str(error.problems[0].message)
    assert zero_uncounted(count=counted.count, actor=counted.shop.owner) == 2
    counted.post(leave_uncounted=False)
    assert [counted.shop.on_hand(place) for place in range(3)] == [9, 0, 0]


def test_a_sale_after_counting_waits_for_a_decision(counted: Counted) -> None:
    counted.type(0, 9)
    counted.type(1, 20)
    counted.sell(0, 2)
    counted.sell(1, 5)  # this line agreed with the book: nothing to decide
    counted.review()
    error = refused(counted)
    assert codes(error) == [(1, "moved")]
    assert counted.variant(0).sku in error.problems[0].message
    carry_lines(count=counted.count, lines=[counted.line(0).pk])
    counted.sell(0, 1)  # and selling goes on
    counted.post()
    assert [counted.shop.on_hand(place) for place in range(2)] == [6, 15]


def test_all_movements_are_carried_at_once(counted: Counted) -> None:
    for place in range(3):
        counted.type(place, 5)
        counted.sell(place, 2)
    counted.review()
    assert codes(refused(counted)) == [(1, "moved"), (2, "moved"), (3, "moved")]
    counted.post(carry_all=True)
    assert [counted.shop.on_hand(place) for place in range(3)] == [3, 3, 3]


def test_lines_are_counted_again(counted: Counted) -> None:
    counted.type(0, 9)
    counted.type(1, 19)
    counted.sell(0, 2)
    counted.review()
    count = recount_lines(count=counted.count, actor=counted.shop.owner, lines=[counted.line(0).pk])
    assert (count.state, counted.line(0).counted, counted.line(1).counted) == ("open", None, 19)
    assert CountEntry.objects.filter(kind="clear", actor=counted.shop.owner).count() == 1
    counted.scan(0, 8)
    counted.review()
    counted.post()
    assert [counted.shop.on_hand(place) for place in range(2)] == [8, 19]


def test_more_is_reserved_than_would_be_left(counted: Counted) -> None:
    shop = counted.shop
    reserve(
        brand=shop.brand,
        claims=[Claim(counted.variant(0).pk, 6, shop.main.pk)],
        actor=shop.owner,
        idempotency_key="order",
    )
    counted.type(0, 2)
    counted.type(1, 3)
    counted.sell(1, 18)
    counted.review()
    error = refused(counted, carry_all=True)
    assert codes(error) == [(1, "below_reserved"), (2, "below_zero")]
    assert "6" in error.problems[0].message and "4" in error.problems[0].message


def test_a_review_that_went_on_is_looked_at_again(counted: Counted) -> None:
    counted.type(0, 9)
    seen = counted.review().revision
    reopen_count(count=counted.count)
    assert refused(counted).code == "review_outdated"
    counted.review()
    assert refused(counted, revision=seen).status == 409
    counted.post()


def test_the_same_key_posts_once(counted: Counted) -> None:
    counted.type(0, 9)
    counted.review()
    first = counted.post()
    again = counted.post()
    assert (again.replayed, again.posting) == (True, first.posting)
    assert counted.shop.on_hand(0) == 9
    with pytest.raises(DomainError) as caught:
        counted.post(idempotency_key="another")
    assert (caught.value.code, caught.value.status) == ("already_posted", 409)


def test_an_empty_count_has_no_review(counted: Counted) -> None:
    with pytest.raises(DomainError) as caught:
        counted.review()
    assert caught.value.code == "nothing_counted"


def test_a_cancelled_count_is_over(counted: Counted) -> None:
    counted.type(0, 9)
    cancel_count(count=counted.count)
    assert refused(counted).code == "count_state"
    assert counted.shop.on_hand(0) == 10


def test_differences_have_a_value(counted: Counted) -> None:
    shop = counted.shop
    costs = {counted.variant(0).pk: Decimal("1000"), counted.variant(1).pk: Decimal("3000.5")}
    receive(
        brand=shop.brand,
        location=shop.main,
        quantities=dict.fromkeys(costs, 1000),
        unit_costs=costs,
        actor=shop.owner,
        idempotency_key=uuid4().hex,
    )
    costs = {pk: cost.average for pk, cost in ((v.pk, v.cost) for v in shop.variants[:2])}
    for place, n in enumerate((1012, 1018, 31)):
        counted.type(place, n)
    counted.review()
    review = review_of(counted.count)
    assert [figure.variant_id for figure in review.differing()] == [shop.variants[n].pk for n in (1, 0, 2)]
    totals = review.totals
    assert (totals.plus, totals.minus, totals.unvalued) == (3, 2, 1)
    assert totals.plus_value == 2 * costs[shop.variants[0].pk]
    assert totals.minus_value == 2 * costs[shop.variants[1].pk]
    kept = totals_of(counted.post())
    assert kept is not None
    assert (kept.plus, kept.unvalued, kept.plus_value) == (3, 1, round(totals.plus_value))


def big(counted: Counted, n: int) -> StockCount:
    """A count of so many variants, each counted one less than the book."""
    shop = counted.shop
    run, colour = shop.variants[0].size.run, shop.variants[0].colour
    sizes = Size.objects.bulk_create(Size(run=run, code=f"{n}-{place}", position=place) for place in range(n))
    variants = Variant.objects.bulk_create(
        Variant(brand=shop.brand, product=shop.product, colour=colour, size=size, sku=f"BIG-{size.code}")
        for size in sizes
    )
    quantities = {variant.pk: 7 for variant in variants}
    receive(brand=shop.brand, location=shop.main, quantities=quantities, actor=shop.owner, idempotency_key=uuid4().hex)
    count = start(shop, scope="chosen", variants=list(quantities))
    for part in range(0, n, 5000):
        entries = [Entry(pk, 6, "set") for pk in list(quantities)[part : part + 5000]]
        add_entries(count=count, actor=shop.clerk, entries=entries)
    return start_review(count=count)


def test_a_count_of_thousands_is_posted_in_seconds(counted: Counted) -> None:
    asked = {}
    for n in (50, 5000):
        counted.count = big(counted, n)
        begin = perf_counter()
        with CaptureQueriesContext(connection) as queries:
            counted.post(idempotency_key=str(n))
        asked[n] = len(queries)
        print(f"{connection.vendor}: {n} lines posted in {perf_counter() - begin:.2f} s, {len(queries)} queries")
    assert asked[50] == asked[5000]
    assert counted.count.posting.movements.count() == 5000


def test_of_thousands_every_line_that_moved_is_named(counted: Counted) -> None:
    counted.count = big(counted, 1200)
    variants = list(counted.count.lines.values_list("variant_id", flat=True))
    receive(
        brand=counted.shop.brand,
        location=counted.shop.main,
        quantities=dict.fromkeys(variants, 1),
        actor=counted.shop.owner,
        idempotency_key="more",
    )
    assert [code for _line, code in codes(refused(counted))] == ["moved"] * 1200
    assert StockMovement.objects.filter(kind="adjustment").count() == 0
