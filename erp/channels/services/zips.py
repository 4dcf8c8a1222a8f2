"""The pictures of listings, packed to a marketplace's rules and named as its table names them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from django.utils.translation import gettext as _

from catalog.models import ProductImage
from erp.channels.facts import ListingFacts
from erp.channels.formats.findings import ERROR, WARNING, Finding
from erp.channels.formats.pictures import PictureRule
from erp.channels.formats.values import Cell
from erp.channels.services.pictures import packed_picture, version_of
from erp.core.errors import DomainError, Problem
from erp.core.photos import PhotoError


def check_pictures(facts: ListingFacts, images: Sequence[ProductImage], rule: PictureRule) -> Iterator[Finding]:
    """Too few pictures leave the listing out; what is beyond the most is left out of the zip, and said."""
    least, count = max(rule.least, 1), len(images)
    if count < least:
        yield _finding("pictures_missing", facts, ERROR, least=least, count=count)
    elif count > rule.most:
        yield _finding("pictures_beyond", facts, WARNING, most=rule.most)
    small = sum(1 for image in images if min(image.width, image.height) < rule.smallest)
    if small:
        yield _finding("picture_small", facts, WARNING, count=small, side=rule.smallest)


def _finding(code: str, facts: ListingFacts, level: str, **params: int) -> Finding:
    return Finding(code, "pictures", facts.handle, level=level, params=params)


def picture_cells(facts: ListingFacts, images: Sequence[ProductImage]) -> list[list[Cell]]:
    """What tells one packing from another: names, and which photo is behind each."""
    return [[picture.name, version_of(image)] for picture, image in zip(facts.pictures, images, strict=False)]


def write_pictures(
    listings: Iterable[tuple[ListingFacts, Sequence[ProductImage]]],
    file: IO[bytes],
    rule: PictureRule,
    alive: Callable[[], None],
) -> int:
    """Writes the zip, one picture in memory at a time, and gives how many. JPEGs do not get smaller in a zip."""
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for facts, images in listings:
            for picture, image in zip(facts.pictures, images, strict=False):
                archive.writestr(picture.name, _packed(image, rule))
                count += 1
                alive()
    return count


def _packed(image: ProductImage, rule: PictureRule) -> bytes:
    try:
        return packed_picture(image, rule)
    except (PhotoError, FileNotFoundError) as error:
        message = _("A photo of %(product)s cannot be read any more. Remove it from the product and add it again.")
        words = message % {"product": image.product}
        raise DomainError("photo_lost", words, [Problem("photo_lost", words, "pictures")]) from error
