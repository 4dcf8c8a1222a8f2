"""Photos of products: taken in whole or not at all, originals kept byte for byte."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from catalog.audit import record_changed, remember
from catalog.models import Product, ProductImage
from catalog.photos import CONTENT_TYPES, THUMBNAIL_SIDE, TILE_SIDE, clean_name, photo_message, smaller_jpeg
from catalog.services.saving import assign, refuse, save_clean
from catalog.signals import image_added
from erp.core.audit import by_actor
from erp.core.errors import DomainError
from erp.core.models import User, touch
from erp.core.photos import DecodedPhoto, PhotoError, decode_photo

MOST_PHOTOS = 50
# Enough for a sharp thumbnail; large JPEGs decode several times faster at a fraction of their size.
DECODED_SIDE = 1280
DERIVED = ("thumbnail", "tile", "cutout", "listing")


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A usable photo with the smaller pictures of it, ready to be saved; `size` is (width, height)."""

    original: bytes
    sha256: str
    content_type: str
    size: tuple[int, int]
    thumbnail: bytes
    tile: bytes


def prepare_photo(data: bytes) -> PreparedPhoto:
    """Decodes an uploaded photo. Takes seconds for a large one: outside of a transaction, or every sale waits for it.

    Raises DomainError `photo_<code>` for a file that is no usable photo.
    """
    photo = _decode(data)
    return PreparedPhoto(
        original=data,
        sha256=hashlib.sha256(data).hexdigest(),
        content_type=CONTENT_TYPES[photo.format],
        size=photo.size,
        thumbnail=smaller_jpeg(photo.image, THUMBNAIL_SIDE),
        tile=smaller_jpeg(photo.image, TILE_SIDE),
    )


def add_image(*, product: Product, data: bytes, filename: str, actor: User) -> ProductImage:
    """Takes in an uploaded photo. Whatever is refused leaves no row and no file.

    Raises DomainError as `prepare_photo` and `save_image`.
    """
    return save_image(product=product, photo=prepare_photo(data), filename=filename, actor=actor)


@by_actor
@transaction.atomic
def save_image(*, product: Product, photo: PreparedPhoto, filename: str, actor: User) -> ProductImage:
    """Saves a prepared photo. Raises DomainError: `duplicate_photo`, `too_many_photos`."""
    image = ProductImage(
        product=product,
        original_name=clean_name(filename),
        content_type=photo.content_type,
        sha256=photo.sha256,
        width=photo.size[0],
        height=photo.size[1],
        position=_next_position(product),
        created_by=actor,
    )
    if product.images.filter(sha256=image.sha256).exists():
        raise _duplicate()
    _touch_product(product.pk)
    with _files_undone_on_error() as written:
        for kind in ("original", "thumbnail", "tile"):
            written.append(_write(image, kind, getattr(photo, kind)))
        try:
            with transaction.atomic():
                image.save()
        except IntegrityError as error:
            raise _duplicate() from error
    # `robust`: the photo is saved; that nobody could be told is logged and must not look like a failed upload.
    transaction.on_commit(lambda: image_added.send(sender=ProductImage, image=image), robust=True)
    return image


def attach_cutout(*, image: ProductImage, cutout_png: bytes, listing_jpeg: bytes) -> ProductImage:
    """Stores the garment cut out (PNG with alpha) and on white (JPEG, also as a tile), in place of earlier ones."""
    with Image.open(io.BytesIO(listing_jpeg)) as listing:
        tile = smaller_jpeg(listing, TILE_SIDE)
    with transaction.atomic():
        _touch_product(image.product_id)
        current = _locked(image)
        with _files_undone_on_error() as written:
            for kind, data in (("cutout", cutout_png), ("listing", listing_jpeg), ("tile", tile)):
                _delete_on_commit(getattr(current, kind))
                written.append(_write(current, kind, data))
            current.save(update_fields=["cutout", "listing", "tile", "updated_at"])
    return current


@by_actor
@transaction.atomic
def describe_image(*, image: ProductImage, actor: User, **texts: str) -> ProductImage:
    """Sets `alt_ko` and `alt_en`, what is read to people who cannot see the photo."""
    _touch_product(image.product_id)
    assign(image, frozenset({"alt_ko", "alt_en"}), texts)
    save_clean(image, texts)
    return image


@by_actor
@transaction.atomic
def remove_image(*, image: ProductImage, actor: User) -> None:
    """Deletes a photo and, once that is committed, its files. One that is gone already is no error."""
    _touch_product(image.product_id)
    current = ProductImage.objects.select_for_update().filter(pk=image.pk).first()
    if current:
        for kind in ("original", *DERIVED):
            _delete_on_commit(getattr(current, kind))
        current.delete()


@by_actor
@transaction.atomic
def order_images(*, product: Product, order: Sequence[UUID], actor: User) -> None:
    """Puts the photos in the order of their public ids; the first is the product's picture."""
    _touch_product(product.pk)
    images = {image.public_id: image for image in product.images.select_for_update().order_by("pk")}
    if len(order) != len(images) or set(order) != set(images):
        raise refuse("order_outdated", _("The photos changed meanwhile. Load the page again."), "order", status=409)
    before = remember(images.values())
    for position, public_id in enumerate(order):
        images[public_id].position = position
    now = timezone.now()
    for image in images.values():
        image.updated_at = now
    ProductImage.objects.bulk_update(images.values(), ["position", "updated_at"])
    record_changed(images.values(), before)


def _touch_product(pk: int) -> None:
    """A product is shown with its photos. Its row comes before theirs in every transaction that changes both."""
    touch(Product.objects.filter(pk=pk))


def _decode(data: bytes) -> DecodedPhoto:
    try:
        return decode_photo(data, max_side=DECODED_SIDE)
    except PhotoError as error:
        raise refuse(f"photo_{error.code}", photo_message(error), "image") from error


def _next_position(product: Product) -> int:
    there = ProductImage.objects.filter(product=product).aggregate(count=Count("pk"), last=Max("position"))
    if there["count"] >= MOST_PHOTOS:
        message = _("A product has at most %(count)s photos. Remove one first.") % {"count": MOST_PHOTOS}
        raise refuse("too_many_photos", message, "image")
    return 0 if there["last"] is None else there["last"] + 1


def _duplicate() -> DomainError:
    return refuse("duplicate_photo", _("This photo is already here."), "image", status=409)


def _locked(image: ProductImage) -> ProductImage:
    current = ProductImage.objects.select_for_update(of=("self",)).select_related("product").filter(pk=image.pk).first()
    if current is None:
        raise DomainError("photo_removed", _("This photo was removed meanwhile."), status=409)
    return current


def _write(image: ProductImage, kind: str, data: bytes) -> FieldFile:
    """Writes one file under a name of our own; a new name each time, so that nobody is served half of an old one."""
    file: FieldFile = getattr(image, kind)
    ending = {"original": "original", "cutout": "cutout-{}.png"}.get(kind, f"{kind}-{{}}.jpg")
    name = ending.format(secrets.token_hex(4))
    if kind != "original":
        name = f"brands/{image.product.brand_id}/{image.public_id}/{name}"
    file.save(name, ContentFile(data), save=False)
    return file


def _delete_on_commit(file: FieldFile) -> None:
    if file:
        storage, name = file.storage, str(file.name)
        transaction.on_commit(lambda: storage.delete(name), robust=True)


@contextmanager
def _files_undone_on_error() -> Iterator[list[FieldFile]]:
    """Files that were written are deleted again when the block fails; a database rolls back, a storage does not."""
    written: list[FieldFile] = []
    try:
        yield written
    except BaseException:
        for file in written:
            file.storage.delete(str(file.name))
        raise
