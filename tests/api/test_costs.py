"""What pieces cost, over the API: the average and the steps that led to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.inventory.services import receive
from tests.api.shop import Api, Shop, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    made = make_shop("haneul")
    buy(made, 10, "8000")
    buy(made, 5, "9500")
    return made


def buy(shop: Shop, quantity: int, cost: str, place: int = 0) -> None:
    variant = shop.variants[place]
    receive(
        brand=shop.brand, location=shop.main, quantities={variant.pk: quantity}, unit_costs={variant.pk: Decimal(cost)},
        actor=shop.staff, idempotency_key=f"{variant.pk} {quantity} {cost}",
    )  # fmt: skip


def rows(user: Any, address: str, **wanted: Any) -> list[dict[str, Any]]:
    answer = Api(user).get(f"/api/v1/{address}/", wanted)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_the_average_and_its_derivation(shop: Shop) -> None:
    [cost] = rows(shop.viewer, "costs", sku=shop.variants[0].sku)
    assert (cost["brand"], cost["variant"], Decimal(cost["average"])) == (shop.slug, shop.variants[0].pk, 8500)
    last, first = rows(shop.viewer, "cost-entries", variant=shop.variants[0].pk)
    assert (first["on_hand_before"], first["average_before"], Decimal(first["average_after"])) == (0, None, 8000)
    assert (last["on_hand_before"], last["quantity"], Decimal(last["unit_cost"])) == (10, 5, 9500)
    assert rows(shop.viewer, "cost-entries", product=shop.product.pk + 99) == []


def test_a_stranger_sees_no_cost(shop: Shop) -> None:
    stranger = make_shop("else").owner
    for address in ("costs", "cost-entries"):
        assert rows(stranger, address) == []
        assert Api(stranger).get(f"/api/v1/{address}/", {"brand": shop.slug}).status_code == 400
        assert Api().get(f"/api/v1/{address}/").status_code == 401


@pytest.mark.parametrize("address", ["costs", "cost-entries"])
def test_a_list_asks_as_much_for_many(shop: Shop, address: str, django_assert_num_queries: Any) -> None:
    rows(shop.owner, address)  # what is looked up once a process
    with django_assert_num_queries(1):
        rows(shop.owner, address)
    buy(shop, 3, "7000", place=1)
    with django_assert_num_queries(1):
        assert len(rows(shop.owner, address)) in (2, 3)
