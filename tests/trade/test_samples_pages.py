"""Sample loans as pages and over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.days import business_day
from erp.trade.models import Loan, LoanEvent, Slip
from erp.trade.services.samples import take_samples_back
from tests.api.shop import Api, codes_of
from tests.trade.stall import Stall, key, make_stall, queries_of
from tests.trade.test_samples import counts, lent, some
from tests.web.shop import a_stranger


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def day(stall: Stall, days: int = 3) -> str:
    return (business_day(stall.brand) + timedelta(days=days)).isoformat()


def typed(stall: Stall, *texts: str, **more: str) -> dict[str, str]:
    cells = {f"q-{variant.pk}": text for variant, text in zip(stall.variants, texts, strict=False)}
    return {"key": key(), "location": str(stall.main.pk), "product": str(stall.shop.product.pk)} | cells | more


def test_lending_on_the_page(stall: Stall) -> None:
    stall.stock(3)
    client = stall.client(stall.shop.staff)
    assert "of 3" in client.get(f"{stall.url('loan-new')}?product={stall.shop.product.pk}").content.decode()
    data = typed(stall, "2", borrower=str(stall.buyer.pk), due_on=day(stall), note="화보")
    answer = client.post(stall.url("loan-new"), data)
    loan = Loan.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == stall.url("loan", loan.public_id)
    assert (loan.borrower, loan.note, counts(loan), stall.on_hand(0)) == (stall.buyer, "화보", [(2, 0, 0)], 1)
    assert client.post(stall.url("loan-new"), data).status_code == 302 and Loan.objects.count() == 1


def test_what_is_refused_keeps_what_was_typed(stall: Stall) -> None:
    stall.stock(1)
    client = stall.client()
    data = typed(stall, "2", borrower=str(stall.buyer.pk), due_on=day(stall), note="화보")
    answer = client.post(stall.url("loan-new"), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Only 1 to take" in page and 'value="2"' in page and 'value="화보"' in page
    answer = client.post(stall.url("loan-new"), data | {"due_on": day(stall, -1)})
    assert answer.status_code == 422 and "This day is over" in answer.content.decode()
    assert not Loan.objects.exists()


def test_settling_on_the_page(stall: Stall) -> None:
    loan = lent(stall, 3, 2)
    client, settle = stall.client(), stall.url("loan-settle", loan.public_id)
    page = client.get(f"{settle}?kind=returned").content.decode()
    assert "of 3" in page and f"q-{stall.variants[2].pk}" not in page
    assert client.post(f"{settle}?kind=returned", typed(stall, "1")).status_code == 302
    assert client.post(f"{settle}?kind=returned", typed(stall, "3")).status_code == 422
    price = {f"price-{stall.shop.product.pk}": "8,000"}
    sold = client.post(f"{settle}?kind=sold", typed(stall, "1", paid="3,000", method="card", **price))
    assert sold.status_code == 302 and Slip.objects.get().new_balance == 5000
    assert (
        client.post(f"{settle}?kind=sold", typed(stall, "1", **{f"price-{stall.shop.product.pk}": ""})).status_code
        == 422
    )
    assert client.post(f"{settle}?kind=lost", typed(stall, "1", "2")).status_code == 302
    loan.refresh_from_db()
    assert counts(loan) == [(0, 1, 2), (0, 0, 2)] and loan.closed_at
    assert client.get(f"{settle}?kind=returned").status_code == 302
    assert client.get(f"{settle}?kind=eaten").status_code == 404
    page = client.get(stall.url("loan", loan.public_id)).content.decode()
    assert "Sold to the borrower" in page and "Lost" in page and str(Slip.objects.get()) in page
    event = LoanEvent.objects.get(kind="sold")
    client.post(stall.url("loan-event-take-back", loan.public_id, event.pk))
    assert stall.balance == 0 and counts(loan) == [(1, 1, 1), (0, 0, 2)]


def test_a_scanned_piece_that_is_not_out_is_told(stall: Stall) -> None:
    loan = lent(stall, 3)
    settle = f"{stall.url('loan-settle', loan.public_id)}?kind=returned"
    assert stall.client().get(f"{settle}&code={stall.variants[0].sku}").status_code == 200
    assert stall.client().get(f"{settle}&code=nothing").status_code in (200, 404)


def test_another_day(stall: Stall) -> None:
    loan, client = lent(stall, 3), stall.client()
    assert client.post(stall.url("loan-extend", loan.public_id), {"due_on": day(stall, 9)}).status_code == 302
    loan.refresh_from_db()
    assert loan.due_on.isoformat() == day(stall, 9)
    for wrong in (day(stall, -2), "soon"):
        answer = client.post(stall.url("loan-extend", loan.public_id), {"due_on": wrong})
        assert answer.status_code == 422 and "has-error" in answer.content.decode()


def test_the_list_and_what_is_late(stall: Stall) -> None:
    client = stall.client()
    assert "Nothing is lent" in client.get(stall.url("samples")).content.decode()
    late, done = lent(stall, 3), lent(stall, 1)
    Loan.objects.filter(pk=late.pk).update(due_on=business_day(stall.brand) - timedelta(days=2))
    take_samples_back(location=stall.main, **some(stall, done, 1))
    page = client.get(stall.url("samples")).content.decode()
    assert "2 days late" in page and "1 loan is late" in page and done.number not in page
    assert late.number in client.get(f"{stall.url('samples')}?show=late").content.decode()
    assert done.number in client.get(f"{stall.url('samples')}?show=closed").content.decode()
    one = queries_of(client, stall.url("samples"))
    for _n in range(9):
        lent(stall, 1)
    assert queries_of(client, stall.url("samples")) == one
    assert "2일 늦음" in stall.client(language="ko").get(stall.url("samples")).content.decode()


def test_the_page_asks_as_much_for_many_lines(stall: Stall) -> None:
    small, large = lent(stall, 1), lent(stall, 1, 1, 1, 1)
    client = stall.client()
    assert queries_of(client, stall.url("loan", small.public_id)) == queries_of(
        client, stall.url("loan", large.public_id)
    )


def test_who_may_do_what(stall: Stall) -> None:
    loan = lent(stall, 3)
    event = take_samples_back(location=stall.main, **some(stall, loan, 1))
    viewer, stranger = stall.client(stall.shop.viewer), stall.client(a_stranger())
    before = (counts(loan), Loan.objects.count(), LoanEvent.objects.count())
    assert viewer.get(stall.url("loan", loan.public_id)).status_code == 200
    assert viewer.get(stall.url("loan-pdf", loan.public_id)).headers["Content-Type"] == "application/pdf"
    for name, args in {
        "loan-new": (),
        "loan-settle": (loan.public_id,),
        "loan-extend": (loan.public_id,),
        "loan-event-take-back": (loan.public_id, event.pk),
    }.items():
        assert viewer.post(stall.url(name, *args), typed(stall, "1")).status_code == 403
        assert stranger.post(stall.url(name, *args), typed(stall, "1")).status_code == 404
    for name in ("loan", "loan-pdf"):
        assert stranger.get(stall.url(name, loan.public_id)).status_code == 404
    assert (counts(loan), Loan.objects.count(), LoanEvent.objects.count()) == before


class TestApi:
    def post(self, person: Any, path: str, body: dict[str, Any], press: str = "") -> Any:
        return Api(person).post(f"/api/v1/samples/{path}", body, headers={"Idempotency-Key": press or key()})

    def body(self, stall: Stall, quantity: int = 2, **more: Any) -> dict[str, Any]:
        lines = [{"sku": stall.variants[0].sku, "quantity": quantity}]
        base = {"brand": stall.brand.slug, "borrower": stall.buyer.pk, "location": "MAIN", "due_on": day(stall)}
        return base | {"lines": lines} | more

    def test_a_loan_from_beginning_to_end(self, stall: Stall) -> None:
        stall.stock(4)
        first = self.post(stall.owner, "", self.body(stall, 4), "press")
        again = self.post(stall.owner, "", self.body(stall, 4), "press")
        assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
        pk = first.json()["id"]
        line = {"sku": stall.variants[0].sku, "quantity": 1}
        assert self.post(stall.owner, f"{pk}/back/", {"location": "MAIN", "lines": [line]}).status_code == 201
        sold = self.post(stall.owner, f"{pk}/sold/", {"lines": [line | {"unit_price": "8000"}], "paid": "3000"})
        assert sold.status_code == 201 and stall.balance == 5000
        assert self.post(stall.owner, f"{pk}/lost/", {"lines": [line]}).json()["lines"][0]["out"] == 1
        event = sold.json()["events"][-1]["id"]
        undone = self.post(stall.owner, f"{pk}/events/{event}/take-back/", {})
        assert undone.status_code == 200 and undone.json()["lines"][0]["out"] == 2 and stall.balance == 0
        assert self.post(stall.owner, f"{pk}/extend/", {"due_on": day(stall, 8)}).json()["due_on"] == day(stall, 8)
        api = Api(stall.shop.viewer)
        assert len(api.get("/api/v1/samples/?open=true").json()["results"]) == 1
        assert api.get("/api/v1/samples/?open=false").json()["results"] == []
        assert api.get(f"/api/v1/samples/{pk}/pdf/").content.startswith(b"%PDF")

    def test_faults_are_named(self, stall: Stall) -> None:
        stall.stock(1)
        assert codes_of(self.post(stall.owner, "", self.body(stall))) == [(1, "quantity", "insufficient_stock")]
        assert codes_of(self.post(stall.owner, "", self.body(stall, location="X"))) == [
            (None, "location", "unknown_location")
        ]
        twice = [{"sku": stall.variants[0].sku, "quantity": 1}] * 2
        assert codes_of(self.post(stall.owner, "", self.body(stall, lines=twice))) == [(2, "variant", "twice")]
        loan = lent(stall, 1)
        line = {"sku": stall.variants[0].sku, "quantity": 1}
        assert codes_of(self.post(stall.owner, f"{loan.public_id}/sold/", {"lines": [line]})) == [
            (1, "unit_price", "no_price")
        ]

    def test_rights(self, stall: Stall) -> None:
        loan = lent(stall, 1)
        line = {"sku": stall.variants[0].sku, "quantity": 1}
        for path, body in (("", self.body(stall, 1)), (f"{loan.public_id}/lost/", {"lines": [line]})):
            assert self.post(stall.shop.viewer, path, body).status_code == 403
            assert self.post(a_stranger(), path, body).status_code == 404
        assert counts(loan) == [(1, 0, 0)] and Loan.objects.count() == 1


def test_the_admin_only_looks(stall: Stall) -> None:
    loan = lent(stall, 1)
    client = stall.client()
    assert client.get("/admin/trade/loan/").status_code == 200
    assert client.get(f"/admin/trade/loan/{loan.pk}/change/").status_code == 200
    assert client.get("/admin/trade/loan/add/").status_code == 403
