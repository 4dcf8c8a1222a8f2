"""Where a brand sells: who may see and change it, and what a new channel begins with."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from erp.channels.models import Channel, ChannelListing
from erp.channels.services.channels import update_channel
from erp.channels.templates import template_for
from erp.core.errors import DomainError
from erp.exchange.models import ImportJob
from tests.api.shop import make_shop
from tests.channels.pages.conftest import browser
from tests.web.shop import a_stranger, queries_of

NEW = {
    "name": "Naver",
    "language": "ko",
    "currency": "KRW",
    "price_factor": "1.1",
    "price_plus": "",
    "price_step": "10",
    "rounding": "up",
    "location": "",
    "share": "80",
    "buffer": "2",
    "shop_url": "",
}
OF_CHANNEL = (
    "channel", "channel-edit", "channel-import", "channel-columns", "channel-use", "channel-products",
    "listings-change", "mending", "mending-again", "categories", "words", "table", "form", "template-remove",
)  # fmt: skip
OF_LISTING = ("listing", "listing-pictures", "listing-status")


class TestWhoMay:
    def test_a_stranger_finds_nothing(self, url, listing):
        client = browser(a_stranger())
        addresses = [url(name) for name in ("channels", "channel-new", "price-example", "descriptions")]
        addresses += [url(name, listing.channel_id) for name in OF_CHANNEL]
        addresses += [url(name, listing.pk) for name in OF_LISTING]
        for address in addresses:
            assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}, address

    def test_another_brands_channel_is_not_there(self, url, listing, owner):
        there = make_shop("other")
        other = Channel.objects.create(brand=there.brand, kind="shopify", name="x")
        theirs = ChannelListing.objects.create(channel=other, product=there.product)
        for name in OF_CHANNEL:
            assert owner.get(url(name, other.pk)).status_code in (404, 405), name
            assert owner.post(url(name, other.pk)).status_code in (404, 405), name
        for name in OF_LISTING:
            assert owner.post(url(name, theirs.pk)).status_code == 404, name

    def test_a_viewer_reads_and_changes_nothing(self, shop, url, listing):
        viewer = browser(shop.viewer)
        for name, pk in (("channel", listing.channel_id), ("mending", listing.channel_id), ("listing", listing.pk)):
            assert viewer.get(url(name, pk)).status_code == 200, name
        assert viewer.post(url("listing", listing.pk), {"title": "Mine"}).status_code == 403
        assert viewer.post(url("listing-status", listing.pk), {"to": "draft"}).status_code == 403
        assert viewer.post(url("listings-change", listing.channel_id), {"which": "all", "to": "off"}).status_code == 403
        listing.refresh_from_db()
        assert (listing.title, listing.status) == ("", "ready")

    def test_staff_put_products_there_but_do_not_set_up_channels(self, url, listing, staff):
        assert staff.get(url("channel-products", listing.channel_id)).status_code == 200
        for name in ("channel-edit", "channel-columns", "channel-use"):
            assert staff.post(url(name, listing.channel_id), {"to": "retired"}).status_code == 403
        assert staff.post(f"{url('channel-new')}?kind=smartstore", NEW).status_code == 403
        assert Channel.objects.get().is_active


class TestNew:
    def test_the_marketplace_is_asked_first_and_fills_in_what_is_usual(self, url, owner):
        assert "Naver Smartstore" in owner.get(url("channel-new")).content.decode()
        form = owner.get(f"{url('channel-new')}?kind=smartstore").context["form"]
        assert (form.initial["price_step"], form.initial["currency"]) == (Decimal(10), "KRW")
        japan = owner.get(f"{url('channel-new')}?kind=qoo10_jp").context["form"]
        assert (japan.initial["currency"], japan.initial["language"], japan.initial["price_factor"]) == (
            "JPY", "ja", None,
        )  # fmt: skip

    def test_set_up(self, shop, url, owner):
        answer = owner.post(f"{url('channel-new')}?kind=smartstore", NEW)
        channel = Channel.objects.get(brand=shop.brand)
        assert answer["Location"] == url("channel-products", channel.pk)
        assert (channel.kind, channel.price_factor, channel.share, channel.buffer) == (
            "smartstore", Decimal("1.1"), 80, 2,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("field", "typed", "words"),
        [
            ("currency", "JPY", "1 KRW is in JPY"),
            ("price_step", "0", "greater than or equal"),
            ("price_step", "0.5", "decimals"),
            ("share", "101", "100"),
            ("shop_url", "not an address", "URL"),
            ("name", "", "required"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(self, url, owner, field, typed, words):
        sent = NEW | {"price_factor": "1", "name": "Typed before"} | {field: typed}
        answer = owner.post(f"{url('channel-new')}?kind=smartstore", sent)
        text = answer.content.decode()
        assert answer.status_code == 422 and words in text
        assert typed in text and (field == "name" or "Typed before" in text)
        assert not Channel.objects.exists()

    def test_a_name_twice(self, url, owner, channel):
        answer = owner.post(f"{url('channel-new')}?kind=smartstore", NEW | {"name": channel.name})
        assert answer.status_code == 422 and "has this name" in answer.content.decode()


class TestSettings:
    @pytest.mark.parametrize(
        ("factor", "step", "shown"), [("1.1", "100", "₩42,900"), ("1", "1000", "₩39,000"), ("x", "1", "Fill in")]
    )
    def test_the_example_follows_the_rule(self, url, owner, factor, step, shown):
        typed = {"currency": "KRW", "price_factor": factor, "price_plus": "0", "price_step": step, "rounding": "up"}
        answer = owner.get(url("price-example"), typed)
        assert answer.status_code == 200 and shown in answer.content.decode()

    def test_a_changed_rule_makes_what_was_sent_stale(self, url, owner, channel, listing, export_now):
        export_now(channel)
        owner.post(url("channel-edit", channel.pk), NEW | {"name": "Shopify", "language": "en"})
        listing.refresh_from_db()
        assert listing.stale_since and listing.checked_at is None

    def test_retired_and_used_again(self, url, owner, channel):
        owner.post(url("channel-use", channel.pk), {"to": "retired"})
        channel.refresh_from_db()
        assert not channel.is_active
        owner.post(url("channel-use", channel.pk), {"to": "used"})
        channel.refresh_from_db()
        assert channel.is_active

    def test_values_of_the_columns(self, url, owner, smartstore):
        page = owner.get(url("channel-columns", smartstore.pk))
        [(first, fields), *_rest] = page.context["form"].groups()
        assert first == "required" and [field.label for field in fields][0] == "원산지코드"
        names = page.context["form"].field_names
        owner.post(url("channel-columns", smartstore.pk), {names["원산지코드"]: "00", names["부가세"]: "면세상품"})
        smartstore.refresh_from_db()
        assert smartstore.attributes == {"원산지코드": "00", "부가세": "면세상품"}
        refused = owner.post(
            url("channel-columns", smartstore.pk), {names["원산지코드"]: "kept", names["부가세"]: "made up"}
        )
        assert refused.status_code == 422 and "kept" in refused.content.decode()
        smartstore.refresh_from_db()
        assert smartstore.attributes["부가세"] == "면세상품"


def test_the_list_counts_and_asks_as_often_for_one_as_for_many(shop, url, owner, channel, listing):
    one = queries_of(owner, url("channels"))
    for number in range(4):
        other = Channel.objects.create(brand=shop.brand, kind="cafe24", name=f"C{number}")
        ChannelListing.objects.create(channel=other, product=shop.product, status="live", errors=number)
    assert queries_of(owner, url("channels")) == one
    found = {row.name: row for row in owner.get(url("channels")).context["channels"]}
    assert (found["Shopify"].ready, found["C0"].live, found["C0"].to_mend, found["C1"].to_mend) == (1, 1, 0, 1)


class TestKindsOfFiles:
    def test_a_shop_that_takes_the_older_kind_gets_it(self, shop, url, owner, channel):
        page = owner.get(url("channel-edit", channel.pk)).content.decode()
        assert "Shopify product CSV (legacy)" in page
        answer = owner.post(
            url("channel-edit", channel.pk), NEW | {"price_step": "1", "price_factor": "1", "dialect": "shopify-legacy"}
        )
        assert answer.status_code == 302
        channel.refresh_from_db()
        assert template_for(channel).headers[0] == "Handle"
        assert template_for(channel, "stock").key == "shopify_inventory"

    def test_another_marketplaces_kind_is_refused(self, channel):
        with pytest.raises(DomainError) as refused:
            update_channel(channel=channel, dialect="google_tsv-2025")
        assert [problem.field for problem in refused.value.problems] == ["dialect"]


class TestTakingOver:
    def test_a_file_of_shopify_becomes_an_import(self, shop, url, staff, channel):
        data = b"Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price\n"
        data += b"z9,Shirt,Color,Navy,Size,M,Z9-NV-M,12000\n"
        answer = staff.post(url("channel-import", channel.pk), {"file": SimpleUploadedFile("shopify.csv", data)})
        assert answer["Location"] == reverse("exchange:import", args=[shop.slug, ImportJob.objects.get().public_id])

    def test_every_bad_cell_is_named_and_nothing_is_kept(self, url, staff, channel):
        data = b"Handle,Title,Variant SKU,Variant Price\na,A,S,free\na,A,T,dear\n"
        answer = staff.post(url("channel-import", channel.pk), {"file": SimpleUploadedFile("shopify.csv", data)})
        assert answer.status_code == 422 and not ImportJob.objects.exists()
        page = answer.content.decode()
        assert "2, Variant Price" in page and "3, Variant Price" in page

    def test_other_marketplaces_have_no_such_file(self, url, staff, smartstore):
        assert staff.get(url("channel-import", smartstore.pk)).status_code == 404
