"""The page of what is held."""

from __future__ import annotations

import uuid

import pytest

from erp.inventory.services import Claim, release, reserve
from tests.api.shop import Shop, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("haneul")


def hold(shop: Shop, number: int, quantity: int = 2) -> int:
    shop.stock(shop.variants[number], quantity)
    claim = Claim(shop.variants[number].pk, quantity, shop.main.pk)
    [held] = reserve(
        brand=shop.brand, claims=[claim], actor=shop.owner, idempotency_key=uuid.uuid4().hex, reference=f"SO-{number}"
    )
    return held.pk


def test_it_shows_what_is_held_and_for_whom(client, shop: Shop) -> None:
    client.force_login(shop.viewer)
    assert "잡혀 있는 재고가 없어요" in client.get(f"/b/{shop.slug}/stock/reserved/").content.decode()
    kept, gone = hold(shop, 0), hold(shop, 1)
    release(brand=shop.brand, quantities={gone: None})
    page = client.get(f"/b/{shop.slug}/stock/reserved/").content.decode()
    assert "SO-0" in page
    assert "SO-1" not in page
    assert "SO-1" in client.get(f"/b/{shop.slug}/stock/reserved/?all=1").content.decode()
    other = client.get(f"/b/{shop.slug}/stock/reserved/?variant={shop.variants[1].pk}").content.decode()
    assert "SO-0" not in other
    stock = client.get(f"/b/{shop.slug}/stock/").content.decode()
    assert f"/stock/reserved/?variant={shop.variants[0].pk}" in stock
    assert kept


def test_thirty_rows_ask_as_much_as_one(client, shop: Shop, django_assert_num_queries) -> None:
    client.force_login(shop.owner)
    hold(shop, 0)
    client.get(f"/b/{shop.slug}/stock/reserved/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(f"/b/{shop.slug}/stock/reserved/")
    for number in range(30):
        hold(shop, number % 4)
    with django_assert_num_queries(len(few)):
        client.get(f"/b/{shop.slug}/stock/reserved/")
