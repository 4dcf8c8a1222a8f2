"""Stock as a table states it: opened or counted, compared and set, at several places at once."""

from __future__ import annotations

import pytest

from erp.core.errors import DomainError
from erp.inventory.models import Posting
from erp.inventory.services import Count
from erp.inventory.services.stating import state_stock
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop

pytestmark = pytest.mark.django_db


def test_first_stock_is_opened_and_other_stock_counted(shop: Shop) -> None:
    first, second, third = shop.shirts
    shop.stock(first, 5)
    stated = {
        (first.pk, shop.main.pk): Count(3, 5),
        (first.pk, shop.shop.pk): Count(4, 0),
        (second.pk, shop.main.pk): Count(7, 0),
        (second.pk, shop.shop.pk): Count(8, 0),
        (third.pk, shop.main.pk): Count(0, 0),
    }
    postings = state_stock(brand=shop.brand, stated=stated, **shop.heading())
    assert [posting.kind for posting in postings] == ["opening", "adjustment"]
    assert [shop.on_hand(first), shop.on_hand(first, shop.shop), shop.on_hand(second, shop.shop)] == [3, 4, 8]
    assert verify_ledger(shop.brand) == []


def test_what_moved_meanwhile_is_named_and_nothing_is_posted(shop: Shop) -> None:
    first, second, _third = shop.shirts
    shop.stock(first, 5)
    before = Posting.objects.count()
    stated = {(second.pk, shop.main.pk): Count(1, 0), (first.pk, shop.main.pk): Count(9, 4)}
    with pytest.raises(DomainError) as refused:
        state_stock(brand=shop.brand, stated=stated, **shop.heading())
    assert [(p.line, p.code) for p in refused.value.problems] == [(2, "outdated_count")]
    assert Posting.objects.count() == before


def test_the_same_key_posts_once(shop: Shop) -> None:
    spot, heading = (shop.shirts[0].pk, shop.main.pk), shop.heading()
    state_stock(brand=shop.brand, stated={spot: Count(5, 0)}, **heading)
    with pytest.raises(DomainError):
        state_stock(brand=shop.brand, stated={spot: Count(5, 0)}, **heading)
    assert (shop.on_hand(shop.shirts[0]), Posting.objects.of(shop.brand).count()) == (5, 1)
