"""Proving the seals: that each day still holds what was sealed, and that each seal follows from the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from catalog.models import Brand
from erp.inventory.models import DaySeal
from erp.inventory.services.seals import BEGINNING, hash_of
from erp.inventory.sql.seals import digests


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """`check` is `seal` (the day's rows, or the seal, are not what was sealed; the counts are of movements), or `chain`
    (a seal that does not follow from the one before, or leaves a gap to it).
    """

    check: str
    brand: Brand
    day: date
    sealed: int | None = None
    found: int | None = None


def broken_seals(brand: Brand | None = None) -> Iterator[BrokenSeal]:
    """Every seal that does not hold, in one brand or in all of them."""
    for one in [brand] if brand else Brand.objects.order_by("pk"):
        yield from _of(one)


def _of(brand: Brand) -> Iterator[BrokenSeal]:
    seals = list(DaySeal.objects.of(brand).order_by("ends_at", "pk"))
    previous, end = "", BEGINNING
    for seal, digest in zip(seals, digests(brand.pk, [(seal.starts_at, seal.ends_at) for seal in seals]), strict=True):
        if seal.previous != previous or seal.starts_at != end:
            yield BrokenSeal("chain", brand, seal.day)
        if seal.hash != hash_of(seal, digest):
            yield BrokenSeal("seal", brand, seal.day, seal.movements, digest.movements)
        previous, end = seal.hash, seal.ends_at


def receipt_of(seal: DaySeal) -> str:
    """One line that an owner keeps somewhere else: with it even a wholly rewritten database shows."""
    return f"{seal.brand.slug} {seal.day.isoformat()} {seal.movements} {seal.hash}"
