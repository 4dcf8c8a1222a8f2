"""A POST with an `Idempotency-Key` is done once, whatever it does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from catalog.models import Product, ProductImage
from erp.core.api.repeats import forget_answers
from erp.core.models import KeptAnswer
from erp.counting.models import StockCount
from tests import photos
from tests.api.shop import Api, Shop

PRODUCTS = "/api/v1/products/"


def picture(seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile("shirt.jpg", photos.jpeg(seed=seed), content_type="image/jpeg")


def send(api: Api, address: str, body, key: str = "k-1", **kwargs):
    return api.post(address, body, headers={"Idempotency-Key": key}, **kwargs)


def draft(shop: Shop, **more) -> dict:
    return {"brand": shop.slug, "name_ko": "새 옷"} | more


def test_done_once_and_answered_alike(shop, api) -> None:
    first = send(api, PRODUCTS, draft(shop))
    again = send(api, PRODUCTS, draft(shop))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert Product.objects.filter(name_ko="새 옷").count() == 1


def test_other_content_is_refused(shop, api) -> None:
    send(api, PRODUCTS, draft(shop))
    other = send(api, PRODUCTS, draft(shop, name_en="New"))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert Product.objects.filter(name_ko="새 옷").count() == 1


def test_keys_are_each_persons_and_each_routes(shop, api) -> None:
    send(api, PRODUCTS, draft(shop))
    assert "Idempotent-Replay" not in send(Api(shop.owner), PRODUCTS, draft(shop)).headers
    body = {"brand": shop.slug, "location": "MAIN", "scope": "full"}
    assert send(api, "/api/v1/counts/", body).status_code == 201
    assert send(api, "/api/v1/counts/", body).headers["Idempotent-Replay"] == "true"
    assert StockCount.objects.count() == 1


def test_what_was_refused_is_not_kept(shop, api) -> None:
    assert send(api, PRODUCTS, draft(shop, price="1.5")).status_code == 400
    assert KeptAnswer.objects.count() == 0
    assert send(api, PRODUCTS, draft(shop)).status_code == 201


def test_without_a_key_nothing_is_kept(shop, api) -> None:
    assert api.post(PRODUCTS, draft(shop)).status_code == 201
    assert api.post(PRODUCTS, draft(shop)).status_code == 201
    assert KeptAnswer.objects.count() == 0


def test_a_key_that_is_none(shop, api) -> None:
    assert send(api, PRODUCTS, draft(shop), key="two words").json()["code"] == "invalid_key"
    assert send(api, PRODUCTS, draft(shop), key="x" * 81).json()["code"] == "invalid_key"


def test_a_photo_once(shop, api) -> None:
    address, file = f"{PRODUCTS}{shop.product.pk}/images/", picture()
    first = send(api, address, {"image": file}, format="multipart")
    file.seek(0)
    again = send(api, address, {"image": file}, format="multipart")
    assert (first.status_code, again.json()) == (201, first.json())
    assert ProductImage.objects.count() == 1
    assert send(api, address, {"image": picture(1)}, format="multipart").status_code == 409


def test_who_may_not_see_it_any_more_gets_no_old_answer(shop, api) -> None:
    address = f"{PRODUCTS}{shop.product.pk}/archive/"
    assert send(api, address, None).status_code == 200
    shop.brand.memberships.filter(user=shop.staff).delete()
    assert send(api, address, None).status_code == 404


def test_kept_for_a_day(shop, api) -> None:
    send(api, PRODUCTS, draft(shop))
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert "Idempotent-Replay" not in send(api, PRODUCTS, draft(shop)).headers
    assert forget_answers() == 0
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert forget_answers() == 1


def test_a_services_own_key_stays_its_own(shop, api) -> None:
    """Movements answer a repetition with 200, by a key that holds for ever."""
    line = {"sku": shop.variants[0].sku, "quantity": 1, "destination": "MAIN"}
    body = {"brand": shop.slug, "kind": "receipt", "lines": [line]}
    assert [send(api, "/api/v1/movements/", body).status_code for _time in range(2)] == [201, 200]
    assert KeptAnswer.objects.count() == 0


def test_every_post_of_rows_takes_a_key() -> None:
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    # They write nothing, or are the way in; a token that was made twice is revoked.
    reading = {"returns_preview", "labels_print", "scan", "login", "logout", "logout_all", "tokens_create"}
    bare = {
        operation["post"]["operationId"]
        for operation in schema["paths"].values()
        if "post" in operation and "Idempotency-Key" not in {p["name"] for p in operation["post"].get("parameters", ())}
    }
    assert bare == reading


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(shop) -> None:
    barrier, answers = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        answers.append(send(Api(shop.staff), PRODUCTS, draft(shop)))
        connection.close()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Product.objects.filter(name_ko="새 옷").count() == 1
