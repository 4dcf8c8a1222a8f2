"""Purchase orders in the browser: typed, sent, counted in, printed, taken back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erp.inventory.models import Posting
from erp.trade.models import Delivery, Partner, PurchaseOrder
from erp.trade.services.purchases import PurchaseEntry, PurchaseHeading, create_purchase, order_purchase
from tests.factories import ProductFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, build_shop, queries_of


@pytest.fixture
def shop(db: None) -> Shop:
    shop = build_shop()
    shop.brand.refresh_from_db()
    return shop


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


@pytest.fixture
def factory(shop: Shop) -> Partner:
    return Partner.objects.create(brand=shop.brand, name="창신동 봉제", kind="factory", is_supplier=True)


def url(shop: Shop, name: str, *args: Any) -> str:
    return reverse(f"trade:{name}", args=[shop.brand.slug, *args])


def typed(shop: Shop, factory: Partner, *texts: str, **more: str) -> dict[str, str]:
    base = {"supplier": str(factory.pk), "currency": "KRW", f"cost-{shop.product.pk}": "8,000", "step": "order"}
    return shop.entry(*texts) | base | more


def ordered(shop: Shop, factory: Partner, *quantities: int, cost: str = "8000") -> PurchaseOrder:
    pairs = zip(shop.variants, quantities, strict=False)
    entries = [PurchaseEntry(variant.pk, n, Decimal(cost)) for variant, n in pairs if n]
    heading = PurchaseHeading(supplier=factory, location=shop.main, currency="KRW")
    order = create_purchase(
        brand=shop.brand, heading=heading, entries=entries, actor=shop.owner, idempotency_key=uuid.uuid4().hex
    )
    return order_purchase(order=order)


def received(order: PurchaseOrder) -> list[int]:
    return list(order.lines.order_by("pk").values_list("received", flat=True))


class TestWhoMay:
    def test_a_viewer_reads_and_changes_nothing(self, shop: Shop, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        viewer = shop.client(shop.viewer)
        for name, args in (
            ("purchases", ()),
            ("purchase", (order.public_id,)),
            ("purchase-print", (order.public_id,)),
            ("purchase-pdf", (order.public_id,)),
            ("cost", (shop.variants[0].pk,)),
        ):
            assert viewer.get(url(shop, name, *args)).status_code == 200
        steps = [f"purchase-{step}" for step in ("send", "close", "reopen", "cancel", "receive", "edit")]
        for name in steps:
            body = typed(shop, factory, "1")
            assert viewer.post(url(shop, name, order.public_id), body).status_code == 403
        assert viewer.post(url(shop, "purchase-new"), typed(shop, factory, "1")).status_code == 403
        order.refresh_from_db()
        assert (order.state, received(order), PurchaseOrder.objects.count()) == ("ordered", [0], 1)

    def test_a_stranger_finds_nothing(self, shop: Shop, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        stranger = shop.client(a_stranger())
        for name in ("purchase", "purchase-pdf", "purchase-receive"):
            assert stranger.get(url(shop, name, order.public_id)).status_code == 404

    def test_the_order_of_another_brand_is_unknown(self, shop: Shop, clerk: Client) -> None:
        other = build_shop()
        other.brand.refresh_from_db()
        supplier = Partner.objects.create(brand=other.brand, name="남의 공장", is_supplier=True)
        order = ordered(other, supplier, 3)
        assert clerk.get(url(shop, "purchase", order.public_id)).status_code == 404
        assert clerk.post(url(shop, "purchase-close", order.public_id)).status_code == 404
        response = clerk.post(url(shop, "purchase-new"), typed(shop, supplier, "1"))
        assert response.context["form"].errors["supplier"]


class TestOrdering:
    def test_without_a_supplier_it_says_what_to_do(self, shop: Shop, clerk: Client) -> None:
        page = clerk.get(url(shop, "purchase-new")).content.decode()
        assert "No supplier yet" in page
        assert "as=supplier" in page

    def test_typed_and_ordered(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        own = {f"own-cost-{shop.variants[1].pk}": "9000.5"}
        body = typed(shop, factory, "3", "", "4", expected_on="2026-12-01", note="급해요") | own
        body[f"q-{shop.variants[1].pk}"] = "2"
        response = clerk.post(url(shop, "purchase-new"), body, follow=True)
        order = PurchaseOrder.objects.get()
        assert response.redirect_chain[0][0] == url(shop, "purchase", order.public_id)
        assert (order.state, order.note, str(order.expected_on)) == ("ordered", "급해요", "2026-12-01")
        lines = list(order.lines.order_by("pk").values_list("quantity", "unit_cost"))
        assert lines == [(3, Decimal(8000)), (2, Decimal("9000.5")), (4, Decimal(8000))]
        page = response.content.decode()
        assert "창신동 봉제" in page
        assert "₩74,001" in page  # 3 x 8000 + 2 x 9000.5 + 4 x 8000

    def test_pressed_twice_it_is_one_order(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        body = typed(shop, factory, "3")
        for _press in range(2):
            assert clerk.post(url(shop, "purchase-new"), body).status_code == 302
        assert PurchaseOrder.objects.count() == 1

    def test_a_draft_is_kept_and_sent_later(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        clerk.post(url(shop, "purchase-new"), typed(shop, factory, "3", step="draft"))
        order = PurchaseOrder.objects.get()
        assert order.state == "draft"
        page = clerk.get(url(shop, "purchase-edit", order.public_id))
        assert page.context["form"].sheet.cells[shop.variants[0].pk].text == "3"
        assert page.context["form"].costs[shop.product.pk].main.text == "8000"
        body = typed(shop, factory, "5", step="draft")
        assert clerk.post(url(shop, "purchase-edit", order.public_id), body).status_code == 302
        clerk.post(url(shop, "purchase-send", order.public_id))
        order.refresh_from_db()
        assert (order.state, order.lines.get().quantity) == ("ordered", 5)

    def test_what_is_typed_stays_when_it_is_refused(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        wrong = {f"cost-{shop.product.pk}": "abc", f"q-{shop.variants[1].pk}": "x"}
        response = clerk.post(url(shop, "purchase-new"), typed(shop, factory, "3", note="메모") | wrong)
        assert response.status_code == 422
        form = response.context["form"]
        assert form.sheet.cells[shop.variants[1].pk].error
        assert form.costs[shop.product.pk].main.error
        page = response.content.decode()
        assert 'value="abc"' in page
        assert "메모" in page
        response = clerk.post(url(shop, "purchase-new"), typed(shop, factory, "3", currency="USD"))
        assert response.context["form"].errors["exchange_rate"]
        response = clerk.post(url(shop, "purchase-new"), typed(shop, factory, "", ""))
        assert response.context["form"].non_field_errors()
        assert not PurchaseOrder.objects.exists()

    def test_a_cost_with_too_many_decimals_is_marked(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        wrong = {f"cost-{shop.product.pk}": "1.23456"}
        form = clerk.post(url(shop, "purchase-new"), typed(shop, factory, "3") | wrong).context["form"]
        assert form.costs[shop.product.pk].main.error

    def test_without_script_a_code_is_looked_up(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        body = typed(shop, factory, "3", action="find", code=shop.variants[3].sku)
        form = clerk.post(url(shop, "purchase-new"), body).context["form"]
        assert form.sheet.entered() == {shop.variants[0].pk: 3, shop.variants[3].pk: 1}
        assert form.costs[shop.product.pk].main.text == "8,000"
        page = clerk.get(url(shop, "purchase-find"), {"code": shop.variants[0].sku}).content.decode()
        assert f'name="cost-{shop.product.pk}"' in page

    def test_an_order_that_a_page_shows_in_part(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        """An archived product, a retired variant: what is on the order stays on its page."""
        order = ordered(shop, factory, 3)
        shop.variants[0].is_active = False
        shop.variants[0].save()
        form = clerk.get(url(shop, "purchase-edit", order.public_id)).context["form"]
        assert form.sheet.entered() == {shop.variants[0].pk: 3}


class TestReceiving:
    def test_what_is_to_come_is_filled_in(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3, 4)
        address = url(shop, "purchase-receive", order.public_id)
        form = clerk.get(address).context["form"]
        assert form.sheet.entered() == {shop.variants[0].pk: 3, shop.variants[1].pk: 4}
        clerk.post(address, shop.entry("2", "4"))
        assert (received(order), shop.on_hand(0), shop.on_hand(1)) == ([2, 4], 2, 4)
        form = clerk.get(address).context["form"]
        assert form.sheet.entered() == {shop.variants[0].pk: 1}
        assert form.sheet.cells[shop.variants[1].pk].note == "all here"
        page = clerk.get(url(shop, "purchase", order.public_id)).content.decode()
        assert "Partly received" in page
        assert "1 to come" in page

    def test_counting_begins_with_blank_cells(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        address = url(shop, "purchase-receive", order.public_id)
        response = clerk.get(address, {"count": "1"})
        assert response.context["form"].sheet.entered() == {}
        assert "data-scan" in response.content.decode()
        assert response.context["form"].sheet.cells[shop.variants[0].pk].note == "3 to come"
        body = shop.entry("", count="1", action="find", code=shop.variants[0].sku)
        form = clerk.post(address, body).context["form"]
        assert form.sheet.entered() == {shop.variants[0].pk: 1}
        found = clerk.get(url(shop, "delivery-find", order.public_id), {"code": shop.variants[0].sku})
        assert "3 to come" in found.content.decode()

    def test_pressed_twice_it_is_one_delivery(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        body = shop.entry("2")
        for _press in range(2):
            assert clerk.post(url(shop, "purchase-receive", order.public_id), body).status_code == 302
        assert (Delivery.objects.count(), Posting.objects.count(), received(order)) == (1, 1, [2])

    def test_more_than_ordered_is_confirmed(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        address, body = url(shop, "purchase-receive", order.public_id), shop.entry("5", "", "1")
        response = clerk.post(address, body)
        assert response.status_code == 422
        cells = response.context["form"].sheet.cells
        assert cells[shop.variants[0].pk].error == "Only 3 still to come."
        assert cells[shop.variants[2].pk].error == "Not on this order."
        assert 'name="confirmed"' in response.content.decode()
        assert not Posting.objects.exists()
        assert clerk.post(address, body | {"confirmed": "on"}).status_code == 302
        assert received(order) == [5, 1]
        assert "2 too many" in clerk.get(url(shop, "purchase", order.public_id)).content.decode()
        assert "3 too many" in clerk.get(url(shop, "purchases")).content.decode()

    def test_nothing_comes_of_a_settled_order(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        clerk.post(url(shop, "purchase-close", order.public_id))
        assert clerk.get(url(shop, "purchase-receive", order.public_id)).status_code == 302
        response = clerk.post(url(shop, "purchase-receive", order.public_id), shop.entry("1"))
        assert response.status_code == 422
        assert "was closed" in response.content.decode()
        assert not Posting.objects.exists()

    def test_taken_back(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        clerk.post(url(shop, "purchase-receive", order.public_id), shop.entry("3"))
        delivery = Delivery.objects.get()
        page = clerk.get(url(shop, "delivery", delivery.public_id)).content.decode()
        assert "Take 3 pieces back" in page
        assert "₩8,000" in page
        for _press in range(2):
            clerk.post(url(shop, "delivery-take-back", delivery.public_id), {"note": "잘못 셌어요"})
        assert (received(order), shop.on_hand(0)) == ([0], 0)
        page = clerk.get(url(shop, "delivery", delivery.public_id)).content.decode()
        assert "was taken back" in page
        assert "Take 3 pieces back" not in page

    def test_what_has_gone_on_is_not_taken_back(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        clerk.post(url(shop, "purchase-receive", order.public_id), shop.entry("3"))
        clerk.post(shop.url("ship"), shop.entry("1"))
        delivery = Delivery.objects.get()
        response = clerk.post(url(shop, "delivery-take-back", delivery.public_id))
        assert response.status_code == 400
        assert "gone on" in response.content.decode()
        assert received(order) == [3]


class TestPapersAndLists:
    def test_the_paper_and_the_pdf(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3, 4, 5)
        page = clerk.get(url(shop, "purchase-print", order.public_id)).content.decode()
        assert "₩96,000" in page
        assert "12 pieces" in page
        pdf = clerk.get(url(shop, "purchase-pdf", order.public_id))
        assert pdf["Content-Type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-")
        assert order.number in pdf["Content-Disposition"]

    def test_a_pdf_of_many_products_and_sizes(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        for _product in range(12):
            product = ProductFactory(brand=shop.brand, status="active")
            shop.variants += [VariantFactory(product=product) for _variant in range(12)]
        order = ordered(shop, factory, *[7] * len(shop.variants))
        assert clerk.get(url(shop, "purchase-pdf", order.public_id)).content.startswith(b"%PDF-")

    def test_steps(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        order = ordered(shop, factory, 3)
        for step, state in (("close", "closed"), ("reopen", "ordered"), ("cancel", "cancelled")):
            for _press in range(2):
                clerk.post(url(shop, f"purchase-{step}", order.public_id))
            order.refresh_from_db()
            assert order.state == state
        assert clerk.get(url(shop, "purchase-close", order.public_id)).status_code == 405
        response = clerk.post(url(shop, "purchase-close", order.public_id))
        assert response.status_code == 409
        assert "was cancelled" in response.content.decode()

    def test_the_list_is_narrowed(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        other = Partner.objects.create(brand=shop.brand, name="동대문 원단", is_supplier=True)
        first, second = ordered(shop, factory, 3), ordered(shop, other, 0, 3)
        clerk.post(url(shop, "purchase-close", first.public_id))

        def found(**query: str) -> set[str]:
            return {order.number for order in clerk.get(url(shop, "purchases"), query).context["page_obj"]}

        assert found() == {first.number, second.number}
        assert found(state="closed") == {first.number}
        assert found(supplier=str(other.pk)) == {second.number}
        assert found(q="원단") == found(q=second.number) == found(q=shop.variants[1].sku) == {second.number}
        assert found(q="없는 것") == set()

    def test_lists_and_pages_ask_as_much_for_many(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        small = ordered(shop, factory, 3)
        pages = [("purchases", ()), ("purchase", (small.public_id,)), ("cost", (shop.variants[0].pk,))]
        clerk.post(url(shop, "purchase-receive", small.public_id), shop.entry("1"))
        few = {name: queries_of(clerk, url(shop, name, *args)) for name, args in pages}
        for _order in range(20):
            product = ProductFactory(brand=shop.brand, status="active")
            shop.variants.append(VariantFactory(product=product))
        ordered(shop, factory, *[2] * len(shop.variants))
        for _order in range(20):
            ordered(shop, factory, 3, 4)
        large = ordered(shop, factory, *[2] * len(shop.variants))
        for _delivery in range(2):
            clerk.post(url(shop, "purchase-receive", large.public_id), shop.entry("1"))
        pages[1] = ("purchase", (large.public_id,))
        assert {name: queries_of(clerk, url(shop, name, *args)) for name, args in pages} == few


class TestCosts:
    def test_each_step_is_shown(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        address = url(shop, "cost", shop.variants[0].pk)
        assert "No cost known yet" in clerk.get(address).content.decode()
        for cost, quantity in (("8000", 10), ("9500", 5)):
            order = ordered(shop, factory, quantity, cost=cost)
            clerk.post(url(shop, "purchase-receive", order.public_id), shop.entry(str(quantity)))
        page = clerk.get(address).content.decode()
        assert "(10 × ₩8,000 + 5 × ₩9,500) ÷ 15" in page
        assert "₩8,500" in page
        assert "the first 10 with a cost, at ₩8,000" in page
        clerk.post(url(shop, "delivery-take-back", Delivery.objects.latest("pk").public_id))
        assert "(15 × ₩8,500 − 5 × ₩9,500) ÷ 10" in clerk.get(address).content.decode()

    def test_a_product_opens_what_is_known(self, shop: Shop, clerk: Client, factory: Partner) -> None:
        address = url(shop, "product-cost", shop.product.pk)
        assert clerk.get(address)["Location"] == url(shop, "cost", shop.variants[0].pk)
        order = ordered(shop, factory, 0, 0, 3)
        clerk.post(url(shop, "purchase-receive", order.public_id), shop.entry("", "", "3"))
        assert clerk.get(address)["Location"] == url(shop, "cost", shop.variants[2].pk)
        assert address in clerk.get(shop.url("product", shop.product.pk)).content.decode()
        assert clerk.get(url(shop, "product-cost", ProductFactory().pk)).status_code == 404

    def test_of_another_brand_it_is_unknown(self, shop: Shop, clerk: Client) -> None:
        assert clerk.get(url(shop, "cost", VariantFactory().pk)).status_code == 404
