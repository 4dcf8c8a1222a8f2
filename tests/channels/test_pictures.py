"""Pictures for marketplaces: packed to their rules, fetched without a log-in, and never more than is offered."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from catalog.models import ProductImage
from catalog.services import add_image
from catalog.services.images import attach_cutout
from erp.channels.formats.pictures import PictureRule, packed
from erp.channels.models import Channel, ChannelListing
from erp.channels.services import pictures
from erp.channels.services.pictures import is_public, picture_urls, public_picture
from tests.channels.test_exports import sent


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photo(shop, size=(400, 600), colour=(30, 40, 90)) -> ProductImage:
    image, out = Image.new("RGB", size, colour), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    image.save(out, "JPEG", exif=exif)
    return add_image(product=shop.product, data=out.getvalue(), filename="a.jpg", actor=shop.owner)


def cut_out(image: ProductImage) -> ProductImage:
    garment = Image.new("RGBA", (400, 600), (0, 0, 0, 0))
    garment.paste((200, 0, 0, 255), (100, 100, 300, 500))
    png, jpeg = io.BytesIO(), io.BytesIO()
    garment.save(png, "PNG")
    Image.new("RGB", (400, 400), "white").save(jpeg, "JPEG")
    return attach_cutout(image=image, cutout_png=png.getvalue(), listing_jpeg=jpeg.getvalue())


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("size", "rule", "made"),
    [
        ((400, 600), PictureRule(size=(1000, 1000), square=True), (600, 600)),
        ((4000, 3000), PictureRule(size=(1000, 1000), square=True), (1000, 1000)),
        ((4000, 3000), PictureRule(size=(1000, 1000)), (1000, 750)),
        ((100, 200), PictureRule(size=(1000, 1000), smallest=500), (500, 1000)),
        ((100, 200), PictureRule(size=(1000, 1000)), (100, 200)),
    ],
)
def test_a_picture_is_as_large_as_the_rule_needs(size, rule, made):
    assert opened(packed(Image.new("RGB", size, "navy"), rule)).size == made


def test_the_garment_stands_on_white():
    garment = Image.new("RGBA", (400, 600), (0, 0, 0, 0))
    garment.paste((200, 0, 0, 255), (100, 100, 300, 500))
    made = opened(packed(garment, PictureRule(size=(1000, 1000), square=True, smallest=300)))
    assert made.width == made.height and made.getpixel((2, 2)) == (255, 255, 255)
    red = made.getpixel((made.width // 2, made.height // 2))
    assert red[0] > 180 and red[1] < 40
    empty = opened(packed(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), PictureRule(square=True)))
    assert empty.getpixel((10, 10)) == (255, 255, 255)


def test_bytes_are_kept_within_the_limit():
    noise = Image.effect_noise((600, 600), 90).convert("RGB")
    assert len(packed(noise, PictureRule(max_bytes=40_000))) <= 40_000


def test_a_zip_with_the_names_of_the_table(shop):
    channel = Channel.objects.create(brand=shop.brand, kind="cafe24", name="Cafe24")
    ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")
    cut_out(photo(shop))
    photo(shop, size=(300, 300), colour=(1, 2, 3))
    export = sent(channel, shop.owner, what="pictures")
    style = shop.product.style_number
    with export.file.open("rb") as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        assert archive.namelist() == [f"{style}-1.jpg", f"{style}-2.jpg"]
        pictures = [opened(archive.read(name)) for name in archive.namelist()]
    assert [picture.size for picture in pictures] == [(500, 500), (500, 500)]
    assert not any(picture.getexif() for picture in pictures)
    assert pictures[0].getpixel((1, 1)) == (255, 255, 255)
    assert export.findings.get().code == "picture_small"
    assert export.file_name.endswith(".zip") and export.lines_count == 2
    again = sent(channel, shop.owner, what="pictures")
    assert (again.lines_count, again.unchanged) == (0, 1)


def test_too_few_pictures_are_named(shop, channel, listing):
    export = sent(channel, shop.owner, what="pictures")
    assert (export.left_out, export.findings.get().code) == (1, "pictures_missing")
    listing.refresh_from_db()
    assert listing.status == "ready"


def test_marketplaces_fetch_pictures_of_what_is_offered(shop, channel, listing, django_assert_max_num_queries):
    image = photo(shop)
    address = picture_urls("")(image)
    stranger = Client()
    with django_assert_max_num_queries(3):
        answer = stranger.get(address)
    data = b"".join(answer.streaming_content)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff" and "immutable" in answer["Cache-Control"]
    assert opened(data).size == (400, 600) and not opened(data).getexif() and b"Secret" not in data
    assert stranger.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert "immutable" not in stranger.get(f"/p/{image.public_id}/old.jpg")["Cache-Control"]
    newer = picture_urls("")(cut_out(image))
    assert newer != address
    listing.status = "draft"
    listing.save()
    assert stranger.get(newer).status_code == 404
    listing.status = "ready"
    listing.save()
    Channel.objects.update(is_active=False)
    assert stranger.get(newer).status_code == 404
    assert stranger.get("/p/00000000-0000-4000-8000-000000000000/x.jpg").status_code == 404


@pytest.mark.parametrize(
    ("origin", "reached"),
    [("https://a.example", True), ("http://127.0.0.1:8000", False), ("http://localhost", False)],
)
def test_an_address_of_this_machine_is_told_from_one_of_the_internet(origin, reached):
    assert is_public(origin) is reached


def test_a_picture_that_two_fetch_at_once_is_kept_once(shop, monkeypatch):
    image = photo(shop)
    storage, name = public_picture(image)
    storage.delete(name)
    made = pictures.packed_picture

    def beside_another(photo, rule):
        storage.save(name, ContentFile(b"made by another request"))
        return made(photo, rule)

    monkeypatch.setattr(pictures, "packed_picture", beside_another)
    assert public_picture(image)[1] == name
    folder = name.rpartition("/")[0]
    assert [file for file in storage.listdir(folder)[1] if file.startswith("public-")] == [name.rpartition("/")[2]]
