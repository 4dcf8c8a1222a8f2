"""Goods on top of a placed order: by the service, on the pages and over the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from erp.core.errors import DomainError
from erp.trade.models import Order, OrderLine
from erp.trade.services import orders
from tests.api.shop import Api
from tests.trade.desk import Desk, check_books, counts, key, line_of, url
from tests.web.shop import build_shop

pytestmark = pytest.mark.django_db


def add(desk: Desk, order: Order, *quantities: int, price: str | None = None, **more: Any) -> Any:
    heading = {"actor": desk.shop.clerk, "idempotency_key": key()} | more
    return orders.add_to_order(order=order, entries=desk.entries(*quantities, price=price), **heading)


class TestService:
    def test_counts_up_what_is_on_it_and_appends_the_rest(self, desk: Desk) -> None:
        desk.stock(4, 1)
        order = desk.placed(3)
        event = add(desk, order, 2, 2)
        assert (event.kind, event.pieces) == ("added", 4)
        assert [counts(line)[:2] for line in order.lines.all()] == [(5, 4), (2, 1)]
        assert [desk.held(place) for place in (0, 1)] == [(4, 4), (1, 1)]
        desk.ship(order)
        assert desk.balance() == 50_000
        check_books(desk)

    def test_an_order_that_is_picked_stays_so(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(2)
        orders.pick_order(order=order, quantities={line_of(order).pk: 2}, actor=desk.shop.clerk)
        add(desk, order, 1)
        order.refresh_from_db()
        assert (order.state, line_of(order).picked, line_of(order).reserved) == ("picked", 2, 3)

    def test_the_same_key_adds_once(self, desk: Desk) -> None:
        order = desk.placed(1)
        first, again = (add(desk, order, 2, idempotency_key="k") for _time in range(2))
        assert (first.pk, line_of(order).quantity) == (again.pk, 3)
        with pytest.raises(DomainError) as refused:
            add(desk, order, 3, idempotency_key="k")
        assert refused.value.code == "idempotency_conflict"

    def test_its_price_stays_and_another_is_refused(self, desk: Desk) -> None:
        order = orders.take_order(entries=desk.entries(1, price="9000"), partial=True, **desk.heading())
        add(desk, order, 1)
        assert (line_of(order).quantity, line_of(order).unit_price) == (2, 9000)
        with pytest.raises(DomainError) as refused:
            add(desk, order, 1, 1, price="8000")
        assert [(p.line, p.field, p.code) for p in refused.value.problems] == [(1, "unit_price", "two_prices")]
        assert OrderLine.objects.count() == 1
        assert line_of(order).quantity == 2

    def test_only_an_open_order_of_our_own(self, desk: Desk) -> None:
        draft, gone = desk.draft(1), desk.placed(1)
        desk.cancel(gone)
        theirs = desk.channel(1, channel_name="Mall", channel_number="N-1", partial=True)
        for order, code in ((draft, "not_open"), (gone, "not_open"), (theirs, "of_channel")):
            with pytest.raises(DomainError) as refused:
                add(desk, order, 1)
            assert (refused.value.code, refused.value.status) == (code, 409)
            assert line_of(order).quantity == 1

    def test_another_brands_goods_are_refused(self, desk: Desk) -> None:
        order, foreign = desk.placed(1), build_shop().variants[0]
        entries = [orders.Entry(1, variant_id=foreign.pk)]
        with pytest.raises(DomainError) as refused:
            orders.add_to_order(order=order, entries=entries, actor=desk.shop.clerk, idempotency_key=key())
        assert refused.value.code == "unknown_variant"
        assert order.lines.count() == 1


class TestPages:
    def test_from_the_order_and_back(self, desk: Desk, clerk: Client) -> None:
        desk.stock(0, 5)
        order = desk.placed(1)
        address = url(desk, "order-add", order.public_id)
        assert address in clerk.get(url(desk, "order", order.public_id)).content.decode()
        product = desk.shop.product.pk
        page = clerk.get(address, {"product": product})
        assert page.status_code == 200
        assert {"paid", "note", "deliver_to"}.isdisjoint(page.context["form"].fields)
        data = {"key": str(uuid4()), "location": desk.shop.main.pk, "product": product}
        data |= {f"q-{desk.variants[1].pk}": "3", f"price-{product}": "10000"}
        for _press in range(2):
            answer = clerk.post(address, data, follow=True)
            assert order.number in answer.content.decode()
        assert [line.quantity for line in order.lines.all()] == [1, 3]
        assert desk.held(1) == (5, 3)

    def test_what_is_wrong_keeps_what_was_typed(self, desk: Desk, clerk: Client) -> None:
        order = desk.placed(1)
        product = desk.shop.product.pk
        data = {"key": str(uuid4()), "location": desk.shop.main.pk, "product": product}
        data |= {f"q-{desk.variants[0].pk}": "2", f"price-{product}": "1"}
        answer = clerk.post(url(desk, "order-add", order.public_id), data)
        assert answer.status_code == 422
        assert answer.context["form"].prices[product].error
        assert 'value="2"' in answer.content.decode()
        assert line_of(order).quantity == 1

    def test_a_draft_is_edited_instead_and_what_takes_no_more_is_shown(self, desk: Desk, clerk: Client) -> None:
        draft = desk.draft(1)
        answer = clerk.get(url(desk, "order-add", draft.public_id))
        assert answer.url == url(desk, "order-edit", draft.public_id)
        for order in (desk.channel(1, channel_name="Mall", channel_number="N-1", partial=True), desk.placed(1)):
            if not order.channel_number:
                desk.cancel(order)
            assert clerk.get(url(desk, "order-add", order.public_id)).url == url(desk, "order", order.public_id)
            assert "/add/" not in clerk.get(url(desk, "order", order.public_id)).content.decode()


def test_over_the_api(desk: Desk) -> None:
    desk.stock(2)
    order = desk.placed(1)
    api = Api(desk.shop.clerk)
    address = f"/api/v1/orders/{order.public_id}/lines/"
    body = {"lines": [{"sku": desk.variants[0].sku, "quantity": 1}]}
    for _time in range(2):
        answer = api.post(address, body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 200, answer.content
    [line] = answer.json()["lines"]
    assert (line["quantity"], line["reserved"]) == (2, 2)
    wrong = api.post(address, {"lines": [{"sku": "nope", "quantity": 1}]}, headers={"Idempotency-Key": "l"})
    assert (wrong.status_code, wrong.json()["errors"][0]["line"]) == (400, 1)
    stranger = Api(build_shop().clerk).post(address, body, headers={"Idempotency-Key": "k"})
    assert stranger.status_code == 404
    assert Api(desk.shop.viewer).post(address, body, headers={"Idempotency-Key": "m"}).status_code == 403
    assert line_of(order).quantity == 2
