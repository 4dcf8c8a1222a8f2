"""The scan page: what a code means, and photos of codes."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalog.models import Variant
from tests import photos
from tests.factories import VariantFactory
from tests.labels.pictures import drawn, jpeg, photo
from tests.web.shop import a_stranger, queries_of

EAN = "2000000000015"


@pytest.fixture
def scan(shop) -> str:
    Variant.objects.filter(pk=shop.variants[0].pk).update(barcode=EAN)
    return reverse("labels:scan", args=[shop.brand.slug])


def upload(data: bytes) -> dict[str, SimpleUploadedFile]:
    return {"photo": SimpleUploadedFile("x.jpg", data, "image/jpeg")}


def test_a_code_shows_the_variant_its_numbers_and_what_can_be_done(shop, scan) -> None:
    shop.stock(7)
    shop.stock(2, location=shop.defect)
    client = shop.client(shop.clerk)
    for code in (EAN, shop.variants[0].sku.lower(), f" {EAN} "):
        answer = client.get(scan, {"code": code})
        content = answer.content.decode()
        assert answer.context["variant"] == shop.variants[0]
        assert (answer.context["on_hand"], answer.context["available"], answer.context["reserved"]) == (9, 9, 0)
        assert shop.main.name in content and shop.defect.name in content
        product = f"?product={shop.product.pk}"
        assert all(shop.url(name) + product in content for name in ("receive", "ship", "adjust"))
        assert f"{shop.url('history')}?variant={shop.variants[0].pk}" in content
        assert f"{reverse('labels:labels', args=[shop.brand.slug])}?variant={shop.variants[0].pk}" in content


def test_words_show_products_and_unknown_codes_say_so(shop, scan) -> None:
    client = shop.client(shop.clerk)
    assert shop.url("product", shop.product.pk) in client.get(scan, {"code": "Oxford"}).content.decode()
    assert "is not known" in client.get(scan, {"code": "nothing\x00<b>"}).content.decode()
    assert "Scan a piece" in client.get(scan).content.decode()


def test_htmx_gets_the_found_part_only(shop, scan) -> None:
    answer = shop.client(shop.clerk).get(scan, {"code": EAN}, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<div id="found"')


def test_a_viewer_looks_and_moves_nothing(shop, scan) -> None:
    content = shop.client(shop.viewer).get(scan, {"code": EAN}).content.decode()
    assert shop.variants[0].sku in content
    assert shop.url("receive") not in content and "labels/?variant" not in content


def test_a_stranger_and_another_brands_code(shop, scan) -> None:
    theirs = VariantFactory(barcode="THEIRS-1")
    assert shop.client(a_stranger()).get(scan, {"code": EAN}).status_code == 404
    assert shop.client(a_stranger()).post(scan, upload(jpeg(drawn(EAN, "EAN-13")))).status_code == 404
    answer = shop.client(shop.clerk).get(scan, {"code": "THEIRS-1"}).content.decode()
    assert theirs.sku not in answer and "is not known" in answer


def test_a_photo_leads_to_the_variant_of_its_code(shop, scan) -> None:
    data = photo(drawn(EAN, "EAN-13", scale=6), degrees=12, size=(1600, 1200))
    answer = shop.client(shop.clerk).post(scan, upload(data))
    assert answer.status_code == 302 and answer["Location"] == f"{scan}?code={EAN}"


def test_of_several_codes_the_known_one_or_a_choice(shop, scan) -> None:
    def sheet(*texts: str) -> bytes:
        image = Image.new("L", (1200, 900), 255)
        for number, text in enumerate(texts):
            image.paste(drawn(text, "QR Code", scale=8), (100 + 600 * number, 300))
        return jpeg(image)

    client = shop.client(shop.clerk)
    assert client.post(scan, upload(sheet(EAN, "MAKER-77")))["Location"].endswith(EAN)
    several = client.post(scan, upload(sheet("MAKER-77", "A B&C")))
    assert several.status_code == 200
    assert "?code=MAKER-77" in several.content.decode() and "?code=A%20B%26C" in several.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (photos.jpeg((800, 600)), "No barcode was found"),
        (b"not a picture", "not a photo"),
        (b"", "empty"),
        (photos.jpeg((600, 400))[:400], "damaged"),
    ],
)
def test_photos_that_show_no_code(shop, scan, data, words) -> None:
    answer = shop.client(shop.clerk).post(scan, upload(data))
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_without_a_photo(shop, scan) -> None:
    assert "Choose a photo" in shop.client(shop.clerk).post(scan).content.decode()


def test_photos_are_limited(shop, scan, monkeypatch) -> None:
    monkeypatch.setattr("erp.labels.throttle.ScanThrottle.rate", "2/min", raising=False)
    client = shop.client(shop.clerk)
    statuses = [client.post(scan, upload(b"x")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert shop.client(shop.owner).post(scan, upload(b"x")).status_code == 200


def test_as_many_queries_for_many_places(shop, scan) -> None:
    shop.stock(1)
    client = shop.client(shop.clerk)
    one = queries_of(client, scan, {"code": EAN})
    shop.stock(2, location=shop.defect)
    assert queries_of(client, scan, {"code": EAN}) == one


def test_in_korean(shop, scan) -> None:
    client = shop.client(shop.clerk)
    client.cookies["django_language"] = "ko"
    assert "스캔" in client.get(scan, {"code": EAN}).content.decode()


def test_entries_have_the_camera(shop) -> None:
    content = shop.client(shop.clerk).get(shop.url("receive")).content.decode()
    assert "data-camera-open" in content and f'data-brand="{shop.brand.slug}"' in content
    assert 'data-read="/api/v1/scan/"' in content
