"""Sealing the days of the ledger, so that a rewritten database shows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.days import business_day, day_start
from catalog.models import Brand
from erp.inventory.models import DaySeal, Posting
from erp.inventory.sql.locks import lock_places
from erp.inventory.sql.seals import Digest, digests

# A posting says when it was recorded a moment before others can see it.
GRACE = timedelta(hours=1)
# Where the first seal begins: before all books.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
FORM = "jangbu-seal-1"


def seal_days(*, brand: Brand, now: datetime | None = None) -> list[DaySeal]:
    """Seals every business day that ended `GRACE` ago and is not sealed, each chained to the one before.

    Safe to repeat and for two at once. Postings wait only while those that are under way end.
    """
    now = now or timezone.now()
    with transaction.atomic():
        lock_places(brand.pk)
    with transaction.atomic():
        brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)  # another sealer waits here
        last = DaySeal.objects.of(brand).order_by("-ends_at", "-pk").first()
        seals = _unsealed(brand, last, now)
        found = digests(brand.pk, [(seal.starts_at, seal.ends_at) for seal in seals])
        previous = last.hash if last else ""
        for seal, digest in zip(seals, found, strict=True):
            seal.movements, seal.previous = digest.movements, previous
            seal.hash = previous = hash_of(seal, digest)
        return DaySeal.objects.bulk_create(seals, batch_size=500)


def hash_of(seal: DaySeal, digest: Digest) -> str:
    """The hash a seal must have: over its brand and day, its bounds, the seal before, and the rows of the day."""
    bounds = [moment.astimezone(UTC).isoformat() for moment in (seal.starts_at, seal.ends_at)]
    content = [FORM, seal.brand_id, seal.day.isoformat(), *bounds, seal.previous, digest.movements, digest.hash]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _unsealed(brand: Brand, last: DaySeal | None, now: datetime) -> list[DaySeal]:
    """The ended days after the last seal, without their hashes."""
    if last is None:
        first = Posting.objects.of(brand).order_by("pk").first()
        if first is None:
            return []
        day, start = business_day(brand, first.recorded_at), BEGINNING
    else:
        day, start = last.day + timedelta(days=1), last.ends_at
    seals: list[DaySeal] = []
    while (end := max(start, _end(brand, day))) + GRACE <= now:
        seals.append(DaySeal(brand=brand, day=day, starts_at=start, ends_at=end))
        day, start = day + timedelta(days=1), end
    return seals


def _end(brand: Brand, day: date) -> datetime:
    return day_start(brand, day + timedelta(days=1)).replace(microsecond=0)
