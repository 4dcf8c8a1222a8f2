"""Labels and codes over REST."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Variant
from erp.labels.models import LabelSettings
from tests import photos
from tests.api.shop import Api, codes_of
from tests.factories import UserFactory, VariantFactory
from tests.labels.pictures import codes_in, drawn, jpeg, pages, photo
from tests.web.shop import a_stranger

EAN = "2000000000015"
LABELS, SCAN = "/api/v1/labels/", "/api/v1/scan/"


@pytest.fixture
def api(shop) -> Api:
    Variant.objects.filter(pk=shop.variants[0].pk).update(barcode=EAN)
    return Api(shop.clerk)


def order(shop, *lines: dict, **more: object) -> dict:
    return {"brand": shop.brand.slug, "template": "roll-50x30", "code": "qr", "lines": list(lines)} | more


def test_labels_of_lines(shop, api, tmp_path) -> None:
    first, second = shop.variants[:2]
    third = {"variant": shop.variants[2].pk, "quantity": 1}
    lines = [{"barcode": EAN, "quantity": 1}, {"sku": second.sku.lower(), "quantity": 2}, third]
    answer = api.post(LABELS, order(shop, *lines), headers={"Accept": "application/pdf"})
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/pdf"
    found = [text for image in pages(answer.content, tmp_path) for text, _format in codes_in(image)]
    assert found == [first.sku, second.sku, second.sku, shop.variants[2].sku]


def test_labels_of_a_posting_as_the_brand_likes_them(shop, api, tmp_path) -> None:
    LabelSettings.objects.create(brand=shop.brand, template="roll-40x30", code="qr", language="en")
    posting = shop.stock(2)
    answer = api.post(LABELS, {"brand": shop.brand.slug, "posting": str(posting.public_id)})
    assert len(pages(answer.content, tmp_path)) == 2
    assert LabelSettings.objects.get().template == "roll-40x30"


def test_every_wrong_line_is_named(shop, api) -> None:
    theirs = VariantFactory()
    lines = [
        {"variant": shop.variants[0].pk, "quantity": 1},
        {"variant": theirs.pk, "quantity": 1},
        {"sku": theirs.sku, "quantity": 1},
        {"quantity": 1},
        {"sku": shop.variants[0].sku, "barcode": EAN, "quantity": 1},
    ]
    answer = api.post(LABELS, order(shop, *lines))
    assert answer.status_code == 400
    assert codes_of(answer) == [
        (2, "variant", "unknown_variant"),
        (3, "sku", "unknown_variant"),
        (4, None, "name_one"),
        (5, None, "name_one"),
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"template": "a0-poster"}, "invalid"),
        ({"lines": []}, "invalid"),
        ({"start": 0}, "invalid"),
        ({"template": "a4-3x8", "start": 25}, "wrong_start"),
        ({"posting": "3f1f3a0e-0000-4000-8000-000000000000"}, "lines_or_posting"),
    ],
)
def test_wrong_orders(shop, api, change, code) -> None:
    answer = api.post(LABELS, order(shop, {"variant": shop.variants[0].pk, "quantity": 1}) | change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_too_many_labels(shop, api) -> None:
    lines = [{"variant": variant.pk, "quantity": 2_000} for variant in shop.variants]
    answer = api.post(LABELS, order(shop, *lines))
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_labels")


def test_a_posting_of_another_brand(shop, api) -> None:
    answer = api.post(LABELS, {"brand": shop.brand.slug, "posting": "3f1f3a0e-0000-4000-8000-000000000000"})
    assert answer.status_code == 404


def test_labels_are_work(shop) -> None:
    body = order(shop, {"variant": shop.variants[0].pk, "quantity": 1})
    assert Api(shop.viewer).post(LABELS, body).status_code == 403
    assert Api(a_stranger()).post(LABELS, body).status_code == 404
    assert Api().post(LABELS, body).status_code == 401


def send(client: Api, slug: str, data: bytes):
    file = SimpleUploadedFile("frame.jpg", data, "image/jpeg")
    return client.post(SCAN, {"brand": slug, "photo": file}, format="multipart")


def test_a_code_that_a_scanner_read(shop, api) -> None:
    answer = api.post(SCAN, {"brand": shop.brand.slug, "code": EAN}).json()
    assert answer["message"] == ""
    assert [(code["text"], code["variant"]["id"]) for code in answer["codes"]] == [(EAN, shop.variants[0].pk)]
    unknown = api.post(SCAN, {"brand": shop.brand.slug, "code": "nothing"}).json()
    assert unknown["codes"] == [{"text": "nothing", "format": "", "variant": None}]


def test_codes_in_a_photo(shop, api) -> None:
    data = photo(drawn(EAN, "EAN-13", scale=6), degrees=5, blur=1, size=(1600, 1200))
    answer = send(api, shop.brand.slug, data)
    assert answer.status_code == 200
    [code] = answer.json()["codes"]
    assert (code["text"], code["format"], code["variant"]["sku"]) == (EAN, "EAN-13", shop.variants[0].sku)
    frame = send(Api(shop.viewer), shop.brand.slug, jpeg(drawn("ELSEWHERE", "QR Code", scale=8).convert("L")))
    assert frame.json()["codes"] == [{"text": "ELSEWHERE", "format": "QR Code", "variant": None}]


def test_a_photo_without_a_code(shop, api) -> None:
    answer = send(api, shop.brand.slug, jpeg(Image.new("L", (960, 540), 200)))
    assert answer.status_code == 200
    assert answer.json()["codes"] == [] and "no code" in answer.json()["message"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "photo_empty"),
        (b"<html>", "photo_not_an_image"),
        (photos.jpeg((600, 400))[:300], "photo_truncated"),
        (photos.animation("GIF"), "photo_animated"),
    ],
)
def test_hostile_files(shop, api, data, code) -> None:
    answer = send(api, shop.brand.slug, data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["field"] == "photo"


def test_a_bomb_is_refused_by_its_header(shop, api) -> None:
    image = Image.new("1", (20_000, 20_000))
    answer = send(api, shop.brand.slug, photos.encode(image, "PNG"))
    assert (answer.status_code, answer.json()["code"]) == (400, "photo_too_many_pixels")


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "x" * 121}, {"code": ["a"]}, {"photo": "text"}])
def test_wrong_questions(shop, api, body) -> None:
    answer = api.post(SCAN, {"brand": shop.brand.slug} | body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_who_may_ask(shop, api) -> None:
    body = {"brand": shop.brand.slug, "code": EAN}
    assert Api(shop.viewer).post(SCAN, body).status_code == 200
    assert Api(UserFactory(is_auditor=True)).post(SCAN, body).status_code == 200
    assert Api(a_stranger()).post(SCAN, body).status_code == 404
    assert send(Api(a_stranger()), shop.brand.slug, b"").status_code == 404
    assert Api().post(SCAN, body).status_code == 401
    assert api.post(SCAN, {"brand": "nowhere", "code": EAN}).status_code == 404


def test_pictures_are_limited_by_person(shop, api, monkeypatch) -> None:
    monkeypatch.setattr("erp.labels.throttle.ScanThrottle.rate", "2/min", raising=False)
    body = {"brand": shop.brand.slug, "code": EAN}
    answers = [api.post(SCAN, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) <= 60 and answers[2].json()["code"] == "throttled"
    assert Api(shop.owner).post(SCAN, body).status_code == 200


def test_codes_ask_as_much_for_every_brand_member(shop, api, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(6):
        api.post(SCAN, {"brand": shop.brand.slug, "code": EAN})
