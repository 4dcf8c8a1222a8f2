"""Goods at partners: sent, sold there at agreed prices, taken back, and a wrong report undone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - a condition below names it

from erp.core.errors import DomainError
from erp.inventory.models import Location
from erp.inventory.services import reverse_posting
from erp.inventory.verify import verify_ledger
from erp.trade.models import ConsignmentSale, Partner, Slip
from erp.trade.selectors.consignment import agreed_prices, goods_at, partners_with_goods, sold_pieces
from erp.trade.services.consignment import ensure_place, place_goods, report_sold, take_back_sale, take_goods_back
from tests.inventory.racers import at_once
from tests.trade.stall import PRICE, Stall, key, make_stall


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def some(stall: Stall, *quantities: int, **more: Any) -> dict[str, Any]:
    wanted = {v.pk: n for v, n in zip(stall.variants, quantities, strict=False) if n}
    return {"partner": partner(stall), "quantities": wanted, "actor": stall.owner, "idempotency_key": key()} | more


def partner(stall: Stall) -> Partner:
    return Partner.objects.select_related("location", "brand").get(pk=stall.buyer.pk)


def sent(stall: Stall, *quantities: int) -> Location:
    stall.stock(*quantities)
    place_goods(source=stall.main, **some(stall, *quantities))
    return partner(stall).location


def prices(stall: Stall, price: Decimal = PRICE) -> dict[int, Decimal]:
    return {variant.pk: price for variant in stall.variants}


def test_goods_go_to_a_place_of_the_partner_and_stay_ours(stall: Stall) -> None:
    place = sent(stall, 3, 2)
    assert (place.kind, place.is_internal, place.name) == ("consignment", True, "나래상회")
    assert (stall.on_hand(0), stall.on_hand(0, place), stall.on_hand(1, place)) == (0, 3, 2)
    assert ensure_place(partner=partner(stall)) == place
    assert [(row.variant, row.on_hand, row.since is not None) for row in goods_at(partner(stall))] == [
        (stall.variants[0], 3, True),
        (stall.variants[1], 2, True),
    ]
    assert [(p.pieces, p.styles) for p in partners_with_goods(stall.brand)] == [(5, 1)]


def test_what_is_refused_makes_no_place(stall: Stall) -> None:
    with pytest.raises(DomainError):
        place_goods(source=stall.main, **some(stall, 3))
    assert partner(stall).location is None and not Location.objects.filter(kind="consignment").exists()
    for entry in (lambda: take_goods_back(destination=stall.main, **some(stall, 1)),
                  lambda: report_sold(unit_prices=prices(stall), **some(stall, 1))):  # fmt: skip
        with pytest.raises(DomainError) as refused:
            entry()
        assert refused.value.code == "no_goods"


def test_what_was_sold_is_billed_at_the_agreed_price(stall: Stall) -> None:
    place = sent(stall, 3)
    sale = report_sold(unit_prices=prices(stall, Decimal(9000)), paid=Decimal(4000), **some(stall, 2))
    assert (stall.on_hand(0, place), sale.slip.total, stall.balance) == (1, 18000, 14000)
    assert sale.posting.kind == "shipment" and sale.posting.reference == sale.number
    assert agreed_prices(partner(stall)) == {stall.shop.product.pk: 9000} and sold_pieces(partner(stall)) == 2
    with pytest.raises(DomainError) as refused:
        report_sold(unit_prices=prices(stall), **some(stall, 2))
    assert [(p.code, p.line) for p in refused.value.problems] == [("insufficient_stock", 1)]
    with pytest.raises(DomainError) as refused:
        report_sold(unit_prices={}, **some(stall, 1))
    assert refused.value.code == "no_price"
    assert ConsignmentSale.objects.count() == Slip.objects.count() == 1


def test_the_same_key_is_one_report(stall: Stall) -> None:
    sent(stall, 3)
    asked = some(stall, 1, unit_prices=prices(stall))
    first, again = report_sold(**asked), report_sold(**asked)
    assert first.pk == again.pk and again.replayed and stall.balance == PRICE
    with pytest.raises(DomainError) as refused:
        report_sold(**asked | {"paid": Decimal(1)})
    assert refused.value.status == 409


def test_goods_come_back(stall: Stall) -> None:
    place = sent(stall, 3)
    take_goods_back(destination=stall.main, **some(stall, 2))
    assert (stall.on_hand(0, place), stall.on_hand(0)) == (1, 2)
    with pytest.raises(DomainError):
        take_goods_back(destination=stall.main, **some(stall, 2))
    assert verify_ledger() == []


def test_a_wrong_report_is_taken_back_once(stall: Stall) -> None:
    place = sent(stall, 3)
    sale = report_sold(unit_prices=prices(stall), **some(stall, 2))
    with pytest.raises(DomainError) as refused:
        reverse_posting(posting=sale.posting, actor=stall.owner, idempotency_key=key())
    assert refused.value.code == "belongs_to_paper" and sale.number in str(refused.value.message)
    for replayed in (False, True):
        assert take_back_sale(sale=sale, actor=stall.owner).replayed is replayed
    assert (stall.on_hand(0, place), stall.balance, sold_pieces(partner(stall))) == (3, 0, 0)
    assert Slip.objects.latest("pk").reverses == sale.slip and verify_ledger() == []


def test_goods_at_a_partner_are_not_promised_to_others(stall: Stall) -> None:
    from erp.inventory.services import Claim, reserve

    place = sent(stall, 3)
    with pytest.raises(DomainError):
        reserve(
            brand=stall.brand, claims=[Claim(stall.variants[0].pk, 1, place.pk)], actor=stall.owner,
            idempotency_key=key(),
        )  # fmt: skip


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_place_is_made(self, transactional_db: None) -> None:
        stall = make_stall()
        stall.stock(8)
        answers = at_once([lambda: place_goods(source=stall.main, **some(stall, 2))] * 4)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert Location.objects.filter(kind="consignment").count() == 1
        assert stall.on_hand(0, partner(stall).location) == 8

    def test_no_piece_is_sold_twice(self, transactional_db: None) -> None:
        stall = make_stall()
        sent(stall, 3)
        answers = at_once([lambda: report_sold(unit_prices=prices(stall), **some(stall, 1)) for _n in range(5)])
        assert sum(isinstance(answer, DomainError) for answer in answers) == 2
        assert stall.balance == 3 * PRICE and verify_ledger() == []
