"""People who list, upload and leave at the same moment. Two writers at once need real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.models import Colour, Membership, Product, ProductImage, Role, SizeRun, Variant
from catalog.services import (
    add_image,
    add_member,
    create_brand,
    create_product,
    remove_member,
    set_variants,
    update_variant,
)
from erp.core.errors import DomainError
from tests import photos
from tests.factories import UserFactory
from tests.inventory.racers import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def owner(transactional_db: None):
    return UserFactory()


@pytest.fixture
def brand(owner):
    return create_brand(slug="haru", name_ko="하루", owner=owner)


def test_drafts_made_at_once_get_numbers_of_their_own(brand, owner) -> None:
    answers = at_once([lambda: create_product(brand=brand, actor=owner)] * 4)
    assert sorted(product.style_number for product in answers) == ["HA0001", "HA0002", "HA0003", "HA0004"]


def test_the_same_photo_sent_twice_at_once_is_kept_once(brand, owner, settings) -> None:
    product = create_product(brand=brand, actor=owner)
    answers = at_once([lambda: add_image(product=product, data=photos.jpeg(), filename="a.jpg", actor=owner)] * 3)
    assert sorted(answer.code for answer in answers if isinstance(answer, DomainError)) == ["duplicate_photo"] * 2
    assert ProductImage.objects.count() == 1
    kept = [path.name.split("-")[0] for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert sorted(kept) == ["original", "thumbnail", "tile"]


def test_one_grid_saved_twice_at_once_is_one_grid(brand, owner) -> None:
    product = create_product(brand=brand, actor=owner)
    grid = {
        "colours": list(Colour.objects.filter(slug__in=["navy", "red"])),
        "sizes": list(SizeRun.objects.get(slug="alpha").sizes.select_related("run")),
    }
    answers = at_once([lambda: set_variants(product=Product.objects.get(pk=product.pk), **grid)] * 3)
    assert all(len(variants) == 14 for variants in answers)
    assert Variant.objects.count() == 14


def test_two_products_that_want_one_sku_both_get_one(brand, owner) -> None:
    brand.sku_scheme = "{colour}-{size}"
    brand.save()
    products = [create_product(brand=brand, actor=owner) for _ in range(2)]
    grid = {
        "colours": list(Colour.objects.filter(slug="navy")),
        "sizes": list(SizeRun.objects.get(slug="alpha").sizes.select_related("run")),
    }
    at_once([lambda p=product: set_variants(product=Product.objects.get(pk=p.pk), **grid) for product in products])
    assert Variant.objects.count() == 14
    assert Variant.objects.values("sku").distinct().count() == 14


def test_the_last_two_variants_retired_at_once_leave_one(brand, owner) -> None:
    product = create_product(brand=brand, actor=owner)
    sizes = list(SizeRun.objects.get(slug="alpha").sizes.select_related("run")[:2])
    made = set_variants(product=product, colours=list(Colour.objects.filter(slug="navy")), sizes=sizes)
    Product.objects.update(status=Product.Status.ACTIVE)
    answers = at_once([lambda v=variant: update_variant(variant=v, actor=owner, is_active=False) for variant in made])
    assert [answer.code for answer in answers if isinstance(answer, DomainError)] == ["last_variant"]
    assert Variant.objects.filter(is_active=True).count() == 1


def test_two_owners_who_leave_at_once_leave_one_behind(brand, owner) -> None:
    add_member(brand=brand, user=UserFactory(), role=Role.OWNER)
    memberships = list(Membership.objects.filter(brand=brand))
    answers = at_once([lambda m=membership: remove_member(membership=m) for membership in memberships])
    assert [answer.problems[0].code for answer in answers if isinstance(answer, DomainError)] == ["last_owner"]
    assert Membership.objects.filter(brand=brand, role=Role.OWNER).count() == 1
