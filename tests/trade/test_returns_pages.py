"""Returns as pages and over the API: looked over first, confirmed once, taken back, and not by strangers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from erp.trade.models import ReturnLine, ReturnNote, Slip
from tests.api.shop import Api, codes_of
from tests.trade.stall import PRICE, Stall, key, make_stall, queries_of
from tests.trade.test_returns import back, papers, returned, sold
from tests.web.shop import a_stranger


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def typed(stall: Stall, *cells: str, **more: str) -> dict[str, str]:
    """The fields of the page, with cells such as `q-0=2`: so many of the first variant."""
    names = dict(cell.split("=") for cell in cells)
    pairs = {f"{name[:2]}{stall.variants[int(name[2:])].pk}": text for name, text in names.items()}
    places = {"location": str(stall.main.pk), "defective": str(stall.place("defective").pk)}
    return {"key": key(), "step": "look", "method": "cash", "settle": "account"} | places | pairs | more


def look(stall: Stall, data: dict[str, str], status: int = 200) -> str:
    answer = stall.client().post(stall.url("return-new"), data)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_return_of_an_order_is_looked_over_and_then_confirmed(stall: Stall) -> None:
    order = sold(stall, 3, 2, unit_price=Decimal(9000))
    stall.stock(0, 0, 4)
    page = stall.client().get(f"{stall.url('return-new')}?order={order.number}").content.decode()
    assert "of 3" in page and "of 2" in page and 'value="9,000"' in page and "나래상회" in page
    data = typed(stall, "q-0=2", "d-1=1", "s-2=1", order=order.number, reason="사이즈")
    before = papers()
    page = look(stall, data)
    assert papers() == before
    for word in ("+2", "+1", "-1", "-₩18,000", "₩45,000", "₩27,000", 'name="step" value="save"'):
        assert word in page, word
    answer = stall.client().post(stall.url("return-new"), data | {"step": "save", "seen": seen_in(page)})
    note = ReturnNote.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == stall.url("return", note.public_id)
    assert [(line.kind, line.quantity) for line in note.lines.order_by("pk")] == [
        ("sellable", 2),
        ("defective", 1),
        ("sent", 1),
    ]
    assert (note.order, note.reason, note.slip.new_balance) == (order, "사이즈", 27000)
    again = stall.client().post(stall.url("return-new"), data | {"step": "save", "seen": seen_in(page)})
    assert again.status_code == 302 and ReturnNote.objects.count() == 1


def test_what_changed_since_is_looked_over_again(stall: Stall) -> None:
    data = typed(stall, "q-0=2", buyer=str(stall.buyer.pk))
    seen = seen_in(look(stall, data))
    page = look(stall, data | {f"q-{stall.variants[0].pk}": "3", "step": "save", "seen": seen})
    assert "Something changed since you looked it over" in page and not ReturnNote.objects.exists()
    assert not ReturnNote.objects.exists() and seen_in(page) != seen


def test_money_settled_now_leaves_the_account_as_it_was(stall: Stall) -> None:
    data = typed(stall, "q-0=2", buyer=str(stall.buyer.pk), settle="now", method="transfer")
    page = look(stall, data)
    assert "Paid back" in page
    stall.client().post(stall.url("return-new"), data | {"step": "save", "seen": seen_in(page)})
    note = ReturnNote.objects.get()
    assert (note.paid, note.method, stall.balance) == (-2 * PRICE, "transfer", 0)


def test_a_customer_without_an_account(stall: Stall) -> None:
    page = look(stall, data := typed(stall, "q-0=1", **{f"price-{stall.shop.product.pk}": "7,000"}))
    assert "No account: settled on the spot." in page and "-₩7,000" in page
    stall.client().post(stall.url("return-new"), data | {"step": "save", "seen": seen_in(page)})
    assert ReturnNote.objects.get().paid == -7000 and not Slip.objects.exists()


def test_what_is_refused_lies_at_its_cell_and_nothing_typed_is_lost(stall: Stall) -> None:
    order = sold(stall, 2)
    page = look(stall, typed(stall, "q-0=3", "s-1=5", order=order.number, reason="사이즈"), status=422)
    assert 'value="3"' in page and 'value="5"' in page and 'value="사이즈"' in page
    assert "at most 2 of this order can come back" in page
    page = look(stall, typed(stall, "q-0=1", "s-1=5", order=order.number), status=422)
    assert "5 asked, 0 available" in page
    for cells, words in ((["q-0=two"], "This is no number"), ([], "at least one cell"), (["d-0=-1"], "minus")):
        assert words in look(stall, typed(stall, *cells), status=422)
    assert "Mend the marked prices" in look(
        stall, typed(stall, "q-0=1", **{f"price-{stall.shop.product.pk}": "cheap"}), status=422
    )
    assert not ReturnNote.objects.exists()


def test_without_script_a_code_counts_up(stall: Stall) -> None:
    data = typed(stall, "q-0=1") | {"action": "find", "code": stall.variants[0].sku}
    assert re.search(rf'name="q-{stall.variants[0].pk}" value="2"', look(stall, data))
    found = stall.client().get(f"{stall.url('return-find')}?code={stall.variants[0].sku}")
    assert found.status_code == 200 and f's-{stall.variants[0].pk}"' in found.content.decode()
    assert stall.client().get(f"{stall.url('return-find')}?code=nothing").status_code == 404


def test_the_page_of_a_return_and_taking_it_back(stall: Stall) -> None:
    order = sold(stall, 2)
    note = returned(stall, back(stall, 0, 2), order=order, reason="변심")
    client = stall.client(stall.shop.staff)
    page = client.get(stall.url("return", note.public_id)).content.decode()
    for word in (note.number, order.number, "변심", "+2", "-₩24,000", "₩0", str(note.slip)):
        assert word in page, word
    client.post(stall.url("return-take-back", note.public_id), {"reason": "오류"})
    page = client.get(stall.url("return", note.public_id)).content.decode()
    assert "This was taken back" in page and "Take the return back" not in page and stall.balance == 24000
    before = papers()
    assert client.post(stall.url("return-take-back", note.public_id)).status_code == 302
    assert papers() == before


def test_goods_that_went_on_are_told(stall: Stall) -> None:
    note = returned(stall, back(stall, 0, 2), buyer=stall.buyer)
    sold(stall, 0, 1)
    from erp.inventory.services import ship

    quantities = {stall.variants[0].pk: 2}
    ship(brand=stall.brand, location=stall.main, quantities=quantities, actor=stall.owner, idempotency_key=key())
    answer = stall.client().post(stall.url("return-take-back", note.public_id))
    assert answer.status_code == 400 and "have gone on" in answer.content.decode()


def test_the_list(stall: Stall) -> None:
    client = stall.client()
    assert "Nothing came back yet" in client.get(stall.url("returns")).content.decode()
    note = returned(stall, back(stall), buyer=stall.buyer)
    for text, found in ((note.number, True), ("나래", True), ("없는", False)):
        page = client.get(f"{stall.url('returns')}?q={text}").content.decode()
        assert (stall.url("return", note.public_id) in page) is found
    one = queries_of(client, stall.url("returns"))
    for _n in range(9):
        returned(stall, back(stall), buyer=stall.buyer)
    assert queries_of(client, stall.url("returns")) == one
    page_of_one = queries_of(client, stall.url("return", note.public_id))
    many = returned(stall, *(back(stall, n) for n in range(4)), buyer=stall.buyer)
    assert queries_of(client, stall.url("return", many.public_id)) == page_of_one


def test_korean(stall: Stall) -> None:
    note = returned(stall, back(stall), buyer=stall.buyer)
    page = stall.client(language="ko").get(stall.url("return", note.public_id)).content.decode()
    assert "다시 팔 수 있음" in page and "반품 장끼" in page and "돌려줄 돈" in page


def test_who_may_do_what(stall: Stall) -> None:
    note = returned(stall, back(stall), buyer=stall.buyer)
    before = papers()
    viewer, stranger = stall.client(stall.shop.viewer), stall.client(a_stranger())
    assert viewer.get(stall.url("return", note.public_id)).status_code == 200
    data = typed(stall, "q-0=1")
    for name, args in (("return-new", ()), ("return-take-back", (note.public_id,))):
        assert viewer.post(stall.url(name, *args), data).status_code == 403
        assert stranger.post(stall.url(name, *args), data).status_code == 404
    assert stranger.get(stall.url("return", note.public_id)).status_code == 404
    assert papers() == before


class TestApi:
    def body(self, stall: Stall, **more: Any) -> dict[str, Any]:
        line = {"sku": stall.variants[0].sku, "quantity": 2, "kind": "sellable", "location": "MAIN"}
        return {"brand": stall.brand.slug, "buyer": stall.buyer.pk, "lines": [line]} | more

    def post(self, person: Any, body: dict[str, Any], path: str = "", **headers: str) -> Any:
        headers = {"Idempotency-Key": key()} | headers
        return Api(person).post(f"/api/v1/returns/{path}", body, headers=headers)

    def test_preview_then_create_once(self, stall: Stall) -> None:
        before = papers()
        seen = self.post(stall.owner, self.body(stall), "preview/").json()
        assert seen["later"] == "-24000.00" and seen["stock"][0]["change"] == 2 and papers() == before
        headers = {"Idempotency-Key": "press"}
        first = self.post(stall.owner, self.body(stall), **headers)
        again = self.post(stall.owner, self.body(stall), **headers)
        assert (first.status_code, again.status_code) == (201, 200) and again.headers["Idempotent-Replay"] == "true"
        assert first.json() == again.json() and first.json()["total"] == "-24000.00"
        assert stall.on_hand(0) == 2
        api = Api(stall.shop.viewer)
        assert [row["number"] for row in api.get("/api/v1/returns/").json()["results"]] == [first.json()["number"]]

    def test_faults_are_named(self, stall: Stall) -> None:
        order = sold(stall, 1)
        body = self.body(stall, order=order.number)
        del body["buyer"]
        assert codes_of(self.post(stall.owner, body)) == [(1, "quantity", "too_many_returned")]
        assert codes_of(self.post(stall.owner, body | {"order": "SO-0"})) == [(None, "order", "does_not_exist")]
        lines = [{"sku": "NO", "quantity": 1, "kind": "sellable", "location": "MAIN"}]
        assert codes_of(self.post(stall.owner, body | {"lines": lines})) == [(1, "sku", "unknown_variant")]
        other = make_stall("other")
        assert codes_of(self.post(stall.owner, self.body(stall, buyer=other.buyer.pk))) == [
            (None, "buyer", "does_not_exist")
        ]
        assert self.post(stall.owner, body, **{"Idempotency-Key": ""}).status_code == 400
        assert not ReturnLine.objects.exists()

    def test_taken_back_and_rights(self, stall: Stall) -> None:
        note = returned(stall, back(stall), buyer=stall.buyer)
        path = f"{note.public_id}/take-back/"
        before = papers()
        assert self.post(stall.shop.viewer, {}, path).status_code == 403
        assert self.post(stall.shop.viewer, self.body(stall)).status_code == 403
        assert self.post(a_stranger(), {}, path).status_code == 404
        assert self.post(a_stranger(), self.body(stall)).status_code == 404
        assert papers() == before
        done = self.post(stall.owner, {"reason": "오류"}, path)
        assert done.status_code == 200 and done.json()["taken_back_at"] and stall.balance == 0


def test_the_admin_only_looks(stall: Stall) -> None:
    note = returned(stall, back(stall), buyer=stall.buyer)
    client = stall.client()
    assert client.get("/admin/trade/returnnote/").status_code == 200
    assert client.get(f"/admin/trade/returnnote/{note.pk}/change/").status_code == 200
    assert client.post(f"/admin/trade/returnnote/{note.pk}/delete/", {"post": "yes"}).status_code == 403
