"""Orders over the API: the same services, once for each key, with every wrong line named."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from erp.trade.models import Order, Pack, Shipment, Slip
from tests.api.shop import Api, codes_of
from tests.factories import UserFactory
from tests.trade.desk import Desk, build_desk, check_books, counts, line_of
from tests.web.shop import a_stranger

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


@pytest.fixture
def api(desk: Desk) -> Api:
    return Api(desk.shop.clerk)


def send(api: Api, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    return api.post(path, body or {}, headers={"Idempotency-Key": key or str(uuid.uuid4())})


def body(desk: Desk, *quantities: int, **more: Any) -> dict[str, Any]:
    pairs = zip(desk.variants, quantities, strict=False)
    lines = [{"sku": variant.sku, "quantity": n} for variant, n in pairs if n]
    return {"brand": desk.shop.brand.slug, "buyer": desk.buyer.pk, "lines": lines} | more


def mall(desk: Desk, *quantities: int, **more: Any) -> dict[str, Any]:
    heading = {"buyer": None, "channel": "online", "channel_name": "mall", "channel_number": "N-1"}
    return body(desk, *quantities, **(heading | more))


class TestCreate:
    def test_placed_and_answered_in_full(self, desk: Desk, api: Api) -> None:
        desk.stock(5)
        answer = send(api, ORDERS, body(desk, 2))
        assert answer.status_code == 201
        found = answer.json()
        assert (found["state"], found["reserved"], found["total"]) == ("open", 2, "20000.00")
        assert (found["lines"][0]["sku"], found["lines"][0]["reserved"]) == (desk.variants[0].sku, 2)
        assert found["events"][0]["kind"] == "placed"
        assert api.get(f"{ORDERS}{found['id']}/").json() == found

    def test_a_replay_answers_the_first_one(self, desk: Desk, api: Api) -> None:
        desk.stock(5)
        first, again = (send(api, ORDERS, body(desk, 2), "k") for _try in range(2))
        assert (again.status_code, again["Idempotent-Replay"]) == (200, "true")
        assert first.json()["id"] == again.json()["id"]
        assert send(api, ORDERS, body(desk, 3), "k").status_code == 409
        assert desk.held() == (5, 2)

    def test_without_a_key_nothing_happens(self, desk: Desk, api: Api) -> None:
        assert api.post(ORDERS, body(desk, 1)).json()["code"] == "idempotency_key_required"

    def test_sold_in_one_press(self, desk: Desk, api: Api) -> None:
        desk.stock(1)
        more = {"step": "sell", "shortage": "owed", "paid": "30000", "method": "transfer"}
        found = send(api, ORDERS, body(desk, 3, **more)).json()
        assert (found["owed"], found["shipped"]) == (2, 1)
        assert str(Slip.objects.get().public_id) == found["shipments"][0]["slip"]
        check_books(desk)

    @pytest.mark.parametrize("step", ["draft", "place"])
    def test_money_is_never_lost_in_silence(self, desk: Desk, api: Api, step: str) -> None:
        desk.stock(5)
        answer = send(api, ORDERS, body(desk, 2, step=step, paid="5000"))
        assert (answer.status_code, codes_of(answer)) == (400, [(None, "paid", "paid_needs_sale")])
        assert not Order.objects.exists()

    def test_packs_by_code(self, desk: Desk, api: Api) -> None:
        pieces = [{"variant": desk.variants[0].pk, "quantity": 2}]
        made = api.post(
            "/api/v1/packs/",
            {
                "brand": desk.shop.brand.slug,
                "product": desk.shop.product.pk,
                "name": "고미",
                "code": "GO",
                "lines": pieces,
            },
        )
        assert made.status_code == 201
        found = send(api, ORDERS, body(desk, lines=[{"pack": "GO", "quantity": 3}], step="draft")).json()
        assert [(line["pack"], line["quantity"]) for line in found["lines"]] == [(made.json()["id"], 6)]

    def test_every_wrong_line_in_one_answer(self, desk: Desk, api: Api) -> None:
        lines = [
            {"sku": "NO-SUCH", "quantity": 1},
            {"sku": desk.variants[0].sku, "quantity": 0},
            {"variant": desk.variants[0].pk, "sku": desk.variants[0].sku, "quantity": 1},
            "nonsense",
            {"pack": "NO", "quantity": 1},
            {"sku": desk.variants[1].sku, "quantity": 1, "unit_price": "cheap"},
            {"sku": desk.variants[1].sku, "quantity": 1, "unit_price": 1.5},
        ]
        answer = send(api, ORDERS, body(desk, lines=lines))
        assert answer.status_code == 400
        assert {(line, code) for line, _field, code in codes_of(answer)} >= {
            (1, "unknown_variant"),
            (2, "invalid_quantity"),
            (3, "name_one"),
            (4, "not_an_object"),
            (5, "unknown_pack"),
            (6, "invalid"),
            (7, "invalid"),
        }
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"buyer": 999999}, "buyer"),
            ({"location": "NOWHERE"}, "location"),
            ({"deliver_to": 999999}, "deliver_to"),
            ({"channel": "moon"}, "channel"),
            ({"expires_at": "2026-11-21T10:00"}, "expires_at"),
            ({"step": "jump"}, "step"),
            ({"paid": "-1"}, "paid"),
            ({"lines": "none"}, "lines"),
            ({"lines": []}, "lines"),
        ],
    )
    def test_what_is_wrong_with_the_heading(self, desk: Desk, api: Api, more: dict[str, Any], field: str) -> None:
        answer = send(api, ORDERS, body(desk, 1) | more)
        assert answer.status_code == 400
        assert field in {error.get("field") for error in answer.json()["errors"]}

    def test_too_little_names_the_line(self, desk: Desk, api: Api) -> None:
        desk.stock(5, 1)
        answer = send(api, ORDERS, body(desk, 2, 2))
        assert codes_of(answer) == [(2, "quantity", "insufficient_stock")]
        assert send(api, ORDERS, body(desk, 2, 2, partial=True)).json()["reserved"] == 3


class TestMarketplace:
    def test_the_same_number_is_one_order(self, desk: Desk, api: Api) -> None:
        desk.stock(5)
        first, again = send(api, ORDERS, mall(desk, 2)), send(api, ORDERS, mall(desk, 2))
        assert (first.status_code, again.status_code, again["Idempotent-Replay"]) == (201, 200, "true")
        other = send(api, ORDERS, mall(desk, 3))
        assert (other.status_code, other.json()["code"]) == (409, "order_conflict")
        assert desk.held() == (5, 2)

    def test_paid_then_shipped(self, desk: Desk, api: Api) -> None:
        desk.stock(5)
        made = send(api, ORDERS, mall(desk, 2, expires_at="2099-01-01T00:00:00+09:00")).json()
        assert made["expires_at"]
        assert api.post(f"{ORDERS}{made['id']}/confirm/").json()["expires_at"] is None
        shipped = send(api, f"{ORDERS}{made['id']}/ship/", key="s")
        assert shipped.json()["state"] == "shipped"
        assert send(api, f"{ORDERS}{made['id']}/ship/", key="s")["Idempotent-Replay"] == "true"
        assert not Slip.objects.exists()


class TestSteps:
    def path(self, order: Order, step: str = "") -> str:
        return f"{ORDERS}{order.public_id}/{step}"

    def test_draft_changed_placed_picked_shipped(self, desk: Desk, api: Api) -> None:
        desk.stock(5)
        order = desk.draft(1)
        lines = [{"sku": desk.variants[0].sku, "quantity": 4, "unit_price": "9000"}]
        changed = api.patch(self.path(order), {"lines": lines, "note": "밤"}).json()
        assert (changed["total"], changed["note"], changed["buyer"]) == ("36000.00", "밤", desk.buyer.pk)
        api.post(self.path(order, "place/"))
        pk = line_of(order).pk
        picked = api.post(self.path(order, "pick/"), {"lines": [{"line": pk, "quantity": 3}]}).json()
        assert (picked["state"], picked["lines"][0]["picked"]) == ("picked", 3)
        send(api, self.path(order, "ship/"), {"rest": "cancel", "paid": "27000"})
        assert counts(line_of(order)) == (4, 0, 3, 1, 3)
        check_books(desk)

    def test_ship_a_part_with_the_rest_owed_then_deliver(self, desk: Desk, api: Api) -> None:
        desk.stock(1)
        order = desk.placed(3)
        pk = line_of(order).pk
        send(api, self.path(order, "ship/"), {"lines": [{"line": pk, "quantity": 1, "rest": "owed"}]})
        owed = api.get("/api/v1/owed/", {"brand": desk.shop.brand.slug}).json()["results"]
        assert [(row["pieces"], row["value"], row["buyer"]) for row in owed] == [(2, "20000.00", desk.buyer.pk)]
        desk.stock(5)
        offers = api.get("/api/v1/arrivals/", {"brand": desk.shop.brand.slug}).json()["results"]
        assert [(row["line"], row["offered"]) for row in offers] == [(pk, 2)]
        hold = {"brand": desk.shop.brand.slug, "lines": [{"line": pk, "quantity": 2}]}
        for _try in range(2):
            assert send(api, "/api/v1/arrivals/", hold, "k").json() == {"held": 2, "refused": []}
        assert counts(line_of(order))[1] == 2

    def test_cancel_some_and_reserve(self, desk: Desk, api: Api) -> None:
        order = desk.placed(3)
        pk = line_of(order).pk
        for _try in range(2):
            send(api, self.path(order, "cancel/"), {"lines": [{"line": pk, "quantity": 1}]}, "c")
        desk.stock(9)
        send(api, self.path(order, "reserve/"))
        assert counts(line_of(order)) == (3, 2, 0, 1, 0)

    def test_a_shipment_is_taken_back_once(self, desk: Desk, api: Api) -> None:
        desk.stock(3)
        shipment = desk.ship(desk.placed(3))
        path = f"/api/v1/shipments/{shipment.pk}/take-back/"
        assert send(api, path, {"note": "wrong"}).json()["reversal"]
        assert send(api, path).json()["code"] == "already_reversed"
        assert (desk.held(), desk.balance()) == ((3, 0), 0)

    def test_many_at_once(self, desk: Desk, api: Api) -> None:
        desk.stock(2)
        ready, waiting = desk.placed(2), desk.placed(2)
        named = {"brand": desk.shop.brand.slug, "orders": [str(ready.public_id), str(waiting.public_id)]}
        results = send(api, f"{ORDERS}ship/", named).json()["results"]
        assert [(row["error"] or {}).get("code") for row in results] == [None, "nothing_to_ship"]
        foreign = build_desk().draft(1)
        refused = send(api, f"{ORDERS}ship/", named | {"orders": [str(foreign.public_id)]})
        assert refused.status_code == 400

    def test_unknown_lines_are_refused(self, desk: Desk, api: Api) -> None:
        order = desk.placed(1)
        answer = send(api, self.path(order, "ship/"), {"lines": [{"line": 999999, "quantity": 1}]})
        assert answer.json()["code"] == "unknown_line"

    def test_a_line_named_twice_is_refused(self, desk: Desk, api: Api) -> None:
        desk.stock(5)
        order = desk.placed(3)
        line = {"line": line_of(order).pk, "quantity": 1}
        for step in ("ship/", "pick/", "cancel/", "reserve/"):
            answer = send(api, self.path(order, step), {"lines": [line, line | {"quantity": 2}]})
            assert (answer.status_code, codes_of(answer)) == (400, [(2, "line", "twice")]), step
        assert desk.held() == (5, 3)

    def test_goods_are_held_for_known_lines_only(self, desk: Desk, api: Api) -> None:
        foreign = line_of(build_desk().placed(1))
        named = {"brand": desk.shop.brand.slug, "lines": [{"line": foreign.pk, "quantity": 1}]}
        answer = send(api, "/api/v1/arrivals/", named)
        assert (answer.status_code, codes_of(answer)) == (400, [(None, "lines", "unknown_line")])


def test_lists_are_narrowed_and_ask_no_more_for_more(desk: Desk, api: Api, django_assert_max_num_queries) -> None:
    desk.stock(9)
    for _n in range(6):
        desk.placed(1, 2)
    slug = desk.shop.brand.slug
    for query, expected in (
        ({"state": "open"}, 6),
        ({"buyer": desk.buyer.pk}, 6),
        ({"sku": desk.variants[0].sku}, 6),
        ({"owed": "true"}, 0),
        ({"channel": "online"}, 0),
        ({"number": Order.objects.first().number}, 1),
    ):
        assert len(api.get(ORDERS, {"brand": slug} | query).json()["results"]) == expected, query
    with django_assert_max_num_queries(6):
        api.get(ORDERS, {"brand": slug})


class TestPacks:
    def test_are_changed_whole(self, desk: Desk, api: Api) -> None:
        pieces = [{"variant": desk.variants[0].pk, "quantity": 2}]
        said = {"brand": desk.shop.brand.slug, "product": desk.shop.product.pk, "name": "고미", "lines": pieces}
        made = api.post("/api/v1/packs/", said).json()
        changed = api.put(f"/api/v1/packs/{made['id']}/", said | {"name": "새 고미", "price": "20000"}).json()
        assert (changed["name"], changed["price"]) == ("새 고미", "20000.00")
        wrong = api.put(f"/api/v1/packs/{made['id']}/", said | {"price": "10001"})
        assert wrong.json()["code"] == "indivisible"
        assert len(api.get("/api/v1/packs/").json()["results"]) == 1

    def test_of_another_brands_product_are_not_found(self, desk: Desk, api: Api) -> None:
        said = {"brand": desk.shop.brand.slug, "product": build_desk().shop.product.pk, "name": "고미", "lines": []}
        assert api.post("/api/v1/packs/", said).status_code == 404
        assert not Pack.objects.exists()


class TestWhoMay:
    STEPS = ("place", "pick", "reserve", "ship", "cancel", "confirm")

    def test_who_only_looks_changes_nothing(self, desk: Desk) -> None:
        desk.stock(5)
        order = desk.placed(2)
        shipment = desk.ship(order, 1)
        for person in (desk.shop.viewer, UserFactory(is_auditor=True)):
            api = Api(person)
            assert api.get(f"{ORDERS}{order.public_id}/").status_code == 200
            for step in self.STEPS:
                assert send(api, f"{ORDERS}{order.public_id}/{step}/").status_code == 403, step
            assert send(api, ORDERS, body(desk, 1)).status_code == 403
            assert send(api, f"/api/v1/shipments/{shipment.pk}/take-back/").status_code == 403
        assert (Order.objects.count(), desk.held()) == (1, (4, 1))

    def test_to_a_stranger_nothing_is_there(self, desk: Desk) -> None:
        order = desk.placed(2)
        api = Api(a_stranger())
        assert api.get(ORDERS).json()["results"] == []
        assert api.get("/api/v1/owed/").json()["results"] == []
        assert api.get("/api/v1/arrivals/", {"brand": desk.shop.brand.slug}).status_code == 404
        for step in self.STEPS:
            assert send(api, f"{ORDERS}{order.public_id}/{step}/").status_code == 404
        assert send(api, ORDERS, body(desk, 1)).status_code == 404


class TestTracking:
    def shipped(self, desk: Desk, api: Api, **parcel: str) -> Any:
        desk.stock(5)
        order = send(api, ORDERS, body(desk, 2)).json()
        return send(api, f"{ORDERS}{order['id']}/ship/", parcel, "ship")

    def test_a_parcel_has_its_courier_and_number(self, desk: Desk, api: Api) -> None:
        answer = self.shipped(desk, api, courier="cj", tracking_number="1234-5678 9012")
        assert answer.status_code == 200, answer.json()
        [shipment] = answer.json()["shipments"]
        assert (shipment["courier"], shipment["tracking_number"]) == ("cj", "123456789012")

    @pytest.mark.parametrize(
        ("parcel", "field"),
        [
            ({"courier": "cj"}, "tracking_number"),
            ({"tracking_number": "12345"}, "courier"),
            ({"courier": "nobody", "tracking_number": "12345"}, "courier"),
            ({"courier": "cj", "tracking_number": "1"}, "tracking_number"),
        ],
    )
    def test_half_a_number_ships_nothing(self, desk: Desk, api: Api, parcel: dict[str, str], field: str) -> None:
        answer = self.shipped(desk, api, **parcel)
        assert answer.status_code == 400 and field in [found for _line, found, _code in codes_of(answer)]
        assert not Shipment.objects.exists() and desk.held() == (5, 2)

    def test_the_same_key_with_another_number_is_refused(self, desk: Desk, api: Api) -> None:
        first = self.shipped(desk, api, courier="cj", tracking_number="12345").json()
        path = f"{ORDERS}{first['id']}/ship/"
        again = send(api, path, {"courier": "cj", "tracking_number": "12345"}, "ship")
        assert (again.status_code, again["Idempotent-Replay"]) == (200, "true")
        assert send(api, path, {"courier": "cj", "tracking_number": "99999"}, "ship").status_code == 409

    def test_it_is_said_afterwards(self, desk: Desk, api: Api) -> None:
        found = self.shipped(desk, api).json()
        address = f"/api/v1/shipments/{found['shipments'][0]['id']}/"
        assert api.patch(address, {"courier": "dhl"}).status_code == 400
        told = api.patch(address, {"courier": "dhl", "tracking_number": "JD-0146"})
        assert (told.status_code, told.json()["courier"], told.json()["tracking_number"]) == (200, "dhl", "JD0146")
        assert api.patch(address, {"tracking_number": "99999"}).json()["courier"] == "dhl"
        assert api.get(f"{ORDERS}{found['id']}/").json()["updated_at"] > found["updated_at"]
        assert Api(desk.shop.viewer).patch(address, {"courier": "", "tracking_number": ""}).status_code == 403
        assert Api(a_stranger()).patch(address, {"courier": "", "tracking_number": ""}).status_code == 404
        send(api, f"{address}take-back/")
        gone = api.patch(address, {"courier": "cj", "tracking_number": "11111"})
        assert (gone.status_code, gone.json()["code"]) == (409, "not_shipped")
        assert Shipment.objects.get().tracking_number == "99999"
