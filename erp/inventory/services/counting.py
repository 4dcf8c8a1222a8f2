"""Counts are compare-and-set: a counted number is posted only while the book says what the counter saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.inventory.models import Balance, Location, MovementKind, Posting
from erp.inventory.services.operations import adjustment
from erp.inventory.services.posting import Heading, post
from erp.inventory.sql.locks import create_balances
from erp.inventory.sql.postings import known_to


@dataclass(frozen=True, slots=True)
class Count:
    """`counted` pieces lie there; `seen` is what the book said when they were counted."""

    counted: int
    seen: int


@transaction.atomic
def count_stock(
    *, brand: Brand, location: Location, counts: Mapping[int, Count], **heading: Unpack[Heading]
) -> Posting | None:
    """Adjusts each variant to its count. None where every count agrees with the book: there is nothing to post.

    Raises DomainError `outdated_count`, naming each line whose balance moved since it was seen; nothing is posted then.
    Every refusal numbers its lines by their places among all `counts`, those that agree included.
    """
    known = known_to(brand.pk, counts).variants
    create_balances(sorted((pk, location.pk) for pk, variant in known.items() if location.pk not in variant.locations))
    # Of the balances only: a posting that holds the location waits for them, and we would wait for it.
    rows = Balance.objects.of(brand).filter(location=location, variant__in=known).order_by("pk")
    rows = rows.select_for_update(no_key=True, of=("self",))
    now = {balance.variant_id: balance.on_hand for balance in rows}
    repeated = Posting.objects.of(brand).filter(idempotency_key=heading["idempotency_key"]).exists()
    problems = [] if repeated else list(_outdated(counts, now))
    if problems:
        raise DomainError("outdated_count", _("Stock moved while you counted. Nothing was saved."), problems)
    lines = [
        adjustment(pk, count.counted - count.seen, location.pk, line)
        for line, (pk, count) in enumerate(counts.items(), start=1)
        if count.counted != count.seen
    ]
    return post(Posting(brand=brand, kind=MovementKind.ADJUSTMENT, **heading), lines) if lines else None


def _outdated(counts: Mapping[int, Count], now: Mapping[int, int]) -> Iterator[Problem]:
    for line, (pk, count) in enumerate(counts.items(), start=1):
        if pk not in now:
            message = _("There is no such variant. Check the SKU or scan the barcode again.")
            yield Problem("unknown_variant", message, "variant", line)
        elif now[pk] != count.seen:
            message = _("%(seen)s when you counted, %(now)s now. Count again.")
            yield Problem("outdated_count", message % {"seen": count.seen, "now": now[pk]}, "quantity", line)
