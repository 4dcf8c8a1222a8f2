"""Revenue, cost and margin; owed goods; what buyers owe."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.days import business_day
from erp.inventory.models import VariantCost
from erp.trade.models import Partner, ReturnLine
from erp.trade.services.accounts import add_entry, record_payment
from erp.trade.services.consignment import place_goods, report_sold
from erp.trade.services.orders import ship_order
from erp.trade.services.returns import ReturnEntry, create_return
from tests.reports.shop import Past
from tests.trade.desk import Desk, build_desk, key

COST = Decimal(4000)


@pytest.fixture
def desk(db) -> Desk:
    return build_desk()


@pytest.fixture
def past(desk: Desk) -> Past:
    return Past(desk.shop)


def stock(past: Past, *pieces: int, **more: Any) -> None:
    pairs = dict(zip(past.shop.variants, pieces, strict=False))
    past.receive(pairs, ago=3, costs=dict.fromkeys(pairs, COST), **more)


def row(past: Past, name: str, **data: Any) -> dict[str, Any]:
    [line] = past.ask(name, **data).lines
    return line.values


class TestMargin:
    def test_is_revenue_less_cost(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        desk.ship(desk.placed(4))
        values = row(past, "margin")
        assert (values["pieces"], values["revenue"], values["cost"], values["margin"]) == (4, 40_000, 16_000, 24_000)
        assert values["rate"] == 0.6
        assert past.ask("margin").notes == []
        assert "uncosted" not in [column.key for column in past.ask("margin").columns]
        assert row(past, "best")["revenue"] == 40_000 and row(past, "best")["margin"] == 24_000

    def test_a_return_takes_it_off(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        desk.ship(desk.placed(4))
        back = ReturnEntry(desk.variants[0], ReturnLine.Kind.SELLABLE, 1, past.main, Decimal(10_000))
        create_return(brand=past.brand, buyer=desk.buyer, entries=[back], actor=past.shop.owner, idempotency_key=key())
        values = row(past, "margin")
        assert (values["pieces"], values["revenue"], values["margin"]) == (3, 30_000, 18_000)
        assert row(past, "best")["net"] == 3

    def test_a_shipment_taken_back_never_earned(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        shipment = desk.ship(desk.placed(4))
        past.reverse(shipment.posting)
        assert past.ask("margin").lines == [] and past.ask("margin").notes == []

    def test_what_no_paper_priced_is_told_and_not_counted(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        past.sell({past.shop.variants[0]: 3}, ago=1)
        desk.ship(desk.placed(2))
        answer = past.ask("margin")
        assert answer.totals["revenue"] == 20_000 and answer.totals["pieces"] == 2
        assert "3" in answer.notes[0]

    def test_an_unknown_cost_is_told_and_no_margin_made_up(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        VariantCost.objects.all().delete()
        past.receive({past.shop.variants[1]: 5}, ago=2)
        desk.ship(desk.placed(0, 2))
        values = row(past, "margin")
        assert (values["revenue"], values["cost"], values["margin"]) == (20_000, None, None)
        assert values["uncosted"] == 20_000
        assert "1" in past.ask("margin").notes[0]
        assert past.ask("stock-value").totals["value"] is None

    def test_the_total_adds_up_where_a_part_has_no_cost(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        past.receive({past.shop.variants[1]: 5}, ago=2)
        VariantCost.objects.filter(variant=past.shop.variants[1]).delete()
        desk.ship(desk.placed(1, 2))
        answer = past.ask("margin")
        sums = answer.totals
        assert (sums["revenue"], sums["uncosted"]) == (30_000, 20_000)
        assert sums["revenue"] - sums["uncosted"] - sums["cost"] == sums["margin"]
        assert "uncosted" in [column.key for column in answer.columns]

    def test_what_a_partner_sold_counts_too(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        common = {"partner": desk.buyer, "actor": past.shop.owner}
        one = {desk.variants[0].pk: 2}
        place_goods(source=past.main, quantities=one, idempotency_key=key(), **common)
        desk.buyer.refresh_from_db()
        prices = {desk.variants[0].pk: Decimal(9_000)}
        report_sold(quantities=one, unit_prices=prices, idempotency_key=key(), **common)
        assert row(past, "margin")["revenue"] == 18_000
        assert row(past, "best")["net"] == 2

    def test_another_currency_is_not_mixed_in(self, desk: Desk, past: Past) -> None:
        stock(past, 10)
        order = desk.placed(1)
        desk.ship(order)
        order.refresh_from_db()
        type(order).objects.filter(pk=order.pk).update(currency="USD")
        assert past.ask("margin").lines == []


class TestStockValue:
    def test_is_pieces_times_average_cost_now_and_then(self, desk: Desk, past: Past) -> None:
        first = past.shop.variants[0]
        past.receive({first: 10}, ago=9, costs={first: Decimal(1_000)})
        past.receive({first: 10}, ago=2, costs={first: Decimal(3_000)})
        now, then = row(past, "stock-value"), row(past, "stock-value", at=f"{past.at(5):%Y-%m-%dT%H:%M}")
        assert (now["pieces"], now["cost"], now["value"]) == (20, 2_000, 40_000)
        assert (then["pieces"], then["cost"], then["value"]) == (10, 1_000, 10_000)

    def test_before_a_cost_was_known_there_is_none(self, desk: Desk, past: Past) -> None:
        first = past.shop.variants[0]
        past.receive({first: 10}, ago=9)
        past.receive({first: 10}, ago=2, costs={first: Decimal(3_000)})
        answer = past.ask("stock-value", at=f"{past.at(5):%Y-%m-%dT%H:%M}")
        assert answer.totals["value"] is None and "10" in answer.notes[0]


class TestOwed:
    def test_by_variant_and_by_buyer(self, desk: Desk, past: Past) -> None:
        stock(past, 1)
        order = desk.placed(3)
        line = order.lines.get()
        ship_order(
            order=order, actor=past.shop.owner, idempotency_key=key(), quantities={line.pk: 1},
            shortages={line.pk: "owed"},
        )  # fmt: skip
        values = row(past, "owed")
        assert (values["owed"], values["amount"], values["days"], values["available"]) == (2, 20_000, 0, 0)
        assert past.values("owed", "owed", owed_by="buyer") == {desk.buyer.name: 2}
        page = past.client().get(past.url("owed", owed_by="buyer")).content.decode()
        assert f"/b/{past.brand.slug}/partners/{desk.buyer.pk}/" in page

    def test_nothing_owed(self, desk: Desk, past: Past) -> None:
        assert past.ask("owed").lines == []


class TestBuyers:
    def owe(self, past: Past, buyer: Partner, amount: int, ago: int) -> None:
        add_entry(
            partner=buyer, kind="correction", amount=Decimal(amount), actor=past.shop.owner, idempotency_key=key(),
            day=business_day(past.brand) - timedelta(days=ago),
        )  # fmt: skip

    def test_what_is_unpaid_was_billed_last(self, desk: Desk, past: Past) -> None:
        self.owe(past, desk.buyer, 100_000, 100)
        self.owe(past, desk.buyer, 50_000, 40)
        self.owe(past, desk.buyer, 20_000, 5)
        record_payment(
            partner=desk.buyer, amount=Decimal(110_000), method="cash", actor=past.shop.owner, idempotency_key=key()
        )
        Partner.objects.filter(pk=desk.buyer.pk).update(credit_limit=Decimal(50_000))
        answer = past.ask("buyers")
        [line] = answer.lines
        ages = [line.values[name] for name in ("due_30", "due_60", "due_90", "due_more")]
        assert line.values["balance"] == sum(ages) == 60_000
        assert ages == [20_000, 40_000, 0, 0]
        assert line.values["over"] == 10_000 and line.values["last_paid"] == business_day(past.brand)
        assert line.partner == desk.buyer.pk and len(answer.notes) == 1

    def test_a_credit_is_no_debt(self, desk: Desk, past: Past) -> None:
        record_payment(
            partner=desk.buyer, amount=Decimal(5_000), method="cash", actor=past.shop.owner, idempotency_key=key()
        )
        values = row(past, "buyers")
        assert values["balance"] == -5_000 and values["due_30"] == values["due_more"] == 0
