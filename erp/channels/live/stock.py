"""How many pieces a marketplace is told: our number, but never over one of theirs that we do not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from erp.channels.live.adapter import Adapter, Change
from erp.channels.live.trouble import Passing

ROUNDS = 4


@dataclass(slots=True)
class Told:
    """What the marketplace has now, by stock id; `held` are those whose raise waits for the next push."""

    quantities: dict[str, int] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


def tell_stock(adapter: Adapter, wanted: Mapping[str, int], known: Mapping[str, int | None]) -> Told:
    """Brings the marketplace to `wanted`, by compare-and-set against what it was told last.

    Where it has another number by then, it is read and decided anew: lower is always right. A raise over pieces that
    went there since is held back once: they may be sold in an order that is on its way to us, and would be sold twice.
    Raises Passing where its numbers keep changing.
    """
    told = Told()
    before = {key: known.get(key) for key in wanted}
    unread = [key for key, quantity in before.items() if quantity is None]
    for _round in range(ROUNDS):
        if unread:
            _look(adapter, wanted, unread, before, told)
        changes = [
            Change(key, number, wanted[key])
            for key, number in before.items()
            if number is not None and key not in told.quantities and number != wanted[key]
        ]
        if not changes or adapter.set_stock(changes):
            return _settled(wanted, told)
        unread = [change.stock_id for change in changes]
    raise Passing(_("Its stock at the marketplace keeps changing. It is tried again."))


def _look(
    adapter: Adapter, wanted: Mapping[str, int], unread: list[str], before: dict[str, int | None], told: Told
) -> None:
    """Reads their numbers; a place that does not hold something yet is opened with ours."""
    for key, theirs in adapter.read_stock(unread).items():
        last = before[key]
        if theirs is None:
            adapter.open_stock(key, wanted[key])
            told.quantities[key] = wanted[key]
        elif last is not None and theirs < last and wanted[key] > theirs:
            told.quantities[key] = theirs
            told.held.add(key)
        else:
            before[key] = theirs


def _settled(wanted: Mapping[str, int], told: Told) -> Told:
    for key, quantity in wanted.items():
        told.quantities.setdefault(key, quantity)
    return told
