"""Asking for an archive and taking it along, on the page and over the API."""

from __future__ import annotations

import io
from typing import Any
from zipfile import ZipFile

import pytest

from erp.exchange.models import Archive
from erp.exchange.services import archives
from tests.api.shop import Api, Shop, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queued(monkeypatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(archives, "_enqueue", found.append)
    return found


@pytest.fixture
def shop() -> Shop:
    return make_shop("haneul")


def whole(answer: Any) -> ZipFile:
    return ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_an_owner_makes_and_takes_it(client, shop: Shop, queued, django_capture_on_commit_callbacks) -> None:
    client.force_login(shop.owner)
    page = f"/b/{shop.slug}/archives/"
    assert "아직 아카이브가 없어요" in client.get(page).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{page}new/").status_code == 302
    [archive] = Archive.objects.all()
    assert queued == [archive.pk]
    assert "hx-get" in client.get(page).content.decode()
    assert client.get(f"{page}{archive.public_id}.zip").status_code == 404
    archives.make_archive(archive_id=archive.pk)
    assert f"{archive.public_id}.zip" in client.get(page).content.decode()
    answer = client.get(f"{page}{archive.public_id}.zip")
    assert f'filename="{shop.slug}-' in answer.headers["Content-Disposition"]
    assert "manifest.json" in whole(answer).namelist()


def test_the_api_does_the_same(shop: Shop, django_capture_on_commit_callbacks) -> None:
    client = Api(shop.owner)
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post("/api/v1/archives/", {"brand": shop.slug})
    assert (made.status_code, made.json()["state"]) == (202, "queued")
    address = f"/api/v1/archives/{made.json()['id']}/"
    assert client.get(f"{address}file/").status_code == 404
    archives.make_archive(archive_id=made.json()["id"])
    assert client.get(address).json()["state"] == "done"
    assert "manifest.json" in whole(client.get(f"{address}file/")).namelist()


def test_nobody_else_takes_it(client, shop: Shop) -> None:
    archive = archives.start_archive(brand=shop.brand, actor=shop.owner)
    archives.make_archive(archive_id=archive.pk)
    stranger = make_shop("stranger").owner
    for person, status in ((shop.staff, 403), (shop.viewer, 403), (stranger, 404)):
        client.force_login(person)
        assert client.get(f"/b/{shop.slug}/archives/").status_code == status
        assert client.post(f"/b/{shop.slug}/archives/new/").status_code == status
        assert client.get(f"/b/{shop.slug}/archives/{archive.public_id}.zip").status_code == status
        assert Api(person).post("/api/v1/archives/", {"brand": shop.slug}).status_code == status
        assert Api(person).get(f"/api/v1/archives/{archive.pk}/file/").status_code == status
    assert Archive.objects.count() == 1
