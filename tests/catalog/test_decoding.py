"""Decoding takes seconds for a large photo: no transaction is open meanwhile, which on SQLite would stop every sale."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Membership, Product, ProductImage
from catalog.services import add_image, attach_cutout, images
from tests import photos
from tests.factories import MembershipFactory, ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member(transactional_db: None) -> Membership:
    return MembershipFactory()


@pytest.fixture
def product(member: Membership) -> Product:
    return ProductFactory(brand=member.brand)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Each step of the work on pictures, and whether a transaction was open."""
    steps: list[tuple[str, bool]] = []

    def watch(name: str) -> None:
        real = getattr(images, name)

        def step(*args: Any, **options: Any) -> Any:
            steps.append((name, connection.in_atomic_block))
            return real(*args, **options)

        monkeypatch.setattr(images, name, step)

    watch("decode_photo")
    watch("smaller_jpeg")
    return steps


DECODED = [("decode_photo", False), ("smaller_jpeg", False), ("smaller_jpeg", False)]


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", photos.jpeg(), "image/jpeg")


def test_the_service(product, member, seen) -> None:
    add_image(product=product, data=photos.jpeg(), filename="a.jpg", actor=member.user)
    assert seen == DECODED


@pytest.mark.parametrize("path", ["new/", "products/{pk}/photos/", "products/{pk}/images/"])
def test_the_pages(path, product, member, seen) -> None:
    browser = Client()
    browser.force_login(member.user)
    address = f"/b/{member.brand.slug}/{path.format(pk=product.pk)}"
    assert browser.post(address, {"photos": upload()}).status_code == 302
    assert seen == DECODED
    assert ProductImage.objects.count() == 1


def test_the_api(product, member, seen) -> None:
    client = APIClient()
    client.force_authenticate(member.user)
    answer = client.post(f"/api/v1/products/{product.pk}/images/", {"image": upload()}, format="multipart")
    assert answer.status_code == 201
    assert seen == DECODED


def test_a_cut_out(product, member, seen) -> None:
    image = add_image(product=product, data=photos.jpeg(), filename="a.jpg", actor=member.user)
    seen.clear()
    attach_cutout(image=image, cutout_png=photos.png(), listing_jpeg=photos.jpeg())
    assert seen == [("smaller_jpeg", False)]


def test_a_photo_that_is_refused_makes_no_draft(member, seen) -> None:
    browser = Client()
    browser.force_login(member.user)
    browser.post(f"/b/{member.brand.slug}/new/", {"photos": SimpleUploadedFile("a.jpg", photos.SVG)})
    assert seen == [("decode_photo", False)]
    assert not Product.objects.exists()
