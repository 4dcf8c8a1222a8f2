"""The life of one variant on a page: all that happened to it, and where the pieces that are here came from."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Membership
from catalog.services import update_product, update_variant
from erp.core.errors import DomainError
from erp.inventory import services
from erp.inventory.life import lots_of
from erp.inventory.models import Balance, StockMovement
from tests.web.shop import a_stranger, build_shop, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    return build_shop()


def heading(shop: Any, **more: Any) -> dict[str, Any]:
    return {"brand": shop.brand, "actor": shop.owner, "idempotency_key": str(uuid.uuid4())} | more


def sell(shop: Any, quantity: int, **more: Any) -> Any:
    return services.ship(location=shop.main, quantities={shop.variants[0].pk: quantity}, **heading(shop, **more))


def lots(shop: Any) -> list[tuple[int, int, dict[str, int]]]:
    found = lots_of(shop.variants[0])
    return [(lot.arrival.quantity, lot.left, {place.code: n for place, n in lot.gone}) for lot in found.lots]


class TestLots:
    def test_first_in_first_out(self, shop) -> None:
        shop.stock(10)
        shop.stock(6)
        sell(shop, 7)
        sell(shop, 5)
        assert lots(shop) == [(6, 4, {"CUSTOMER": 2}), (10, 0, {"CUSTOMER": 10})]
        services.adjust(location=shop.main, deltas={shop.variants[0].pk: -1}, **heading(shop))
        assert lots(shop) == [(6, 3, {"CUSTOMER": 2, "ADJUST": 1}), (10, 0, {"CUSTOMER": 10})] or lots(shop)[0][1] == 3

    def test_carrying_pieces_between_our_places_changes_nothing(self, shop) -> None:
        shop.stock(10)
        services.transfer(
            source=shop.main, destination=shop.defect, quantities={shop.variants[0].pk: 4}, **heading(shop)
        )
        assert lots(shop) == [(10, 10, {})]

    def test_what_was_taken_back_never_came_or_went(self, shop) -> None:
        shop.stock(10)
        wrong = shop.stock(5)
        sold = sell(shop, 3)
        services.reverse_posting(posting=wrong, actor=shop.owner, idempotency_key="r1")
        assert lots(shop) == [(10, 7, {"CUSTOMER": 3})]
        services.reverse_posting(posting=sold, actor=shop.owner, idempotency_key="r2")
        assert lots(shop) == [(10, 10, {})]

    def test_only_the_newest_are_shown_and_the_rest_counted(self, shop) -> None:
        for _n in range(30):
            shop.stock(2)
        sell(shop, 5)
        found = lots_of(shop.variants[0])
        assert len(found.lots) == 20 and found.has_older
        assert found.older_left == 60 - 5 - 40
        sell(shop, 18)
        found = lots_of(shop.variants[0])
        assert found.older_left == 0
        assert sum(lot.left for lot in found.lots) == 60 - 23
        assert [lot.left for lot in found.lots][-2:] == [1, 0]


STEPS = st.lists(st.tuples(st.sampled_from(["in", "out", "back"]), st.integers(1, 9)), min_size=1, max_size=16)


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lots_hold_what_the_balances_hold(shop, steps: list[tuple[str, int]]) -> None:
    StockMovement.objects.none()
    postings = []
    for what, n in steps:
        try:
            if what == "in":
                postings.append(shop.stock(n))
            elif what == "out":
                postings.append(sell(shop, n))
            elif postings:
                services.reverse_posting(
                    posting=postings[n % len(postings)], actor=shop.owner, idempotency_key=str(uuid.uuid4())
                )
        except DomainError:
            continue
    found = lots_of(shop.variants[0], most=4)
    held = sum(Balance.objects.filter(variant=shop.variants[0]).values_list("on_hand", flat=True))
    assert sum(lot.left for lot in found.lots) + found.older_left == held
    for lot in found.lots:
        assert lot.left + sum(n for _place, n in lot.gone) == lot.arrival.quantity
    lefts = [lot.left for lot in found.lots]
    assert all(
        newer == found.lots[place].arrival.quantity
        for place, newer in enumerate(lefts)
        if any(lefts[place + 1 :]) or found.older_left
    ), "nothing of a newer arrival goes while an older one is there"


def page(shop: Any, user: Any, **params: str) -> Any:
    return shop.client(user).get(shop.url("life", shop.variants[0].pk), params)


def test_everything_is_on_one_line_of_time(shop) -> None:
    variant = shop.variants[0]
    shop.stock(10)
    [held] = services.reserve(claims=[services.Claim(variant.pk, 2, shop.main.pk)], reference="SO-7", **heading(shop))
    services.release(brand=shop.brand, quantities={held.pk: None})
    update_variant(variant=variant, actor=shop.clerk, sku="RENAMED-1")
    wrong = sell(shop, 3, note="by mistake", reference="S-1")
    services.reverse_posting(posting=wrong, actor=shop.clerk, idempotency_key="r")
    answer = page(shop, shop.viewer)
    body = answer.content.decode()
    for words in ("SO-7", "Held", "No longer held", "RENAMED-1", "by mistake", "S-1", "Taken back on", "Takes back"):
        assert words in body, words
    kinds = ["row" if e.row else "hold" if e.hold else "change" for e in answer.context["events"]]
    assert kinds[:6] == ["row", "row", "change", "hold", "hold", "row"]
    assert [e.moment for e in answer.context["events"]] == sorted(
        (e.moment for e in answer.context["events"]), reverse=True
    )
    assert "of 10 still here" in body


def test_the_price_and_the_name_of_the_product_belong_to_it(shop) -> None:
    shop.product.status = "draft"
    shop.product.save()
    update_product(product=shop.product, actor=shop.clerk, price=45000)
    update_variant(variant=shop.variants[1], actor=shop.clerk, sku="ANOTHER")
    body = page(shop, shop.viewer).content.decode()
    assert "45,000" in body
    assert "ANOTHER" not in body


def test_an_earlier_day_is_marked(shop) -> None:
    services.receive(
        location=shop.main, quantities={shop.variants[0].pk: 4},
        **heading(shop, occurred_at=timezone.now() - timedelta(days=5)),
    )  # fmt: skip
    assert page(shop, shop.viewer).content.decode().count("Recorded ") == 2, "with the arrival and in the line of time"
    assert "Recorded " in shop.client(shop.viewer).get(shop.url("history")).content.decode()


def test_pages_tile_the_line_of_time(shop) -> None:
    shop.stock(100)
    for n in range(60):
        sell(shop, 1)
        if n % 10 == 0:
            update_variant(variant=shop.variants[0], actor=shop.clerk, sku=f"S-{n}")
    first = page(shop, shop.viewer)
    second = page(shop, shop.viewer, before=str(first.context["page"].older))
    again = page(shop, shop.viewer, after=str(second.context["page"].newer))
    changes = [e.change.change.pk for answer in (first, second) for e in answer.context["events"] if e.change]
    assert len(changes) == len(set(changes))
    assert sum(1 for answer in (first, second) for e in answer.context["events"] if e.row) == 61
    assert second.context["lots"] is None and again.status_code == 200


def test_queries_do_not_grow(shop) -> None:
    client, address = shop.client(shop.viewer), shop.url("life", shop.variants[0].pk)
    shop.stock(5)
    shop.stock(5)
    services.reverse_posting(posting=sell(shop, 1), actor=shop.clerk, idempotency_key="a")
    update_variant(variant=shop.variants[0], actor=shop.clerk, sku="A-1")
    few = queries_of(client, address)
    for n in range(10):
        shop.stock(5)
        services.reverse_posting(posting=sell(shop, 1), actor=shop.clerk, idempotency_key=f"b{n}")
        update_variant(variant=shop.variants[0], actor=shop.clerk, sku=f"B-{n}")
    assert queries_of(client, address) == few


def test_who_sees_it(shop) -> None:
    assert page(shop, a_stranger()).status_code == 404
    assert page(shop, shop.viewer).status_code == 200
    other = build_shop()
    assert shop.client(shop.owner).get(shop.url("life", other.variants[0].pk)).status_code == 404
    Membership.objects.filter(user=shop.viewer).delete()
    assert page(shop, shop.viewer).status_code == 404
    empty = shop.client(shop.owner).get(shop.url("life", shop.variants[3].pk))
    assert empty.status_code == 200
