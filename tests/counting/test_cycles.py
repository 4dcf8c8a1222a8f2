"""What is proposed to be counted today."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from erp.counting.cycles import CLASSES, proposals
from erp.counting.models import CountLine
from tests.counting.conftest import Counted


def proposed(counted: Counted) -> list[tuple[int, str]]:
    found = proposals(counted.shop.brand, counted.shop.main)
    places = {variant.pk: place for place, variant in enumerate(counted.shop.variants)}
    return [(places[proposal.variant_id], proposal.group.name) for proposal in found]


def test_what_turns_over_most_comes_first(counted: Counted) -> None:
    """Never counted: all are due; the one that never sold comes last, the one that is not there not at all."""
    counted.sell(1, 9)
    counted.sell(2, 1)
    assert proposed(counted) == [(1, "A"), (2, "B"), (0, "C")]


def test_what_was_counted_is_due_by_its_class(counted: Counted) -> None:
    counted.sell(1, 9)
    counted.sell(2, 1)
    for place, n in enumerate((10, 11, 29)):
        counted.type(place, n)
    counted.review()
    counted.post()
    assert proposed(counted) == []
    _ago(counted, days=31)
    assert proposed(counted) == [(1, "A")]
    _ago(counted, days=92)
    assert proposed(counted) == [(1, "A"), (2, "B")]
    _ago(counted, days=366)
    assert proposed(counted) == [(1, "A"), (2, "B"), (0, "C")]


def test_an_open_count_does_not_make_it_counted(counted: Counted) -> None:
    counted.type(0, 10)
    assert 0 in dict(proposed(counted))


def test_price_weighs_where_no_cost_is_known(counted: Counted) -> None:
    Product.objects.filter(pk=counted.shop.product.pk).update(price=39000)
    counted.sell(0, 1)
    [first, *_others] = proposals(counted.shop.brand, counted.shop.main)
    assert (first.shipped, first.turnover) == (1, 39000)


def test_the_list_is_short_and_asks_little(counted: Counted) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert len(proposals(counted.shop.brand, counted.shop.main, limit=2)) == 2
    assert len(asked) == 6
    assert [group.every.days for group in CLASSES] == [30, 91, 365]


def _ago(counted: Counted, *, days: int) -> None:
    CountLine.objects.filter(count=counted.count).update(counted_at=timezone.now() - timedelta(days=days))
