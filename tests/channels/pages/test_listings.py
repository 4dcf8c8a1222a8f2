"""Products on a channel: put there, changed where they differ, made ready, taken off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.models import Change, ProductImage
from catalog.services import add_image
from erp.channels.models import Channel, ChannelListing
from erp.channels.resolving import Resolver, of_channel
from tests import photos
from tests.api.shop import make_product, make_shop
from tests.channels.conftest import picture_url
from tests.web.shop import queries_of


@pytest.fixture
def images(shop) -> list[ProductImage]:
    for number in (1, 2, 3):
        add_image(product=shop.product, data=photos.jpeg(seed=number), filename=f"{number}.jpg", actor=shop.owner)
    return list(shop.product.images.all())


class TestPutThere:
    def test_ticked_ones_become_drafts_once(self, shop, url, staff, channel):
        other = make_product(shop.brand, shop.owner)
        for _twice in range(2):
            staff.post(url("channel-products", channel.pk), {"which": "ticked", "product": [shop.product.pk]})
        assert [row.product for row in ChannelListing.objects.all()] == [shop.product]
        assert ChannelListing.objects.get().status == "draft"
        shown = staff.get(url("channel-products", channel.pk)).context["page_obj"].object_list
        assert list(shown) == [other]

    def test_all_that_fit_the_search(self, shop, url, staff, channel):
        make_product(shop.brand, shop.owner)
        sent = {"which": "all", "filters": f"q={shop.product.style_number}"}
        staff.post(url("channel-products", channel.pk), sent)
        assert [row.product for row in ChannelListing.objects.all()] == [shop.product]
        staff.post(url("channel-products", channel.pk), {"which": "all", "filters": ""})
        assert ChannelListing.objects.count() == 2

    def test_another_brands_product_is_not_taken(self, url, staff, channel):
        theirs = make_shop("other").product
        staff.post(url("channel-products", channel.pk), {"which": "ticked", "product": [theirs.pk, "x", "9" * 30]})
        assert not ChannelListing.objects.exists()

    def test_the_lists_ask_as_often_for_one_as_for_many(self, shop, url, staff, channel, listing):
        make_product(shop.brand, shop.owner)
        pages = [url("channel", channel.pk), url("channel-products", channel.pk)]
        few = [queries_of(staff, page) for page in pages]
        for _more in range(3):
            ChannelListing.objects.create(channel=channel, product=make_product(shop.brand, shop.owner))
            make_product(shop.brand, shop.owner)
        assert [queries_of(staff, page) for page in pages] == few


class TestStates:
    def test_many_at_once(self, url, staff, listing, channel):
        ChannelListing.objects.update(status="draft")
        staff.post(url("listings-change", channel.pk), {"which": "all", "to": "ready", "filters": "show=draft"})
        listing.refresh_from_db()
        assert listing.status == "ready"
        staff.post(url("listings-change", channel.pk), {"which": "ticked", "to": "draft", "listing": [listing.pk]})
        listing.refresh_from_db()
        assert listing.status == "draft"

    def test_what_never_went_out_is_gone(self, url, staff, listing):
        staff.post(url("listing-status", listing.pk), {"to": "off"})
        assert not ChannelListing.objects.exists()

    def test_what_went_out_stays_as_a_draft(self, url, staff, listing, channel, export_now):
        export_now(channel)
        answer = staff.post(url("listings-change", channel.pk), {"which": "all", "to": "off"}, follow=True)
        assert "still on the marketplace" in answer.content.decode()
        listing.refresh_from_db()
        assert listing.status == "draft"
        export_now(channel)
        assert listing.sent.count() == 1


class TestPage:
    def test_every_field_says_where_it_comes_from(self, url, staff, korean):
        page = staff.get(url("listing", korean.pk)).context["page"]
        assert {name: field.source for name, field in page.fields.items()} == {
            "title": "base", "description": "template", "price": "rule", "compare_at": "base",
            "target_category": "rule",
        }  # fmt: skip
        korean.title = "다른 이름"
        korean.save()
        page = staff.get(url("listing", korean.pk)).context["page"]
        assert page.fields["title"].source == "own"
        sources = {row.column.header: (row.field.value, row.field.source) for row in page.columns}
        assert sources["부가세"] == ("과세상품", "usual") and sources["원산지코드"] == ("", "")

    def test_what_it_says_of_its_own(self, shop, url, staff, korean, smartstore):
        variant = shop.variants[0]
        first = staff.get(url("listing", korean.pk)).context["form"]
        sent = {
            "title": "제목", "description": "줄 하나\n<둘", "price": "₩15,000", "compare_at": "20000",
            "target_category": "50000830", f"v-{variant.pk}": "16000", first.field_names["원산지코드"]: "00",
        }  # fmt: skip
        assert staff.post(url("listing", korean.pk), sent).status_code == 302
        facts = next(Resolver(smartstore, picture_url=picture_url).facts(of_channel(smartstore)))
        assert (facts.title, facts.price, facts.target_category) == ("제목", Decimal(15000), "50000830")
        assert {v.sku: v.price for v in facts.variants}[variant.sku] == 16000
        assert facts.attributes == {"원산지코드": "00"}
        page = staff.get(url("listing", korean.pk)).context["page"]
        assert {row.variant.pk: row.price.source for row in page.variants}[variant.pk] == "own"

    @pytest.mark.parametrize(
        ("field", "typed", "words"),
        [("price", "12.5", "no decimals"), ("price", "x", "number"), ("compare_at", "1", "higher than the price now")],
    )
    def test_a_refusal_keeps_what_was_typed_and_saves_nothing(self, shop, url, staff, korean, field, typed, words):
        sent = {"title": "Typed before", "price": "12000"} | {field: typed, f"v-{shop.variants[0].pk}": "500"}
        answer = staff.post(url("listing", korean.pk), sent)
        text = answer.content.decode()
        assert answer.status_code == 422 and words in text and "Typed before" in text and typed in text
        korean.refresh_from_db()
        assert korean.title == "" and not korean.variants.exists()

    def test_a_variants_price_is_refused_beside_it(self, shop, url, staff, korean):
        answer = staff.post(url("listing", korean.pk), {"title": "kept", f"v-{shop.variants[0].pk}": "1.5"})
        assert answer.context["form"].errors.keys() == {f"v-{shop.variants[0].pk}"}
        korean.refresh_from_db()
        assert korean.title == ""

    def test_back_to_the_products(self, url, staff, korean):
        korean.title, korean.price = "제목", Decimal(1)
        korean.save()
        for name in ("title", "price", "channel"):
            staff.post(url("listing", korean.pk), {"back": name})
        korean.refresh_from_db()
        assert (korean.title, korean.price) == ("", None)

    def test_findings_lead_to_where_they_are_mended(self, shop, url, staff, owner, korean, smartstore):
        shop.product.name_ko = shop.product.name_en = ""
        shop.product.save()
        found = {told.field: told.url for told in staff.get(url("listing", korean.pk)).context["page"].findings}
        edit = f"/b/{shop.slug}/products/{shop.product.pk}/edit/"
        assert found["상품명"] == f"{edit}#id_name_ko"
        assert found["카테고리코드"] == f"{url('categories', smartstore.pk)}#category-{shop.product.category_id}"
        assert found["원산지코드"] == url("channel-columns", smartstore.pk)
        assert found["Pictures"] == f"/b/{shop.slug}/products/{shop.product.pk}/images/"
        for address in set(found.values()):
            assert owner.get(address).status_code == 200, address

    def test_the_cells_of_its_file_and_the_files_it_went_out_in(self, shop, url, staff, listing, channel, export_now):
        export_now(channel)
        shop.stock(shop.variants[0], 5)
        export_now(channel)
        page = staff.get(url("listing", listing.pk))
        cells = dict(page.context["page"].cells)
        assert cells["SKU"] == [variant.sku for variant in shop.variants]
        assert [line.changes for line in page.context["sent"]] == [{"Inventory quantity": ["1", "6"]}, {}]

    def test_it_asks_as_often_for_few_variants_as_for_many(self, shop, url, staff, channel, listing):
        large = make_product(shop.brand, shop.owner, (("navy", "white", "black", "red"), ("S", "M", "L", "XL")))
        other = ChannelListing.objects.create(channel=channel, product=large)
        assert queries_of(staff, url("listing", listing.pk)) == queries_of(staff, url("listing", other.pk))


class TestChanges:
    def test_who_changed_what_is_written_down(self, shop, url, staff, listing):
        staff.post(url("listing", listing.pk), {"title": "Own title", f"v-{shop.variants[0].pk}": "900"})
        staff.post(url("listing-status", listing.pk), {"to": "draft"})
        page = staff.get(f"/b/{shop.slug}/changes/", {"thing": f"channellisting:{listing.pk}"}).content.decode()
        assert "Own title" in page and "900" in page and "Draft" in page and shop.staff.username in page

    def test_many_at_once_are_written_down_too(self, shop, url, staff, channel):
        staff.post(url("channel-products", channel.pk), {"which": "all", "filters": ""})
        staff.post(url("listings-change", channel.pk), {"which": "all", "to": "ready"})
        made = ChannelListing.objects.get()
        changes = Change.objects.of(shop.brand).about(f"channellisting:{made.pk}").order_by("pk")
        assert [change.changes.get("status") for change in changes] == [[None, "draft"], ["draft", "ready"]]
        assert {change.actor for change in changes} == {shop.staff}


class TestPictures:
    def test_chosen_and_ordered(self, url, staff, listing, images):
        first, second, third = (image.pk for image in images)

        def shown(action: str, photo: int = 0) -> list[int]:
            staff.post(url("listing-pictures", listing.pk), {"action": action, "photo": photo})
            listing.refresh_from_db()
            return listing.pictures

        assert shown("hide", second) == [first, third]
        assert shown("earlier", third) == [third, first]
        assert shown("show", second) == [third, first, second]
        assert shown("later", third) == [first, third, second]
        assert shown("reset") == []

    def test_what_is_no_photo_of_the_product_is_refused(self, url, staff, listing, images):
        answer = staff.post(url("listing-pictures", listing.pk), {"action": "show", "photo": "999999"}, follow=True)
        assert "no longer those of the product" in answer.content.decode()
        listing.refresh_from_db()
        assert listing.pictures == []


class TestProductPage:
    def test_its_listings_in_one_card(self, shop, staff, listing, smartstore):
        text = staff.get(f"/b/{shop.slug}/products/{shop.product.pk}/").content.decode()
        assert f"/channels/listings/{listing.pk}/" in text and smartstore.name in text and "Put it there" in text

    def test_a_constant_number_of_queries(self, shop, staff, listing, smartstore):
        page = f"/b/{shop.slug}/products/{shop.product.pk}/"
        two = queries_of(staff, page)
        for number in range(3):
            more = Channel.objects.create(brand=shop.brand, kind="cafe24", name=f"more {number}")
            ChannelListing.objects.create(channel=more, product=shop.product)
        assert queries_of(staff, page) == two
