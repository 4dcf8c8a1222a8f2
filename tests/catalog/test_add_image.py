"""Photos as people and attackers send them: each is taken in whole, or refused with a reason and without a trace."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import translation
from PIL import Image

from catalog.models import Product, ProductImage
from catalog.services import add_image, images
from catalog.signals import image_added
from erp.core.errors import DomainError
from tests import photos
from tests.factories import ProductFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return ProductFactory()


def add(product: Product, data: bytes, filename: str = "photo.jpg") -> ProductImage:
    return add_image(product=product, data=data, filename=filename, actor=product.created_by or UserFactory())


def files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


REFUSED = {
    "zero bytes": (b"", "photo_empty"),
    "text": (b"just some words, no picture at all", "photo_not_an_image"),
    "html": (photos.HTML, "photo_not_an_image"),
    "svg": (photos.SVG, "photo_not_an_image"),
    "svg after blanks": (b"\xef\xbb\xbf\n  " + photos.SVG, "photo_not_an_image"),
    "pdf": (b"%PDF-1.7\n" + bytes(200), "photo_unsupported_format"),
    "truncated jpeg": (photos.jpeg((400, 300))[:1500], "photo_truncated"),
    "truncated png": (photos.png()[:120], "photo_truncated"),
    "jpeg start only": (b"\xff\xd8\xff\xe0" + bytes(40), "photo_truncated"),
    "bomb": (photos.bomb_png(), "photo_too_many_pixels"),
    "100 megapixels": (photos.bomb_png(10_000, 10_000), "photo_too_many_pixels"),
    "animated gif": (photos.animation("GIF"), "photo_animated"),
    "animated webp": (photos.animation("WEBP"), "photo_animated"),
    "tiny": (photos.jpeg((20, 20)), "photo_too_small"),
    "30 MB": (photos.jpeg() + bytes(30 * 1024 * 1024), "photo_file_too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_usable_photo_is_refused_and_leaves_nothing(name, product, settings) -> None:
    data, code = REFUSED[name]
    with pytest.raises(DomainError) as refusal:
        add(product, data)
    assert refusal.value.code == code
    assert [(p.field, p.code) for p in refusal.value.problems] == [("image", code)]
    assert str(refusal.value.message)
    assert "%(" not in str(refusal.value.message)
    assert not ProductImage.objects.exists()
    assert files(settings) == []


TAKEN = {
    "jpeg": (photos.jpeg(), "image/jpeg", (96, 72)),
    "png posing as jpeg": (photos.png(), "image/png", (96, 72)),
    "cmyk": (photos.encode(photos.picture(mode="CMYK"), "JPEG"), "image/jpeg", (96, 72)),
    "grey": (photos.encode(photos.picture(mode="L"), "JPEG"), "image/jpeg", (96, 72)),
    "16 bit": (photos.deep_png(), "image/png", (96, 72)),
    "palette": (photos.png("P"), "image/png", (96, 72)),
    "alpha": (photos.transparent_png(), "image/png", (96, 72)),
    "webp": (photos.encode(photos.picture(), "WEBP"), "image/webp", (96, 72)),
    "still gif": (photos.encode(photos.picture(), "GIF"), "image/gif", (96, 72)),
    "rotated": (photos.rotated_jpeg(6), "image/jpeg", (72, 96)),
    "heic": (photos.heic(), "image/heic", (128, 96)),
}


@pytest.mark.parametrize("name", TAKEN)
def test_every_kind_a_phone_or_studio_sends_is_taken_and_kept_byte_for_byte(name, product) -> None:
    data, content_type, size = TAKEN[name]
    image = add(product, data)
    image.refresh_from_db()
    assert image.content_type == content_type
    assert (image.width, image.height) == size
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    assert image.original.read() == data
    with Image.open(image.thumbnail) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert thumbnail.mode == "RGB"
        assert (thumbnail.width > thumbnail.height) == (size[0] > size[1])
        assert not thumbnail.getexif()


def test_a_large_photo_gets_a_small_thumbnail(product) -> None:
    image = add(product, photos.jpeg((3000, 4000)))
    assert (image.width, image.height) == (3000, 4000)
    with Image.open(image.thumbnail) as thumbnail:
        assert thumbnail.size == (480, 640)
    with Image.open(image.tile) as tile:
        assert tile.size == (240, 320)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(40, 60000), (60000, 40)])
def test_a_strip_gets_pictures_with_no_side_of_zero(size, kind, product) -> None:
    image = add(product, photos.encode(photos.picture(size), kind))
    assert (image.width, image.height) == size
    for file, longest in ((image.thumbnail, 640), (image.tile, 320)):
        with Image.open(file) as picture:
            assert sorted(picture.size) == [1, longest]


NAMES = {
    "../../../etc/passwd": "passwd",
    "C:\\Users\\kim\\사진.JPG": "사진.JPG",
    "여름 신상 (1).jpg": "여름 신상 (1).jpg",
    "\u1109\u1161\u110c\u1175\u11ab.jpg": "사진.jpg",
    "👗✨.png": "👗✨.png",
    "a\x00b\r\nSet-Cookie: x.jpg": "abSet-Cookie: x.jpg",
    "\u202egpj.exe": "gpj.exe",
    "": "",
    "x" * 300 + ".jpeg": "x" * 195 + ".jpeg",
}


@pytest.mark.parametrize("filename", NAMES)
def test_names_of_files_are_only_ever_shown(filename, product, settings) -> None:
    image = add(product, photos.jpeg(), filename)
    image.refresh_from_db()
    assert image.original_name == NAMES[filename]
    folder = Path(settings.MEDIA_ROOT) / "brands" / str(product.brand_id) / str(image.public_id)
    assert {path.parent for path in files(settings)} == {folder}
    assert image.original.name == f"brands/{product.brand_id}/{image.public_id}/original"


def test_the_same_photo_twice_is_refused_in_one_product_only(product, settings) -> None:
    add(product, photos.jpeg())
    before = files(settings)
    with pytest.raises(DomainError) as refusal:
        add(product, photos.jpeg(), "another name.jpg")
    assert (refusal.value.code, refusal.value.status) == ("duplicate_photo", 409)
    assert files(settings) == before
    add(ProductFactory(brand=product.brand), photos.jpeg())
    assert ProductImage.objects.count() == 2


def test_a_duplicate_that_slips_in_between_is_refused_by_the_database_and_its_files_go(
    product, settings, monkeypatch
) -> None:
    data = photos.jpeg()
    write = images._write

    def while_another_request_adds_it(image: ProductImage, kind: str, content: bytes) -> object:
        ProductImage.objects.get_or_create(
            product=product,
            sha256=hashlib.sha256(data).hexdigest(),
            defaults={"content_type": "image/jpeg", "width": 1, "height": 1, "original": "theirs"},
        )
        return write(image, kind, content)

    monkeypatch.setattr(images, "_write", while_another_request_adds_it)
    with pytest.raises(DomainError) as refusal:
        add(product, data)
    assert refusal.value.code == "duplicate_photo"
    assert files(settings) == []


def test_nothing_is_left_when_storing_fails_half_way(product, settings, monkeypatch) -> None:
    real = FileSystemStorage.save
    calls = []

    def full_disk(storage: FileSystemStorage, name: str, *args: object, **kwargs: object) -> str:
        calls.append(name)
        if len(calls) == 2:
            raise OSError("No space left on device")
        return real(storage, name, *args, **kwargs)

    monkeypatch.setattr(FileSystemStorage, "save", full_disk)
    with pytest.raises(OSError, match="No space"):
        add(product, photos.jpeg())
    assert len(calls) == 2
    assert not ProductImage.objects.exists()
    assert files(settings) == []


def test_the_signal_is_sent_after_the_commit_and_not_for_refused_photos(
    product, django_capture_on_commit_callbacks
) -> None:
    heard = []

    def listen(sender: object, image: ProductImage, **kwargs: object) -> None:
        heard.append(image)

    image_added.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            image = add(product, photos.jpeg())
            assert heard == []
        assert heard == [image]
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(DomainError):
            add(product, b"")
        assert heard == [image]
    finally:
        image_added.disconnect(listen)


def test_a_product_holds_a_bounded_number_of_photos(product, monkeypatch) -> None:
    monkeypatch.setattr(images, "MOST_PHOTOS", 2)
    add(product, photos.jpeg(seed=1))
    add(product, photos.jpeg(seed=2))
    with pytest.raises(DomainError) as refusal:
        add(product, photos.jpeg(seed=3))
    assert refusal.value.code == "too_many_photos"


def test_messages_name_the_numbers_that_matter(product) -> None:
    with translation.override("en"):
        with pytest.raises(DomainError, match=r"30 MB; at most 20 MB"):
            add(product, bytes(30 * 1024 * 1024))
        with pytest.raises(DomainError, match="at most 50 megapixels"):
            add(product, photos.bomb_png())
        with pytest.raises(DomainError, match=r"20 × 20 pixels; each side needs 32"):
            add(product, photos.jpeg((20, 20)))
        with pytest.raises(DomainError, match="PDF files do not work"):
            add(product, b"%PDF-1.7")


def test_adding_costs_a_fixed_number_of_queries(product, django_assert_num_queries) -> None:
    actor = UserFactory()
    for seed in range(5):
        add_image(product=product, data=photos.jpeg(seed=seed), filename="a.jpg", actor=actor)
    # Two savepoints (begin and release), the place, the look for a duplicate, the product, the row, the record of it.
    with django_assert_num_queries(9):
        add_image(product=product, data=photos.jpeg(seed=50), filename="a.jpg", actor=actor)
