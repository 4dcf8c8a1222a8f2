"""The pages of orders: typed or scanned, placed, picked, shipped; refused with what was typed still there."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.test import Client

from erp.trade.models import Order, Pack, Partner, Slip
from erp.trade.services.packs import save_pack
from tests.trade.desk import Desk, build_desk, check_books, counts, line_of, url
from tests.web.shop import a_stranger, queries_of

pytestmark = pytest.mark.django_db


def typed(desk: Desk, *texts: str, step: str = "place", **more: str) -> dict[str, str]:
    base = desk.shop.entry(*texts, **{f"price-{desk.shop.product.pk}": "10,000"})
    return base | {"buyer": str(desk.buyer.pk), "step": step} | more


def press(desk: Desk, clerk: Client, *texts: str, **more: str):
    return clerk.post(url(desk, "order-new"), typed(desk, *texts, **more))


class TestNew:
    def test_first_whom_it_is_for_the_last_ones_first(self, desk: Desk, clerk: Client) -> None:
        Partner.objects.create(brand=desk.shop.brand, name="가나상회", is_buyer=True)
        desk.draft(1)
        page = clerk.get(url(desk, "order-new"))
        assert [buyer.name for buyer in page.context["buyers"]] == ["미소상회", "가나상회"]
        found = clerk.get(url(desk, "order-new"), {"q": "가나"}, headers={"HX-Request": "true"})
        assert "가나상회" in found.content.decode()
        assert "미소상회" not in found.content.decode()

    def test_a_new_buyer_on_the_way(self, desk: Desk, clerk: Client) -> None:
        answer = clerk.post(url(desk, "order-new"), {"name": "새상회", "phone": "010-1"})
        buyer = Partner.objects.get(name="새상회")
        assert buyer.is_buyer
        assert answer["Location"].endswith(f"?buyer={buyer.pk}")
        again = clerk.post(url(desk, "order-new"), {"name": "새상회", "phone": "010-1"})
        assert again.status_code == 422
        assert 'value="새상회"' in again.content.decode()

    def test_the_price_they_paid_last_stands_there(self, desk: Desk, clerk: Client) -> None:
        address = url(desk, "order-new")
        query = {"buyer": desk.buyer.pk, "product": desk.shop.product.pk}
        assert 'value="10,000"' in clerk.get(address, query).content.decode()
        press(desk, clerk, "1", **{f"price-{desk.shop.product.pk}": "8,500"})
        assert 'value="8,500"' in clerk.get(address, query).content.decode()

    @pytest.mark.parametrize(("step", "state", "held"), [("draft", "draft", 0), ("place", "open", 2)])
    def test_saved_or_placed(self, desk: Desk, clerk: Client, step: str, state: str, held: int) -> None:
        desk.stock(5)
        answer = press(desk, clerk, "2", step=step)
        order = Order.objects.get()
        assert answer["Location"] == url(desk, "order", order.public_id)
        assert (order.state, desk.held()) == (state, (5, held))

    def test_sold_at_once_with_slip_and_payment(self, desk: Desk, clerk: Client) -> None:
        desk.stock(5)
        data = typed(desk, "2", step="sell", paid="20,000", method="cash")
        for _press in range(2):
            assert clerk.post(url(desk, "order-new"), data).status_code == 302
        assert (Slip.objects.get().new_balance, desk.held()) == (0, (3, 0))
        check_books(desk)

    def test_too_little_is_marked_at_its_cell_and_nothing_typed_is_lost(self, desk: Desk, clerk: Client) -> None:
        desk.stock(5, 1)
        answer = press(desk, clerk, "2", "3", step="sell", note="급함")
        assert answer.status_code == 422
        page = answer.content.decode()
        assert answer.context["form"].sheet.cells[desk.variants[1].pk].error
        assert 'value="급함"' in page
        assert not Order.objects.exists()
        assert press(desk, clerk, "2", "3", step="sell", shortage="owed").status_code == 302
        assert line_of(Order.objects.get(), 1).owed == 2

    @pytest.mark.parametrize("price", ["free", "-1", "10.5"])
    def test_wrong_prices(self, desk: Desk, clerk: Client, price: str) -> None:
        answer = press(desk, clerk, "1", **{f"price-{desk.shop.product.pk}": price})
        assert answer.status_code == 422
        assert answer.context["form"].prices[desk.shop.product.pk].error
        assert f'value="{price}"' in answer.content.decode()
        assert not Order.objects.exists()

    def test_an_empty_order_is_refused(self, desk: Desk, clerk: Client) -> None:
        assert press(desk, clerk, "").status_code == 422

    def test_over_the_limit_is_said_at_the_payment(self, desk: Desk, clerk: Client) -> None:
        desk.stock(5)
        Partner.objects.filter(pk=desk.buyer.pk).update(credit_limit=Decimal(1))
        answer = press(desk, clerk, "2", step="sell")
        assert answer.context["form"].errors["paid"]

    def test_a_draft_is_edited(self, desk: Desk, clerk: Client) -> None:
        order = desk.draft(2)
        address = url(desk, "order-edit", order.public_id)
        assert 'value="2"' in clerk.get(address).content.decode()
        clerk.post(address, typed(desk, "", "4", step="place"))
        order.refresh_from_db()
        assert (order.state, order.lines.get().quantity) == ("open", 4)
        assert clerk.get(address).status_code == 302

    def test_over_the_counter(self, desk: Desk, clerk: Client) -> None:
        desk.stock(3)
        data = typed(desk, "2", step="sell", customer_name="손님")
        clerk.post(url(desk, "order-sell"), data)
        order = Order.objects.get()
        assert (order.channel, order.state, order.customer_name) == ("retail", "shipped", "손님")

    def test_the_language_of_a_korean_is_korean(self, desk: Desk, clerk: Client) -> None:
        clerk.cookies["django_language"] = "ko"
        query = {"buyer": desk.buyer.pk, "product": desk.shop.product.pk}
        assert 'lang="ko"' in clerk.get(url(desk, "order-new"), query).content.decode()


class TestScanning:
    @pytest.fixture
    def pack(self, desk: Desk) -> Pack:
        pieces = {desk.variants[0].pk: 1, desk.variants[1].pk: 2}
        return save_pack(product=desk.shop.product, name="고미", code="GO-1", quantities=pieces)

    def test_a_code_answers_the_grid_and_the_cell(self, desk: Desk, clerk: Client, pack: Pack) -> None:
        found = clerk.get(url(desk, "order-find"), {"code": desk.variants[0].sku, "buyer": desk.buyer.pk})
        assert f'data-cell="q-{desk.variants[0].pk}"' in found.content.decode()
        found = clerk.get(url(desk, "order-find"), {"code": "GO-1"})
        assert f'data-cell="p-{pack.pk}"' in found.content.decode()
        assert clerk.get(url(desk, "order-find"), {"code": "nothing"}).status_code == 404

    def test_without_script_a_scan_counts_up(self, desk: Desk, clerk: Client, pack: Pack) -> None:
        data = typed(desk, "2", action="find", code=desk.variants[0].sku)
        form = clerk.post(url(desk, "order-new"), data).context["form"]
        assert form.sheet.cells[desk.variants[0].pk].text == "3"
        form = clerk.post(url(desk, "order-new"), data | {"code": "GO-1"}).context["form"]
        assert form.pack_cells[pack.pk].text == "1"
        assert not Order.objects.exists()

    def test_packs_are_ordered(self, desk: Desk, clerk: Client, pack: Pack) -> None:
        press(desk, clerk, "", **{f"p-{pack.pk}": "3"})
        assert [line.quantity for line in Order.objects.get().lines.order_by("pk")] == [3, 6]
        assert Order.objects.get().lines.first().unit_price == 10_000

    def test_a_short_pack_is_marked(self, desk: Desk, clerk: Client, pack: Pack) -> None:
        desk.stock(9, 1)
        answer = press(desk, clerk, "1", step="sell", **{f"p-{pack.pk}": "1"})
        assert answer.status_code == 422
        assert answer.context["form"].pack_cells[pack.pk].error
        broken = press(desk, clerk, "1", **{f"p-{pack.pk}": "x"})
        assert broken.context["form"].pack_cells[pack.pk].error


class TestSteps:
    def key(self) -> dict[str, str]:
        return {"key": str(uuid.uuid4())}

    def test_place_reserve_paid(self, desk: Desk, clerk: Client) -> None:
        order = desk.draft(3)
        clerk.post(url(desk, "order-place", order.public_id))
        desk.stock(2)
        clerk.post(url(desk, "order-reserve", order.public_id), self.key())
        assert counts(line_of(order))[:2] == (3, 2)
        clerk.post(url(desk, "order-confirm", order.public_id))

    def test_pick_then_ship(self, desk: Desk, clerk: Client) -> None:
        desk.stock(5)
        order = desk.placed(3)
        name = f"n-{line_of(order).pk}"
        pick = url(desk, "order-pick", order.public_id)
        assert clerk.get(pick).status_code == 200
        scanned = clerk.post(pick, self.key() | {"action": "find", "code": desk.variants[0].sku})
        assert scanned.context["form"].rows[0].text == "1"
        assert clerk.post(pick, self.key() | {name: "4"}).status_code == 422
        clerk.post(pick, self.key() | {name: "2"})
        ship = url(desk, "order-ship", order.public_id)
        assert clerk.get(ship).context["form"].rows[0].text == "2"
        clerk.post(ship, self.key() | {name: "2", "rest": "cancel", "method": "cash", "paid": "20,000"})
        order.refresh_from_db()
        assert (order.state, counts(line_of(order))) == ("shipped", (3, 0, 2, 1, 2))
        assert desk.balance() == 0

    def test_each_line_has_its_own_rest(self, desk: Desk, clerk: Client) -> None:
        desk.stock(1, 1, 1)
        order = desk.placed(2, 2, 2)
        pks = list(order.lines.order_by("pk").values_list("pk", flat=True))
        data = self.key() | {f"n-{pk}": "1" for pk in pks} | {"rest": "wait", f"rest-{pks[0]}": "owed"}
        clerk.post(url(desk, "order-ship", order.public_id), data | {f"rest-{pks[1]}": "cancel"})
        assert [counts(line) for line in order.lines.order_by("pk")] == [
            (2, 0, 1, 0, 2),
            (2, 0, 1, 1, 1),
            (2, 0, 1, 0, 1),
        ]

    def test_a_refused_shipment_keeps_what_was_typed(self, desk: Desk, clerk: Client) -> None:
        desk.stock(1)
        order = desk.placed(3)
        data = self.key() | {f"n-{line_of(order).pk}": "3", "note": "밤에"}
        answer = clerk.post(url(desk, "order-ship", order.public_id), data)
        assert answer.status_code == 422
        assert answer.context["form"].rows[0].error
        assert 'value="밤에"' in answer.content.decode()
        assert not Slip.objects.exists()

    def test_cancel_some(self, desk: Desk, clerk: Client) -> None:
        order = desk.placed(3)
        data = self.key() | {f"n-{line_of(order).pk}": "1", "note": "품절"}
        for _press in range(2):
            clerk.post(url(desk, "order-cancel", order.public_id), data)
        assert counts(line_of(order))[3] == 1
        assert "품절" in clerk.get(url(desk, "order", order.public_id)).content.decode()

    def test_take_a_shipment_back(self, desk: Desk, clerk: Client) -> None:
        desk.stock(3)
        order = desk.placed(3)
        shipment = desk.ship(order)
        for _press in range(2):
            answer = clerk.post(url(desk, "shipment-take-back", shipment.pk), {"note": "잘못 보냄"}, follow=True)
            assert answer.status_code == 200
        assert (desk.held(), desk.balance()) == ((3, 0), 0)
        check_books(desk)

    def test_what_comes_too_late_is_told_on_the_page(self, desk: Desk, clerk: Client) -> None:
        order = desk.placed(1)
        desk.cancel(order)
        answer = clerk.post(url(desk, "order-place", order.public_id))
        assert answer.status_code == 409
        assert "cancelled" in answer.content.decode()

    def test_many_at_once(self, desk: Desk, clerk: Client) -> None:
        desk.stock(5)
        chosen = [str(desk.placed(2).public_id), str(desk.placed(9).public_id)]
        answer = clerk.post(url(desk, "orders-ship"), self.key() | {"order": chosen}, follow=True)
        assert "2 orders are shipped." in answer.content.decode()
        assert desk.held() == (0, 0)
        nothing = clerk.post(url(desk, "orders-ship"), {"order": ["x"]}, follow=True)
        assert "Choose the orders" in nothing.content.decode()


class TestLists:
    def test_filters_and_counts(self, desk: Desk, clerk: Client) -> None:
        desk.stock(9)
        first, second = desk.placed(1), desk.draft(2)
        desk.channel(1, channel_number="N-77")
        page = clerk.get(url(desk, "orders"))
        assert {value: n for value, _label, n in page.context["chips"]} | {"": 3} == {
            "": 3, "draft": 1, "open": 2, "picked": 0, "shipped": 0, "cancelled": 0, "owed": 0,
        }  # fmt: skip
        for query, expected in (
            ({"state": "draft"}, 1),
            ({"channel": "online"}, 1),
            ({"buyer": desk.buyer.pk}, 2),
            ({"q": "N-77"}, 1),
            ({"q": first.number}, 1),
            ({"q": desk.variants[0].sku}, 3),
            ({"q": "미소"}, 2),
            ({"since": "2999-01-01"}, 0),
            ({"until": "2020-01-01"}, 0),
            ({"state": "owed"}, 0),
            ({"state": "nonsense", "buyer": "x", "since": "never"}, 3),
        ):
            found = clerk.get(url(desk, "orders"), query)
            assert found.context["page_obj"].paginator.count == expected, query
        assert second.number in clerk.get(url(desk, "orders"), {"state": "draft"}).content.decode()

    @pytest.mark.parametrize("name", ["orders", "owed", "packs"])
    def test_a_long_list_asks_no_more_queries(self, desk: Desk, clerk: Client, name: str) -> None:
        def fill(n: int) -> None:
            for place in range(n):
                order = desk.placed(1, 2)
                desk.ship(order, 0, 0, shortages={line.pk: "owed" for line in order.lines.all()})
                pieces = {desk.variants[0].pk: 1, desk.variants[1].pk: 1}
                save_pack(product=desk.shop.product, name=f"{Pack.objects.count()} {place}", quantities=pieces)

        fill(1)
        clerk.get(url(desk, name))
        few = queries_of(clerk, url(desk, name))
        fill(11)
        assert queries_of(clerk, url(desk, name)) == few

    def test_one_order_asks_no_more_for_more_lines(self, desk: Desk, clerk: Client) -> None:
        desk.stock(9, 9, 9, 9)
        few, many = desk.placed(1), desk.placed(1, 2, 3, 4)
        for order in (few, many):
            desk.ship(order)
        clerk.get(url(desk, "order", few.public_id))
        assert queries_of(clerk, url(desk, "order", few.public_id)) == queries_of(
            clerk, url(desk, "order", many.public_id)
        )


class TestOwed:
    def test_one_by_one_by_buyer_and_by_variant(self, desk: Desk, clerk: Client) -> None:
        order = desk.placed(2)
        desk.ship(order, 0, shortages={line_of(order).pk: "owed"})
        for query in ({}, {"by": "buyers"}, {"by": "variants"}, {"buyer": desk.buyer.pk}):
            page = clerk.get(url(desk, "owed"), query).content.decode()
            assert "₩20,000" in page, query
        assert "Nothing is owed" in clerk.get(url(desk, "owed"), {"variant": desk.variants[3].pk}).content.decode()

    def test_what_arrived_is_held_with_one_press(self, desk: Desk, clerk: Client) -> None:
        order = desk.placed(2)
        desk.ship(order, 0, shortages={line_of(order).pk: "owed"})
        posting = desk.shop.stock(3)
        notice = clerk.get(url(desk, "arrivals-notice", posting.public_id)).content.decode()
        assert "Give out 2 pieces" in notice
        assert (
            url(desk, "arrivals-notice", posting.public_id)
            in clerk.get(desk.shop.url("posting", posting.public_id)).content.decode()
        )
        page = clerk.get(url(desk, "arrivals"), {"posting": str(posting.public_id)})
        assert page.context["offered"] == 2
        data = {"key": str(page.context["key"]), f"n-{line_of(order).pk}": "2"}
        for _press in range(2):
            clerk.post(url(desk, "arrivals"), data)
        assert desk.held() == (3, 2)
        check_books(desk)

    def test_what_is_no_number_is_said(self, desk: Desk, clerk: Client) -> None:
        order = desk.placed(2)
        answer = clerk.post(url(desk, "arrivals"), {f"n-{line_of(order).pk}": "two"}, follow=True)
        assert "no number" in answer.content.decode()


class TestPacks:
    def test_is_made_by_the_grid(self, desk: Desk, clerk: Client) -> None:
        address = url(desk, "pack-new")
        assert desk.shop.product.style_number in clerk.get(address).content.decode()
        data = {"name": "고미", "code": "GO-1", "price": "60,000", "is_active": "on"}
        cells = {f"q-{variant.pk}": "3" for variant in desk.variants[:2]}
        product = f"?product={desk.shop.product.pk}"
        assert clerk.post(address + product, data | cells).status_code == 302
        pack = Pack.objects.get()
        assert (pack.price, pack.lines.count()) == (60_000, 2)
        assert 'value="60,000"' in clerk.get(url(desk, "pack", pack.pk)).content.decode()
        clerk.post(url(desk, "pack", pack.pk), {"name": "고미 2"} | cells)
        pack.refresh_from_db()
        assert (pack.name, pack.is_active) == ("고미 2", False)

    def test_refusals_stand_at_their_places(self, desk: Desk, clerk: Client) -> None:
        address = url(desk, "pack-new") + f"?product={desk.shop.product.pk}"
        cells = {f"q-{desk.variants[0].pk}": "3"}
        answer = clerk.post(address, {"name": "고미", "price": "10,000"} | cells)
        assert answer.status_code == 422
        assert answer.context["form"].errors["price"]
        assert clerk.post(address, {"name": "고미"}).status_code == 422
        assert clerk.post(address, {"name": "고미", f"q-{desk.variants[0].pk}": "x"}).status_code == 422
        assert not Pack.objects.exists()


class TestWhoMay:
    PAGES = ("order-new", "order-sell", "orders-ship", "arrivals", "pack-new")
    STEPS = ("order-edit", "order-place", "order-reserve", "order-confirm", "order-pick", "order-ship", "order-cancel")

    def test_a_viewer_looks_and_changes_nothing(self, desk: Desk) -> None:
        desk.stock(5)
        order, draft = desk.placed(2), desk.draft(1)
        shipment = desk.ship(order, 1)
        viewer = desk.shop.client(desk.shop.viewer)
        for name in ("orders", "owed", "packs"):
            assert viewer.get(url(desk, name)).status_code == 200
        assert viewer.get(url(desk, "order", order.public_id)).status_code == 200
        addresses = [url(desk, name) for name in self.PAGES]
        addresses += [url(desk, name, paper.public_id) for name in self.STEPS for paper in (order, draft)]
        addresses.append(url(desk, "shipment-take-back", shipment.pk))
        before = list(Order.objects.order_by("pk").values())
        for address in addresses:
            assert viewer.post(address, typed(desk, "1")).status_code == 403, address
        assert list(Order.objects.order_by("pk").values()) == before
        assert desk.held() == (4, 1)

    def test_to_a_stranger_nothing_is_there(self, desk: Desk) -> None:
        order = desk.placed(1)
        stranger = desk.shop.client(a_stranger())
        for address in (url(desk, "orders"), url(desk, "order", order.public_id), url(desk, "owed")):
            assert stranger.get(address).status_code == 404

    def test_papers_of_another_brand_are_not_found(self, desk: Desk, clerk: Client) -> None:
        other = build_desk()
        order = other.placed(1)
        assert clerk.get(url(desk, "order", order.public_id)).status_code == 404
        assert clerk.post(url(desk, "order-ship", order.public_id)).status_code == 404
        assert clerk.get(url(desk, "order-new"), {"buyer": other.buyer.pk}).status_code == 404
