"""Several photos sent at once: each is taken or refused by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from catalog.models import Brand, Product, ProductImage
from catalog.photos import clean_name, photo_message
from catalog.services import create_product, prepare_photo, save_image
from erp.core.errors import DomainError
from erp.core.models import User
from erp.core.photos import PhotoError, PhotoLimits


@dataclass(frozen=True, slots=True)
class RefusedFile:
    name: str
    code: str
    message: str


@dataclass(slots=True)
class Uploaded:
    """What became of the files. `product` is None only when every one of them was refused."""

    product: Product | None
    images: list[ProductImage] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)


def create_product_from(*, brand: Brand, files: Iterable[UploadedFile], actor: User) -> Uploaded:
    """A draft with the first usable photo, then the others; the first is analysed while the others are still taken in.

    Nothing is saved when no file is usable.
    """
    return _take(Uploaded(None), brand, files, actor)


def add_photos(*, product: Product, files: Iterable[UploadedFile], actor: User) -> Uploaded:
    return _take(Uploaded(product), product.brand, files, actor)


def _take(uploaded: Uploaded, brand: Brand, files: Iterable[UploadedFile], actor: User) -> Uploaded:
    for file in files:
        name = file.name or ""
        try:
            photo = prepare_photo(_read(file))
            with transaction.atomic():
                product = uploaded.product or create_product(brand=brand, actor=actor)
                image = save_image(product=product, photo=photo, filename=name, actor=actor)
        except DomainError as error:
            uploaded.refused.append(RefusedFile(clean_name(name), error.code, str(error.message)))
        except PhotoError as error:
            uploaded.refused.append(RefusedFile(clean_name(name), f"photo_{error.code}", photo_message(error)))
        else:
            uploaded.product = product
            uploaded.images.append(image)
    return uploaded


def _read(file: UploadedFile) -> bytes:
    """The file's bytes; one that is too large is refused before it fills the memory."""
    limit = PhotoLimits().max_bytes
    if (file.size or 0) > limit:
        raise PhotoError("file_too_large", "too large", {"bytes": file.size, "limit": limit})
    return file.read()
