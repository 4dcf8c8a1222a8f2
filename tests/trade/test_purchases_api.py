"""Partners, accounts, purchase orders and deliveries over the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.inventory.models import Balance, Posting
from erp.trade.models import Account, AccountEntry, Delivery, Partner, PurchaseOrder
from tests.api.shop import Api, Shop, codes_of, make_shop


@pytest.fixture
def shop(db: None) -> Shop:
    shop = make_shop("haneul")
    shop.brand.refresh_from_db()
    return shop


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(shop.staff)


@pytest.fixture
def factory(shop: Shop) -> Partner:
    return Partner.objects.create(brand=shop.brand, name="창신동 봉제", kind="factory", is_supplier=True)


def send(api: Api, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    return api.post(f"/api/v1/{path}", body or {}, headers={"Idempotency-Key": key or str(uuid.uuid4())})


def order_body(shop: Shop, factory: Partner, *quantities: int) -> dict[str, Any]:
    pairs = zip(shop.variants, quantities, strict=False)
    lines = [{"sku": variant.sku, "quantity": n, "unit_cost": "8000"} for variant, n in pairs]
    return {"brand": shop.slug, "supplier": factory.pk, "location": "MAIN", "lines": lines}


def sent(api: Api, shop: Shop, factory: Partner, *quantities: int) -> str:
    """The address of an order that was sent to its supplier."""
    made = send(api, "purchases/", order_body(shop, factory, *quantities))
    assert made.status_code == 201, made.json()
    path = f"purchases/{made.json()['id']}/"
    assert api.post(f"/api/v1/{path}send/").json()["state"] == "ordered"
    return path


class TestPartners:
    def test_added_changed_and_listed(self, shop: Shop, api: Api) -> None:
        body = {"brand": shop.slug, "name": "언니네", "kind": "agent", "is_buyer": True, "credit_limit": "500000"}
        made = api.post("/api/v1/partners/", body)
        assert made.status_code == 201, made.json()
        pk = made.json()["id"]
        assert (made.json()["balance"], made.json()["shops"]) == ("0.00", [])
        again = api.post("/api/v1/partners/", body)
        assert (again.status_code, "already has this name" in again.json()["errors"][0]["message"]) == (400, True)
        changed = api.patch(f"/api/v1/partners/{pk}/", {"phone": "010-1"})
        assert (changed.status_code, changed.json()["phone"]) == (200, "010-1")
        wrong = api.patch(f"/api/v1/partners/{pk}/", {"credit_limit": "-1"})
        assert codes_of(wrong) == [(None, "credit_limit", "negative")]
        place = api.post(f"/api/v1/partners/{pk}/shops/", {"name": "대구점"})
        assert place.status_code == 201
        closed = api.patch(f"/api/v1/deliver-to/{place.json()['id']}/", {"is_active": False})
        assert closed.json()["is_active"] is False
        listed = api.get("/api/v1/partners/", {"is_buyer": "true"}).json()["results"]
        assert [partner["name"] for partner in listed] == ["언니네"]
        assert api.get("/api/v1/partners/", {"owing": "true"}).json()["results"] == []

    def test_who_may(self, shop: Shop, factory: Partner) -> None:
        viewer, stranger = Api(shop.viewer), Api(make_shop("other").owner)
        path = f"partners/{factory.pk}/"
        assert viewer.get(f"/api/v1/{path}").status_code == 200
        assert viewer.patch(f"/api/v1/{path}", {"name": "x"}).status_code == 403
        assert send(viewer, f"{path}payments/", {"amount": "1", "method": "cash"}).status_code == 403
        assert stranger.get(f"/api/v1/{path}").status_code == 404
        assert send(stranger, f"{path}payments/", {"amount": "1", "method": "cash"}).status_code == 404
        assert send(Api(shop.staff), f"{path}corrections/", {"amount": "1", "note": "x"}).status_code == 403
        assert not AccountEntry.objects.exists()


class TestAccounts:
    def test_a_payment_is_entered_once(self, shop: Shop, api: Api, factory: Partner) -> None:
        body, key = {"amount": "50000", "method": "transfer", "note": "11월"}, str(uuid.uuid4())
        first = send(api, f"partners/{factory.pk}/payments/", body, key)
        again = send(api, f"partners/{factory.pk}/payments/", body, key)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.headers["Idempotent-Replay"] == "true"
        assert first.json() == again.json()
        assert (first.json()["amount"], first.json()["balance_after"]) == ("-50000.00", "-50000.00")
        other = send(api, f"partners/{factory.pk}/payments/", body | {"amount": "1"}, key)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
        assert Account.objects.get().balance == -50_000

    def test_what_is_wrong_is_named(self, api: Api, factory: Partner) -> None:
        path = f"partners/{factory.pk}/payments/"
        assert codes_of(send(api, path, {"amount": "-1", "method": "cash"})) == [(None, "amount", "not_positive")]
        assert codes_of(send(api, path, {"amount": "0.5", "method": "cash"})) == [(None, "amount", "decimals")]
        assert codes_of(send(api, path, {"amount": "1"})) == [(None, "method", "required")]
        assert codes_of(api.post(f"/api/v1/{path}", {"amount": "1", "method": "cash"})) == [
            (None, "Idempotency-Key", "idempotency_key_required")
        ]
        assert not AccountEntry.objects.exists()

    def test_opening_correction_and_taking_back(self, shop: Shop, factory: Partner) -> None:
        owner, path = Api(shop.owner), f"partners/{factory.pk}/"
        opening = send(owner, f"{path}opening/", {"amount": "30000"}).json()
        assert send(owner, f"{path}opening/", {"amount": "1"}).json()["code"] == "opening_exists"
        assert send(owner, f"{path}corrections/", {"amount": "-500", "note": "반올림"}).status_code == 201
        back = f"account-entries/{opening['id']}/reverse/"
        assert send(Api(shop.staff), back).status_code == 403
        assert send(owner, back).json()["reverses"] == opening["id"]
        assert send(owner, back).json()["code"] == "already_reversed"
        listed = owner.get("/api/v1/account-entries/", {"partner": factory.pk}).json()["results"]
        assert [entry["balance_after"] for entry in listed] == ["-500.00", "29500.00", "30000.00"]
        assert listed[-1]["reversed_by"] == listed[0]["id"]


class TestPurchases:
    def test_written_once_and_sent(self, shop: Shop, api: Api, factory: Partner) -> None:
        body, key = order_body(shop, factory, 3, 4), str(uuid.uuid4())
        first, again = send(api, "purchases/", body, key), send(api, "purchases/", body, key)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["id"] == again.json()["id"]
        assert (first.json()["state"], first.json()["currency"]) == ("draft", "KRW")
        assert [line["quantity"] for line in first.json()["lines"]] == [3, 4]
        assert send(api, "purchases/", order_body(shop, factory, 3), key).status_code == 409
        assert PurchaseOrder.objects.count() == 1

    def test_everything_wrong_with_the_lines_is_named(self, shop: Shop, api: Api, factory: Partner) -> None:
        lines = [
            {"sku": "NO-SUCH", "quantity": 1},
            {"sku": shop.variants[0].sku, "quantity": 0},
            {"quantity": 1},
            "nonsense",
            {"variant": shop.variants[1].pk, "quantity": 1, "unit_cost": "-1"},
        ]
        response = send(api, "purchases/", order_body(shop, factory) | {"lines": lines})
        assert response.status_code == 400
        assert [(line, field) for line, field, _code in codes_of(response)] == [
            (1, "sku"), (2, "quantity"), (3, "variant"), (4, "lines"), (5, "unit_cost"),
        ]  # fmt: skip
        for wrong in ({"lines": []}, {"lines": "x"}, {"supplier": 0}, {"location": "NOWHERE"}, {"currency": "XXX"}):
            assert send(api, "purchases/", order_body(shop, factory, 1) | wrong).status_code == 400
        other = Partner.objects.create(brand=make_shop("other").brand, name="남", is_supplier=True)
        refused = send(api, "purchases/", order_body(shop, other, 1))
        assert codes_of(refused) == [(None, "supplier", "unknown_supplier")]
        assert not PurchaseOrder.objects.exists()

    def test_changed_closed_and_cancelled(self, shop: Shop, api: Api, factory: Partner) -> None:
        path = sent(api, shop, factory, 3)
        body = {name: value for name, value in order_body(shop, factory, 5, 6).items() if name != "brand"}
        changed = api.put(f"/api/v1/{path}", body)
        assert [line["quantity"] for line in changed.json()["lines"]] == [5, 6]
        for step, state in (("close", "closed"), ("reopen", "ordered"), ("cancel", "cancelled")):
            assert api.post(f"/api/v1/{path}{step}/").json()["state"] == state
        refused = api.put(f"/api/v1/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
        pdf = api.get(f"/api/v1/{path}pdf/")
        assert pdf["Content-Type"] == "application/pdf"

    def test_who_may(self, shop: Shop, api: Api, factory: Partner) -> None:
        path = sent(api, shop, factory, 3)
        viewer, stranger = Api(shop.viewer), Api(make_shop("other").owner)
        assert viewer.get(f"/api/v1/{path}").status_code == 200
        assert stranger.get(f"/api/v1/{path}").status_code == 404
        for step in ("send/", "close/", "cancel/", "receive/"):
            assert send(viewer, f"{path}{step}", {"lines": []}).status_code == 403
            assert send(stranger, f"{path}{step}", {"lines": []}).status_code == 404
        assert send(viewer, "purchases/", order_body(shop, factory, 3)).status_code == 403
        assert send(stranger, "purchases/", order_body(shop, factory, 3)).status_code == 404
        assert PurchaseOrder.objects.get().state == "ordered"

    def test_a_list_asks_as_much_for_many(self, shop: Shop, api: Api, factory: Partner) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert api.get("/api/v1/purchases/").status_code == 200
            return len(asked)

        sent(api, shop, factory, 3)
        few = queries()
        for _order in range(10):
            sent(api, shop, factory, 3, 4)
        assert queries() == few


class TestDeliveries:
    def test_received_once(self, shop: Shop, api: Api, factory: Partner) -> None:
        path, key = sent(api, shop, factory, 3, 4), str(uuid.uuid4())
        body = {"lines": [{"sku": shop.variants[0].sku, "quantity": 2, "unit_cost": "7500"}], "note": "1차"}
        first, again = send(api, f"{path}receive/", body, key), send(api, f"{path}receive/", body, key)
        assert (first.status_code, again.status_code) == (201, 200), first.json()
        assert again.headers["Idempotent-Replay"] == "true"
        assert first.json()["lines"][0]["unit_cost"] == "7500.0000"
        order = api.get(f"/api/v1/{path}").json()
        assert (order["state"], [line["received"] for line in order["lines"]]) == ("partial", [2, 0])
        assert [line["to_come"] for line in order["lines"]] == [1, 4]
        assert Balance.objects.get().on_hand == 2
        assert Posting.objects.count() == 1

    def test_more_than_ordered(self, shop: Shop, api: Api, factory: Partner) -> None:
        path = sent(api, shop, factory, 3)
        lines = [{"sku": shop.variants[0].sku, "quantity": 5}, {"sku": shop.variants[1].sku, "quantity": 1}]
        refused = send(api, f"{path}receive/", {"lines": lines})
        assert refused.json()["code"] == "over_delivery"
        assert codes_of(refused) == [(1, "quantity", "over_delivery"), (2, "quantity", "over_delivery")]
        assert not Posting.objects.exists()
        assert send(api, f"{path}receive/", {"lines": lines, "allow_over": True}).status_code == 201
        assert [line["difference"] for line in api.get(f"/api/v1/{path}").json()["lines"]] == [2, 1]

    def test_taken_back_once(self, shop: Shop, api: Api, factory: Partner) -> None:
        path = sent(api, shop, factory, 3)
        lines = [{"variant": shop.variants[0].pk, "quantity": 3}]
        delivery = send(api, f"{path}receive/", {"lines": lines}).json()
        back = f"/api/v1/deliveries/{delivery['id']}/take-back/"
        assert Api(shop.viewer).post(back).status_code == 403
        for _press in range(2):
            answer = api.post(back, {"note": "잘못"})
            assert (answer.status_code, answer.json()["reversal"] is not None) == (200, True)
        assert api.get(f"/api/v1/{path}").json()["state"] == "ordered"
        assert Delivery.objects.get().reversal is not None
        listed = api.get("/api/v1/deliveries/", {"order": delivery["order"]}).json()["results"]
        assert [row["id"] for row in listed] == [delivery["id"]]
