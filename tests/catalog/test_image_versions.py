"""Addresses of photos that browsers may keep."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import ProductImage
from catalog.services import add_image, attach_cutout
from catalog.templatetags.photos import photo_url, picture_url
from tests import photos
from tests.factories import MembershipFactory, ProductFactory


@pytest.fixture
def member(db: None):
    return MembershipFactory()


@pytest.fixture
def image(member) -> ProductImage:
    product = ProductFactory(brand=member.brand)
    added = add_image(product=product, data=photos.jpeg(), filename="a.jpg", actor=member.user)
    return attach_cutout(image=added, cutout_png=photos.png(), listing_jpeg=photos.jpeg())


def kept(member, address: str) -> str:
    client = Client()
    client.force_login(member.user)
    response = client.get(address)
    assert response.status_code == 200
    return response.headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["original", "thumbnail", "tile", "cutout", "listing"])
def test_a_versioned_address_is_kept_without_asking(member, image: ProductImage, kind: str) -> None:
    assert "immutable" in kept(member, photo_url(image, kind, member.brand.slug))


def test_a_cut_out_without_its_version_is_asked_for_again(member, image: ProductImage) -> None:
    plain, _question, _version = photo_url(image, "listing", member.brand.slug).partition("?")
    assert "no-cache" in kept(member, plain)
    assert "no-cache" in kept(member, f"{plain}?v=old")


def test_a_new_cut_out_has_a_new_address(member, image: ProductImage) -> None:
    before = picture_url(image, member.brand.slug)
    again = attach_cutout(image=image, cutout_png=photos.png(), listing_jpeg=photos.jpeg(seed=2))
    assert picture_url(again, member.brand.slug) != before


def test_a_photo_is_its_own_picture_until_it_is_cut_out(member) -> None:
    product = ProductFactory(brand=member.brand)
    added = add_image(product=product, data=photos.jpeg(), filename="a.jpg", actor=member.user)
    assert "/thumbnail?v=" in picture_url(added, member.brand.slug)
