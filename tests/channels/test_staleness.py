"""A change of stock, of a product or of its photos shows at once on the listings that were sent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.audit import record_changed, remember
from catalog.models import Colour, Product
from catalog.services import add_image, order_images, remove_image
from erp.channels.services.channels import update_channel
from erp.inventory.models import Location
from erp.inventory.services import Claim, adjust, release, reserve, ship, transfer
from tests import photos


@pytest.fixture
def sent(listing):
    """A listing that went out."""
    listing.exported_at = timezone.now()
    listing.save()

    def stale() -> bool:
        listing.refresh_from_db()
        found = listing.stale_since is not None
        listing.stale_since = None
        listing.save()
        return found

    return stale


def test_postings_holds_and_releases_make_it_stale(shop, sent, django_capture_on_commit_callbacks):
    variant = shop.variants[-1]
    with django_capture_on_commit_callbacks(execute=True):
        shop.stock(variant, 1)
    assert sent()
    with django_capture_on_commit_callbacks(execute=True):
        claims = [Claim(variant.pk, 1, shop.main.pk)]
        (held,) = reserve(brand=shop.brand, claims=claims, actor=shop.owner, idempotency_key="k")
    assert sent()
    with django_capture_on_commit_callbacks(execute=True):
        release(brand=shop.brand, quantities={held.pk: None})
    assert sent() and not sent()


def test_a_changed_product_makes_it_stale(shop, sent):
    shop.product.name_ko = "다른 셔츠"
    shop.product.save()
    assert sent()


def test_a_listing_that_never_went_out_is_not_stale(shop, listing, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        shop.stock(shop.variants[0], 1)
    listing.refresh_from_db()
    assert listing.stale_since is None


def test_products_written_in_bulk_make_it_stale(shop, sent):
    before = remember([shop.product])
    shop.product.name_en = "Another shirt"
    Product.objects.bulk_update([shop.product], ["name_en"])
    record_changed([shop.product], before)
    assert sent()
    record_changed([shop.product], remember([shop.product]))
    assert not sent()


def test_what_all_listings_follow_makes_them_stale(shop, channel, sent):
    update_channel(channel=channel, price_factor=Decimal(2))
    assert sent()
    update_channel(channel=channel, name="Another name")
    assert not sent()


def test_another_name_of_what_it_is_called_by_makes_it_stale(shop, sent):
    variant, product = shop.variants[0], shop.product
    for term in (variant.colour, product.category, shop.brand):
        term.name_en = "Midnight"
        term.save()
        assert sent()
    variant.size.code = "XXS"
    variant.size.save()
    assert sent()
    shop.brand.save(update_fields=["time_zone"])
    Colour.objects.exclude(pk__in=[v.colour_id for v in shop.variants]).first().save()
    assert not sent()


def test_photos_make_it_stale(shop, sent):
    first, second = (
        add_image(product=shop.product, data=photos.jpeg(size), filename="a.jpg", actor=shop.owner)
        for size in ((300, 300), (300, 400))
    )
    assert sent()
    order_images(product=shop.product, order=[second.public_id, first.public_id], actor=shop.owner)
    assert sent()
    remove_image(image=first, actor=shop.owner)
    assert sent()


def test_every_way_goods_move_makes_it_stale(shop, sent, django_capture_on_commit_callbacks):
    variant = shop.variants[-1]
    shop.stock(variant, 9)
    there = Location.objects.create(brand=shop.brand, code="X", kind="defective", name_ko="불량")
    heading = {"brand": shop.brand, "actor": shop.owner}
    ways = [
        lambda key: ship(location=shop.main, quantities={variant.pk: 1}, idempotency_key=key, **heading),
        lambda key: transfer(
            source=shop.main, destination=there, quantities={variant.pk: 1}, idempotency_key=key, **heading
        ),
        lambda key: adjust(location=shop.main, deltas={variant.pk: -1}, idempotency_key=key, **heading),
    ]
    for number, way in enumerate(ways):
        with django_capture_on_commit_callbacks(execute=True):
            way(str(number))
        assert sent()
