"""Taking pieces out of reservations as they leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from erp.core.errors import Problem
from erp.inventory.models import Posting
from erp.inventory.services.lines import is_id
from erp.inventory.services.walk import Numbered, Places
from erp.inventory.sql.reservations import Open, take_held


def take_reserved(posting: Posting, lines: Sequence[Numbered], places: Places) -> tuple[list[Numbered], list[Problem]]:
    """Marks what the lines take out of their reservations as shipped, under lock.

    Answers the lines that may go on to the balances, and what is wrong with the others.
    """
    wanted: defaultdict[int, int] = defaultdict(int)
    for _number, line in lines:
        if is_id(line.reservation_id):
            wanted[line.reservation_id] += line.quantity
    if not any(line.reservation_id is not None for _number, line in lines):
        return list(lines), []
    found = take_held(posting.brand_id, wanted, posting.recorded_at)
    good, problems = [], []
    for number, line in lines:
        held = found.get(line.reservation_id or 0)
        spot = (line.variant_id, places[line.source_id].pk)
        if line.reservation_id is None or _fits(held, posting.brand_id, spot):
            good.append((number, line))
        else:
            problems.append(not_held(number, wanted.get(line.reservation_id, line.quantity), held))
    return good, problems


def _fits(held: Open | None, brand_id: int, spot: tuple[int, int]) -> bool:
    return (
        held is not None
        and held.brand_id == brand_id
        and (held.variant_id, held.location_id) == spot
        and held.taken <= held.open
    )


def not_held(number: int | None, wanted: int, held: Open | None) -> Problem:
    """What a person reads when a reservation does not hold so much."""
    if held is None or held.taken <= held.open:
        message = _("These pieces are not held here. Load the order again.")
    else:
        message = _("%(wanted)s asked, but %(held)s are still held. They were released or shipped meanwhile.")
        message %= {"wanted": wanted, "held": held.open}
    return Problem("not_held", message, "reservation", number)
