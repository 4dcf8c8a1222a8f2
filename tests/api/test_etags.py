"""Copies that are fresh are not sent again, and edits of what somebody changed meanwhile are refused."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from catalog.models import Product, ProductImage
from erp.trade.models import Partner
from tests import photos
from tests.api.shop import Api


def picture(seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile("shirt.jpg", photos.jpeg(seed=seed), content_type="image/jpeg")


def product(shop) -> str:
    return f"/api/v1/products/{shop.product.pk}/"


def test_a_fresh_copy_is_not_sent_again(shop, api) -> None:
    first = api.get(product(shop))
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    again = api.get(product(shop), headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert api.get(product(shop), headers={"If-None-Match": f'W/{etag}, "x"'}).status_code == 304
    assert api.get(product(shop), headers={"If-None-Match": '"x"'}).status_code == 200
    api.patch(product(shop), {"name_en": "Oxford"})
    later = api.get(product(shop), headers={"If-None-Match": etag})
    assert later.status_code == 200
    assert later.headers["ETag"] != etag


def test_a_part_of_the_answer_has_its_own_tag(shop, api) -> None:
    part = api.get(f"{product(shop)}?fields=id").headers["ETag"]
    assert part != api.get(product(shop)).headers["ETag"]
    # and is good for an edit all the same: it names the same version
    assert api.patch(product(shop), {"name_en": "A"}, headers={"If-Match": part}).status_code == 200


def test_an_edit_of_what_was_changed_is_refused(shop, api) -> None:
    etag = api.get(product(shop)).headers["ETag"]
    mine = api.patch(product(shop), {"name_en": "Mine"}, headers={"If-Match": etag})
    assert mine.status_code == 200
    theirs = Api(shop.owner).patch(product(shop), {"name_en": "Theirs"}, headers={"If-Match": etag})
    assert (theirs.status_code, theirs.json()["code"]) == (412, "changed_meanwhile")
    shop.product.refresh_from_db()
    assert shop.product.name_en == "Mine"
    # the answer of an edit carries the next tag
    chained = api.patch(product(shop), {"name_en": "More"}, headers={"If-Match": mine.headers["ETag"]})
    assert chained.status_code == 200
    assert api.patch(product(shop), {"name_en": "Any"}, headers={"If-Match": "*"}).status_code == 200


def test_changed_by_whatever_means(shop, api) -> None:
    etag = api.get(product(shop)).headers["ETag"]
    Product.objects.filter(pk=shop.product.pk).update(material="linen")
    assert api.patch(product(shop), {"name_en": "X"}, headers={"If-Match": etag}).status_code == 412


def test_a_refused_edit_saves_nothing(shop, api) -> None:
    etag = api.get(product(shop)).headers["ETag"]
    wrong = {"name_en": "X", "price": "10.5"}
    assert api.patch(product(shop), wrong, headers={"If-Match": etag}).status_code == 400
    assert api.get(product(shop)).headers["ETag"] == etag


def test_rights_come_first(shop, other) -> None:
    tag = {"If-Match": '"x"'}
    assert Api(shop.viewer).patch(product(shop), {}, headers=tag).status_code == 403
    assert Api(other.owner).patch(product(shop), {}, headers=tag).status_code == 404


def test_a_photo_is_removed_only_as_it_was_seen(shop, api) -> None:
    sent = api.post(f"{product(shop)}images/", {"image": picture()}, format="multipart")
    assert sent.status_code == 201, sent.json()
    address = f"/api/v1/images/{sent.json()['id']}/"
    etag = api.get(address).headers["ETag"]
    api.patch(address, {"alt_en": "A shirt"})
    assert api.delete(address, headers={"If-Match": etag}).status_code == 412
    assert ProductImage.objects.count() == 1
    assert api.delete(address, headers={"If-Match": api.get(address).headers["ETag"]}).status_code == 204


def test_papers_and_partners_have_tags(shop, api) -> None:
    partner = Partner.objects.create(brand=shop.brand, name="동대문 3층", is_buyer=True)
    address = f"/api/v1/partners/{partner.pk}/"
    etag = api.get(address).headers["ETag"]
    paid = {"amount": "1000", "method": "cash"}
    api.post(f"{address}payments/", paid, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert api.get(address, headers={"If-None-Match": etag}).status_code == 200, "what they owe is shown"
    assert api.patch(address, {"phone": "1"}, headers={"If-Match": etag}).status_code == 412


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_wins(shop) -> None:
    etag = Api(shop.staff).get(product(shop)).headers["ETag"]
    barrier, statuses = threading.Barrier(2), []

    def edit(person, name: str) -> None:
        barrier.wait()
        answer = Api(person).patch(product(shop), {"name_en": name}, headers={"If-Match": etag})
        statuses.append(answer.status_code)
        connection.close()

    threads = [threading.Thread(target=edit, args=each) for each in ((shop.staff, "One"), (shop.owner, "Two"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412]
