"""Consignment as pages and over the API."""

from __future__ import annotations

from typing import Any

import pytest

from erp.inventory.models import Posting
from erp.trade.models import ConsignmentSale, Partner, Slip
from erp.trade.services.consignment import report_sold
from tests.api.shop import Api, codes_of
from tests.trade.stall import Stall, key, make_stall, queries_of
from tests.trade.test_consignment import partner, prices, sent, some
from tests.web.shop import a_stranger


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def typed(stall: Stall, *texts: str, **more: str) -> dict[str, str]:
    cells = {f"q-{variant.pk}": text for variant, text in zip(stall.variants, texts, strict=False)}
    return {"key": key()} | cells | more


def test_goods_are_sent_sold_and_taken_back_on_the_pages(stall: Stall) -> None:
    stall.stock(5)
    client, pk = stall.client(stall.shop.staff), stall.buyer.pk
    assert stall.buyer.name in client.get(stall.url("consignments")).content.decode()
    start = client.get(f"{stall.url('consignment-start')}?partner={pk}")
    assert start.headers["Location"] == stall.url("consignment-place", pk)
    data = typed(stall, "4", location=str(stall.main.pk))
    assert client.post(stall.url("consignment-place", pk), data).status_code == 302
    place = partner(stall).location
    assert stall.on_hand(0, place) == 4
    page = client.get(stall.url("consignment-sold", pk)).content.decode()
    assert "of 4" in page and 'value="12,000"' in page and f"q-{stall.variants[1].pk}" not in page
    price = {f"price-{stall.shop.product.pk}": "9,000"}
    data = typed(stall, "3", location=str(place.pk), paid="7,000", method="cash", **price)
    assert client.post(stall.url("consignment-sold", pk), data).status_code == 302
    assert (Slip.objects.get().new_balance, stall.on_hand(0, place)) == (20000, 1)
    page = client.get(stall.url("consignment", pk)).content.decode()
    assert str(Slip.objects.get()) in page and "Sold so far" in page
    assert 'value="9,000"' in client.get(stall.url("consignment-sold", pk)).content.decode()
    data = typed(stall, "1", location=str(place.pk), destination=str(stall.main.pk))
    assert client.post(stall.url("consignment-take-back", pk), data).status_code == 302
    assert (stall.on_hand(0, place), stall.on_hand(0)) == (0, 2)
    client.post(stall.url("sale-take-back", ConsignmentSale.objects.get().public_id))
    assert (stall.balance, stall.on_hand(0, place)) == (0, 3)


def test_what_is_refused_keeps_what_was_typed(stall: Stall) -> None:
    place = sent(stall, 2)
    pk, more = stall.buyer.pk, {"location": str(place.pk), "note": "11월"}
    answer = stall.client().post(stall.url("consignment-sold", pk), typed(stall, "3", **more))
    page = answer.content.decode()
    assert answer.status_code == 422 and "Only 2 to take" in page and 'value="3"' in page and 'value="11월"' in page
    assert not Slip.objects.exists()


def test_a_partner_without_goods(stall: Stall) -> None:
    client, pk = stall.client(), stall.buyer.pk
    for name in ("consignment-sold", "consignment-take-back"):
        assert client.get(stall.url(name, pk)).headers["Location"] == stall.url("consignment", pk)
    assert "Nothing lies here now" in client.get(stall.url("consignment", pk)).content.decode()
    assert client.get(stall.url("consignment-start")).status_code == 302


def test_the_pages_ask_as_much_for_many(stall: Stall) -> None:
    sent(stall, 1)
    client = stall.client()
    one = queries_of(client, stall.url("consignment", stall.buyer.pk))
    sent(stall, 1, 1, 1, 1)
    for _n in range(3):
        report_sold(unit_prices=prices(stall), **some(stall, 0, 0, 0, 1) if not _n else some(stall, 1 if _n < 3 else 0))
    assert queries_of(client, stall.url("consignment", stall.buyer.pk)) <= one + 1  # one more where there are reports
    many = queries_of(client, stall.url("consignments"))
    for n in range(5):
        Partner.objects.create(brand=stall.brand, name=f"가게 {n}", is_buyer=True)
    assert queries_of(client, stall.url("consignments")) == many


def test_korean(stall: Stall) -> None:
    sent(stall, 2)
    page = stall.client(language="ko").get(stall.url("consignment", stall.buyer.pk)).content.decode()
    assert "맡긴 수량" in page and "판매 보고" in page


def test_who_may_do_what(stall: Stall) -> None:
    place = sent(stall, 2)
    sale = report_sold(unit_prices=prices(stall), **some(stall, 1))
    viewer, stranger, pk = stall.client(stall.shop.viewer), stall.client(a_stranger()), stall.buyer.pk
    before = (Posting.objects.count(), Slip.objects.count())
    assert viewer.get(stall.url("consignment", pk)).status_code == 200
    assert stranger.get(stall.url("consignment", pk)).status_code == 404
    data = typed(stall, "1", location=str(place.pk))
    for name in ("consignment-place", "consignment-sold", "consignment-take-back"):
        assert viewer.post(stall.url(name, pk), data).status_code == 403
        assert stranger.post(stall.url(name, pk), data).status_code == 404
    assert viewer.post(stall.url("sale-take-back", sale.public_id)).status_code == 403
    assert stranger.post(stall.url("sale-take-back", sale.public_id)).status_code == 404
    assert (Posting.objects.count(), Slip.objects.count()) == before


class TestApi:
    def post(self, person: Any, path: str, body: dict[str, Any], press: str = "") -> Any:
        return Api(person).post(f"/api/v1/consignment/{path}", body, headers={"Idempotency-Key": press or key()})

    def body(self, stall: Stall, quantity: int, **line: Any) -> dict[str, Any]:
        lines = [{"sku": stall.variants[0].sku, "quantity": quantity} | line]
        return {"brand": stall.brand.slug, "partner": stall.buyer.pk, "location": "MAIN", "lines": lines}

    def test_goods_go_are_sold_and_come_back(self, stall: Stall) -> None:
        stall.stock(5)
        assert self.post(stall.owner, "place/", self.body(stall, 4)).status_code == 201
        body = self.body(stall, 2, unit_price="9000") | {"paid": "8000"}
        first, again = (self.post(stall.owner, "", body, "press") for _time in range(2))
        assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
        assert (first.json()["total"], stall.balance) == ("18000.00", 10000)
        assert self.post(stall.owner, "back/", self.body(stall, 1)).status_code == 201
        done = self.post(stall.owner, f"{first.json()['id']}/take-back/", {"reason": "오류"})
        assert done.status_code == 200 and done.json()["taken_back_at"] and stall.balance == 0
        rows = Api(stall.shop.viewer).get(f"/api/v1/consignment/?partner={stall.buyer.pk}").json()["results"]
        assert [row["id"] for row in rows] == [first.json()["id"]]

    def test_faults_and_rights(self, stall: Stall) -> None:
        sent(stall, 1)
        body = self.body(stall, 2, unit_price="9000")
        assert codes_of(self.post(stall.owner, "", body)) == [(1, "quantity", "insufficient_stock")]
        assert codes_of(self.post(stall.owner, "", self.body(stall, 1))) == [(1, "unit_price", "no_price")]
        assert codes_of(self.post(stall.owner, "", body | {"partner": 999999})) == [(None, "partner", "does_not_exist")]
        for path in ("", "place/", "back/"):
            assert self.post(stall.shop.viewer, path, body).status_code == 403
            assert self.post(a_stranger(), path, body).status_code == 404
        assert not ConsignmentSale.objects.exists()


def test_the_admin_only_looks(stall: Stall) -> None:
    sent(stall, 2)
    sale = report_sold(unit_prices=prices(stall), **some(stall, 1))
    client = stall.client()
    assert client.get("/admin/trade/consignmentsale/").status_code == 200
    assert client.get(f"/admin/trade/consignmentsale/{sale.pk}/change/").status_code == 200
