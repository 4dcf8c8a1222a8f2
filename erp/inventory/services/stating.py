"""Making the book say what a table of stock says, at any number of places in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.inventory.models import Balance, Location, MovementKind, Posting
from erp.inventory.services.counting import Count
from erp.inventory.services.lines import Line
from erp.inventory.services.operations import adjustment
from erp.inventory.services.posting import Heading, post
from erp.inventory.sql.locks import Spot, create_balances, lock_openings
from erp.inventory.sql.postings import known_to


@transaction.atomic
def state_stock(*, brand: Brand, stated: Mapping[Spot, Count], **heading: Unpack[Heading]) -> list[Posting]:
    """Posts opening stock for variants that never lay anywhere of ours, and counted adjustments for the others.

    Each spot is compared and set like a line of a count: DomainError `outdated_count` names those whose balance moved
    since it was seen, and nothing is posted then. Refusals number the lines by their places in `stated`. All spots are
    locked before the first is written, in the order that every posting keeps.
    """
    known = known_to(brand.pk, {variant for variant, _location in stated}).variants
    first = {pk for pk, variant in known.items() if not variant.locations}
    if first:
        lock_openings(brand.pk)
    spots = [spot for spot in stated if spot[0] in known]
    create_balances(sorted(spot for spot in spots if spot[1] not in known[spot[0]].locations))
    places = {location for _variant, location in spots}
    rows = Balance.objects.of(brand).filter(variant__in=known, location__in=places).order_by("pk")
    rows = rows.select_for_update(no_key=True, of=("self",))  # see `count_stock`
    now = {(row.variant_id, row.location_id): row.on_hand for row in rows}
    problems = [
        _outdated(line, count.seen, now.get(spot, 0))
        for line, (spot, count) in enumerate(stated.items(), start=1)
        if now.get(spot, 0) != count.seen
    ]
    if problems:
        raise DomainError("outdated_count", _("Stock moved since it was looked at. Nothing was saved."), problems)
    kinds: dict[MovementKind, list[Line]] = {MovementKind.OPENING: [], MovementKind.ADJUSTMENT: []}
    for line, ((variant, location), count) in enumerate(stated.items(), start=1):
        if count.counted == count.seen:
            continue
        if variant in first:
            opening = Location.Kind.OPENING.value
            kinds[MovementKind.OPENING].append(Line(variant, count.counted, opening, location, line))
        else:
            kinds[MovementKind.ADJUSTMENT].append(adjustment(variant, count.counted - count.seen, location, line))
    key = heading["idempotency_key"]
    return [
        post(Posting(brand=brand, kind=kind, **(heading | {"idempotency_key": f"{key}:{kind}"})), lines)
        for kind, lines in kinds.items()
        if lines
    ]


def _outdated(line: int, seen: int, now: int) -> Problem:
    message = _("%(seen)s when it was looked at, %(now)s now. Look again.")
    return Problem("outdated_count", message % {"seen": seen, "now": now}, "quantity", line)
