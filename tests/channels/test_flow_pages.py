"""The pages of exports, of orders and their files, and of goods to be matched."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.channels.models import Channel, ChannelListing, ChannelOrder, Export, OrderFile
from erp.channels.services import exports as export_services
from erp.channels.services import order_files as file_services
from erp.channels.services.exports import run_export
from erp.channels.services.order_files import read_order_file
from erp.trade.services.orders import ship_order
from tests.api.shop import Shop, make_shop
from tests.channels.desk import browser, text, url
from tests.channels.test_exports import sent
from tests.channels.test_intake import said, take


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """What was handed to the workers; the tests run it themselves."""
    jobs: list[Any] = []
    for services in (export_services, file_services):
        monkeypatch.setattr(services, "async_task", lambda *args, **more: jobs.append(args))
    return jobs


@pytest.fixture
def clerk(shop):
    shop.staff.language = "en"
    shop.staff.save()
    return browser(shop.staff)


def test_from_a_button_to_the_file(shop, channel, listing, clerk):
    page = url(shop, "exports", channel.pk)
    assert "Nothing was sent yet" in text(clerk.get(page)) and "PUBLIC_URL" in text(clerk.get(page))
    answer = clerk.post(url(shop, "export-new", channel.pk), {"what": "products"})
    export = Export.objects.get()
    assert answer["Location"] == url(shop, "export", export.public_id) and export.only_changes
    shown = text(clerk.get(answer["Location"], headers={"HX-Request": "true"}))
    assert 'hx-trigger="every 1s"' in shown and "<html" not in shown
    run_export(export_id=export.pk)
    shown = text(clerk.get(answer["Location"]))
    export.refresh_from_db()
    assert export.sha256 in shown and "Navy shirt" in shown and "empties what it leaves blank" in shown
    file = clerk.get(url(shop, "export-file", export.public_id))
    assert b"".join(file.streaming_content) == export.file.open().read()
    assert (file["Content-Type"], file["X-Content-Type-Options"]) == ("text/csv; charset=utf-8", "nosniff")
    assert file["Content-Disposition"] == f'attachment; filename="{export.file_name}"'
    assert "4 lines" in text(clerk.get(page))


def test_what_changed_is_shown_before_and_now(shop, channel, listing, clerk):
    sent(channel, shop.owner)
    shop.stock(shop.variants[0], 5)
    export = sent(channel, shop.owner)
    assert "<del>1</del>" in text(clerk.get(url(shop, "export", export.public_id)))
    assert "<ins>6</ins>" in text(clerk.get(url(shop, "export", export.public_id)))


def test_what_is_left_out_says_why_and_where(shop, clerk):
    channel = Channel.objects.create(brand=shop.brand, kind="smartstore", name="Naver")
    ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")
    export = sent(channel, shop.owner)
    shown = text(clerk.get(url(shop, "export", export.public_id), {"show": "left"}))
    assert "This marketplace needs a value here" in shown and "카테고리코드" in shown
    assert "empties what it leaves blank" not in shown
    assert f"/products/{shop.product.pk}/" in shown or "/channels/listings/" in shown


def test_what_would_be_destroyed_is_asked(shop, clerk):
    channel = Channel.objects.create(brand=shop.brand, kind="cafe24", name="Cafe24")
    listing = ChannelListing.objects.create(
        channel=channel, product=shop.product, status="ready", options_before=[["화이트", "네이비"], ["S", "M"]]
    )
    export = sent(channel, shop.owner)
    shown = text(clerk.get(url(shop, "export", export.public_id)))
    assert "would lose something" in shown and "by their place" in shown
    assert browser(shop.viewer).post(url(shop, "export-confirm", export.public_id)).status_code == 403
    clerk.post(url(shop, "export-confirm", export.public_id))
    listing.refresh_from_db()
    assert listing.status == "exported"
    assert "Load the page again" in text(clerk.post(url(shop, "export-drop", export.public_id), follow=True))


def upload(client, shop, channel, data: bytes, name="주문.csv"):
    return client.post(url(shop, "order-file-new", channel.pk), {"file": SimpleUploadedFile(name, data)})


def test_from_a_file_to_orders(shop, channel, clerk):
    sku = shop.variants[-1].sku
    answer = upload(clerk, shop, channel, f"Order number,SKU,Quantity\n1,{sku},1\n2,{sku},x\n".encode())
    file = OrderFile.objects.get()
    page = url(shop, "order-file", file.public_id)
    assert answer["Location"] == page
    assert "How it is read" in text(clerk.get(page))
    wrong = clerk.post(url(shop, "order-file-start", file.public_id), {"template": "shopify"})
    assert wrong.status_code == 422 and "needs this column" in text(wrong)
    own = {"column-number": "Order number", "column-sku": "SKU", "column-quantity": "Quantity"}
    clerk.post(url(shop, "order-file-start", file.public_id), {"template": "generic"} | own)
    assert 'hx-trigger="every 1s"' in text(clerk.get(page, headers={"HX-Request": "true"}))
    read_order_file(file_id=file.pk)
    shown = text(clerk.get(page))
    assert "1 cell to look at" in shown and "<strong>Quantity</strong>" in shown
    problems = b"".join(clerk.get(url(shop, "order-file-problems", file.public_id)).streaming_content).decode()
    assert problems.count("\r\n") == 2 and "3,Quantity," in problems
    assert "주문.csv" in text(clerk.get(url(shop, "order-files", channel.pk)))


def test_wrong_files_say_what_to_do(shop, channel, clerk):
    for data, words in ((b"%PDF-1", "This is a PDF"), (b"", "This file is empty")):
        answer = upload(clerk, shop, channel, data)
        assert answer.status_code == 422 and words in text(answer)
    assert not OrderFile.objects.exists()


def test_an_order_and_what_is_decided_of_it(shop, channel, clerk):
    variant = shop.variants[-1]
    take(channel, shop.owner, said("N-1", (variant.sku, 1), customer_name="김손님"))
    (order,) = take(channel, shop.owner, said("N-1", (variant.sku, 2)))
    assert "김손님" in text(clerk.get(url(shop, "orders", channel.pk), {"state": "conflict", "q": variant.sku}))
    shown = text(clerk.get(url(shop, "order", order.pk)))
    assert "The marketplace says now" in shown and "Take theirs" in shown
    assert clerk.post(url(shop, "order-theirs", order.pk)).status_code == 302
    order.refresh_from_db()
    assert order.state == "taken" and order.order.lines.get().quantity == 2
    refused = text(clerk.post(url(shop, "order-keep", order.pk), follow=True))
    assert "settled already" in refused
    ship_order(order=order.order, actor=shop.owner, idempotency_key="s", courier="cj", tracking_number="123456")
    shown = text(clerk.get(url(shop, "order", order.pk)))
    assert "123456" in shown and f"/returns/new/?order={order.order.number}" in shown


def test_a_short_one_is_tried_again_and_one_is_cancelled(shop, channel, clerk):
    variant = shop.variants[0]
    (order,) = take(channel, shop.owner, said("1", (variant.sku, 2)))
    assert "Try again" in text(clerk.get(url(shop, "order", order.pk)))
    shop.stock(variant, 5)
    clerk.post(url(shop, "order-settle", order.pk))
    order.refresh_from_db()
    assert order.state == "taken"
    clerk.post(url(shop, "order-cancel", order.pk))
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_goods_are_matched_by_suggestion_or_search(shop, channel, clerk):
    variant = shop.variants[0]
    take(channel, shop.owner, said("1", (f"x{variant.sku}", 1)), said("2", ("THEIRS", 1)))
    shown = text(clerk.get(url(shop, "skus", channel.pk)))
    assert variant.sku in shown and "THEIRS" in shown
    page = url(shop, "sku-match", channel.pk)
    assert variant.sku in text(clerk.get(page, {"key": "THEIRS", "q": "셔츠"}))
    assert "Nothing is alike" in text(clerk.get(page, {"key": "THEIRS"})) or "It may be" in text(
        clerk.get(page, {"key": "THEIRS"})
    )
    answer = clerk.post(page, {"key": "THEIRS", "variant": shop.variants[-1].pk}, follow=True)
    assert "1 order went on" in text(answer)
    assert ChannelOrder.objects.get(number="2").state == "taken"
    assert clerk.get(page, {"key": "THEIRS"}).status_code == 404
    assert clerk.post(page, {"key": f"x{variant.sku}", "variant": "1e9"}).status_code == 404


PAGES = ("exports", "orders", "skus")


def test_viewers_look_and_change_nothing(shop, channel, listing):
    variant = shop.variants[-1]
    (order,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    export, viewer = sent(channel, shop.owner), browser(shop.viewer)
    for name in PAGES:
        assert viewer.get(url(shop, name, channel.pk)).status_code == 200
    assert viewer.get(url(shop, "order", order.pk)).status_code == 200
    assert viewer.get(url(shop, "export", export.public_id)).status_code == 200
    assert viewer.post(url(shop, "export-new", channel.pk), {"what": "products"}).status_code == 403
    for name in ("order-settle", "order-keep", "order-theirs", "order-cancel"):
        assert viewer.post(url(shop, name, order.pk)).status_code == 403
    for name in ("order-files", "order-file-new"):
        assert viewer.get(url(shop, name, channel.pk)).status_code == 403
    assert viewer.post(url(shop, "sku-match", channel.pk), {"key": "x"}).status_code == 403
    for nothing in ("", "\0"):
        typed = {"key": nothing, "variant": shop.variants[0].pk}
        assert browser(shop.staff).post(url(shop, "sku-match", channel.pk), typed).status_code == 404
    assert Export.objects.count() == 1 and ChannelOrder.objects.get().state == "taken"


def test_another_brands_is_not_there(shop, channel, listing):
    (order,) = take(channel, shop.owner, said("1", (shop.variants[-1].sku, 1)))
    export, other = sent(channel, shop.owner), make_shop("bada")
    stranger = browser(other.owner)
    for name in (*PAGES, "order-files"):
        assert stranger.get(url(other, name, channel.pk)).status_code == 404
    for name, key in (("order", order.pk), ("export", export.public_id), ("export-file", export.public_id)):
        assert stranger.get(url(other, name, key)).status_code == 404
    assert stranger.post(url(other, "order-cancel", order.pk)).status_code == 404
    mine = Channel.objects.create(brand=other.brand, kind="generic", name="G")
    take(mine, other.owner, said("1", ("X", 1)))
    answer = stranger.post(url(other, "sku-match", mine.pk), {"key": "X", "variant": shop.variants[0].pk})
    assert answer.status_code == 404


@pytest.mark.parametrize("page", [*PAGES, "export"])
def test_lists_ask_as_many_queries_for_many_rows_as_for_one(shop: Shop, channel, listing, clerk, page):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get(address).status_code == 200
        return len(asked)

    def grow(n: int) -> None:
        from tests.api.shop import make_product

        for number in range(n):
            take(channel, shop.owner, said(f"{page}-{n}-{number}", (f"HA000{number}", 1)))
            product = make_product(shop.brand, shop.owner)
            product.name_en, product.price = "Shirt", 1000
            product.save()
            ChannelListing.objects.create(channel=channel, product=product, status="ready")
        made.append(sent(channel, shop.owner, only_changes=False))

    made: list[Export] = []
    grow(1)
    address = url(shop, page, made[-1].public_id if page == "export" else channel.pk)
    clerk.get(address)
    one = queries()
    grow(8)
    address = url(shop, page, made[-1].public_id if page == "export" else channel.pk)
    assert queries() <= one
