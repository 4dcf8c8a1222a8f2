"""Everything that a marketplace would refuse: found once, kept until something changes, each with its way to mend."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Product, Variant
from erp.channels.formats.findings import MESSAGES, WARNINGS
from erp.channels.mending import RULE_WORDS
from erp.channels.models import Channel, ChannelListing, ListingFinding
from erp.channels.services import checks
from erp.channels.services.channels import set_columns
from erp.channels.services.checks import check_channel, unchecked
from erp.channels.services.mappings import match_categories
from erp.channels.tasks import check_channel as task
from tests.api.shop import make_product
from tests.web.shop import queries_of


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """The channels that the background was asked to check."""
    asked: list[int] = []
    monkeypatch.setattr(checks, "async_task", lambda path, pk, **options: asked.append(pk))
    return asked


def codes(listing: ChannelListing) -> set[tuple[str, str]]:
    return set(listing.findings.values_list("code", "field"))


def test_all_problems_of_all_products_grouped_by_rule(shop, url, staff, smartstore, korean):
    ChannelListing.objects.create(channel=smartstore, product=make_product(shop.brand, shop.owner))
    page = staff.get(url("mending", smartstore.pk)).context
    groups = {(group["code"], group["field"]): group for group in page["groups"]}
    assert groups["required", "원산지코드"]["count"] == 2
    assert groups["required", "원산지코드"]["url"] == url("channel-columns", smartstore.pk)
    assert groups["price_too_low", "price"]["count"] == 1 and not groups["price_too_low", "price"]["url"]
    assert len(page["rows"]) == 2
    cheap = staff.get(url("mending", smartstore.pk), {"code": "price_too_low", "field": "price"}).context["rows"]
    assert [listing.product.price for listing, _told in cheap] == [None]
    found = staff.get(url("mending", smartstore.pk), {"q": shop.product.style_number}).context["rows"]
    assert [listing.pk for listing, _told in found] == [korean.pk]


def test_it_speaks_the_readers_language(url, staff, smartstore, korean):
    staff.get(url("mending", smartstore.pk))
    assert "This marketplace needs a value here." in staff.get(url("mending", smartstore.pk)).content.decode()
    assert not ListingFinding.objects.filter(params__has_key="message").exists()


def test_it_asks_as_often_for_one_as_for_many(shop, url, staff, smartstore, korean):
    check_channel(channel=smartstore)
    one = queries_of(staff, url("mending", smartstore.pk))
    for _more in range(4):
        ChannelListing.objects.create(channel=smartstore, product=make_product(shop.brand, shop.owner))
    check_channel(channel=smartstore)
    assert queries_of(staff, url("mending", smartstore.pk)) == one


class TestKept:
    def test_a_check_lasts_until_something_changes(self, shop, smartstore, korean):
        def again() -> int:
            return check_channel(channel=Channel.objects.get(pk=smartstore.pk))

        assert (again(), again()) == (1, 0)
        assert ("required", "카테고리코드") in codes(korean)
        match_categories(channel=smartstore, targets={(shop.product.category_id, ""): "50000830"})
        assert again() == 1 and ("required", "카테고리코드") not in codes(korean)
        set_columns(channel=smartstore, values={"원산지코드": "00"})
        assert again() == 1 and ("required", "원산지코드") not in codes(korean)
        shop.product.price = Decimal(5)
        shop.product.save()
        assert again() == 1
        shop.variants[0].is_active = False
        shop.variants[0].save()
        assert again() == 1

    def test_what_was_written_in_bulk_is_checked_too(self, shop, smartstore, korean):
        """Imports write thousands of rows in one statement, without a signal."""
        for rows in (Product.objects.all(), Variant.objects.all()):
            check_channel(channel=smartstore)
            assert not unchecked(smartstore).exists()
            rows.update(updated_at=timezone.now())
            assert unchecked(smartstore).count() == 1

    def test_stock_is_not_checked_again(self, shop, smartstore, korean, django_capture_on_commit_callbacks):
        check_channel(channel=smartstore)
        with django_capture_on_commit_callbacks(execute=True):
            shop.stock(shop.variants[0], 1)
        assert not unchecked(smartstore).exists()

    def test_what_was_left_out_is_ready_again_once_it_is_mended(self, shop, channel, listing, export_now):
        shop.product.price = None
        shop.product.save()
        check_channel(channel=channel)
        export_now(channel)
        listing.refresh_from_db()
        assert (listing.status, listing.errors) == ("error", 4)
        shop.product.price = Decimal(9000)
        shop.product.save()
        check_channel(channel=channel)
        listing.refresh_from_db()
        assert (listing.status, listing.errors, listing.problem) == ("ready", 0, "")

    def test_what_a_marketplace_said_itself_stays(self, channel, listing):
        ChannelListing.objects.update(status="error", problem="Shopify: no such vendor")
        check_channel(channel=channel)
        listing.refresh_from_db()
        assert (listing.status, listing.problem) == ("error", "Shopify: no such vendor")


class TestMany:
    @pytest.fixture
    def many(self, monkeypatch, smartstore, korean):
        monkeypatch.setattr("erp.channels.views.mending.AT_ONCE", 0)

    def test_they_are_checked_in_the_background_and_the_page_tells_how_far(
        self, many, url, staff, smartstore, queued, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            page = staff.get(url("mending", smartstore.pk))
        assert (page.context["done"], page.context["all"]) == (0, 1) and "hx-trigger" in page.content.decode()
        assert queued == [smartstore.pk]
        with django_capture_on_commit_callbacks(execute=True):
            staff.get(url("mending", smartstore.pk), headers={"HX-Request": "true"})
        assert queued == [smartstore.pk]
        assert task(smartstore.pk) == 1
        part = staff.get(url("mending", smartstore.pk), headers={"HX-Request": "true"}).content.decode()
        assert "카테고리코드" in part and "<html" not in part

    def test_a_job_that_stopped_goes_on_where_it_was(self, shop, smartstore, korean, monkeypatch):
        ChannelListing.objects.create(channel=smartstore, product=make_product(shop.brand, shop.owner))
        monkeypatch.setattr(checks, "CHUNK", 1)
        assert check_channel(channel=smartstore, most=1) == 1
        assert (task(smartstore.pk), task(smartstore.pk)) == (1, 0)

    def test_a_channel_that_is_gone(self, db):
        assert task(123456) == 0

    def test_everything_again(self, url, staff, smartstore, korean, queued, django_capture_on_commit_callbacks):
        check_channel(channel=smartstore)
        with django_capture_on_commit_callbacks(execute=True):
            staff.post(url("mending-again", smartstore.pk))
        assert unchecked(smartstore).count() == 1 and queued == [smartstore.pk]


def test_every_rule_has_its_words():
    of_exports = {"pictures_missing", "picture_small", "renamed"}  # no listing is checked for them
    assert MESSAGES.keys() - of_exports == RULE_WORDS.keys() and MESSAGES.keys() > WARNINGS
