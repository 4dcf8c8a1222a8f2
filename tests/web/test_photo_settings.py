"""A brand decides whether its photos may train the models."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Change
from tests.web.shop import Shop, a_stranger
from vision.models import VisionSettings


@pytest.fixture
def address(shop: Shop) -> str:
    return reverse("vision:photo-settings", args=[shop.brand.slug])


def test_photos_teach_unless_the_brand_says_no(shop: Shop, address: str) -> None:
    client = shop.client(shop.owner)
    assert b'value="yes" checked' in client.get(address).content
    assert not VisionSettings.objects.exists()
    for answer, allowed in (("no", False), ("no", False), ("yes", True)):
        page = client.post(address, {"photos_train": answer}, follow=True).content.decode()
        assert VisionSettings.objects.get().photos_train is allowed
        assert f'value="{answer}" checked' in page and "Saved." in page


def test_who_decided_is_on_record(shop: Shop, address: str) -> None:
    shop.client(shop.owner).post(address, {"photos_train": "no"})
    change = Change.objects.of(shop.brand).filter(content_type__model="visionsettings").latest("pk")
    assert change.actor == shop.owner and change.changes["photos_train"][1] in (False, "False")


def test_korean(shop: Shop, address: str) -> None:
    client = shop.client(shop.owner)
    client.cookies["django_language"] = "ko"
    body = client.get(address).content.decode()
    assert "사진과 학습" in body and "Photos and learning" not in body


def test_only_the_owner_decides(shop: Shop, address: str) -> None:
    for person, status in ((shop.clerk, 403), (shop.viewer, 403), (a_stranger(), 404)):
        for method in ("get", "post"):
            assert getattr(shop.client(person), method)(address, {"photos_train": "no"}).status_code == status
    assert Client().get(address).status_code == 302
    assert not VisionSettings.objects.exists()
