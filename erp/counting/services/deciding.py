"""What the reviewer decides about lines: the difference stands, count again, or what nobody counted is not there."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from erp.core.models import User
from erp.counting.models import CountEntry, CountLine, StockCount
from erp.counting.querysets import CountLineQuerySet
from erp.counting.services.entries import write_for
from erp.counting.services.starting import State, lock_count, reopen_count

Lines = Collection[int]


@transaction.atomic
def carry_lines(*, count: StockCount, lines: Lines | None = None, carry: bool = True) -> int:
    """Lets the differences of these lines (None: of all) stand on top of what moved since they were counted.

    With `carry` false they wait for a decision again. Answers how many lines it was said of.
    """
    lock_count(count, State.REVIEWING)
    return _lines(count, lines).counted().update(carry=carry)


@transaction.atomic
def recount_lines(*, count: StockCount, actor: User, lines: Lines) -> StockCount:
    """These lines, by their pks, have not been counted yet, and the count is open again."""
    locked = lock_count(count, State.REVIEWING)
    write_for(locked, actor, CountEntry.Kind.CLEAR, _locked(_lines(locked, lines).counted()))
    return reopen_count(count=locked)


@transaction.atomic
def zero_uncounted(*, count: StockCount, actor: User) -> int:
    """Whatever nobody counted is not there: a typed 0 of the reviewer. Answers for how many lines."""
    locked = lock_count(count, State.REVIEWING)
    lines = _locked(_lines(locked, None).uncounted())
    write_for(locked, actor, CountEntry.Kind.SET, lines)
    return len(lines)


def _lines(count: StockCount, pks: Lines | None) -> CountLineQuerySet:
    rows = CountLine.objects.filter(count=count)
    return rows if pks is None else rows.filter(pk__in=pks)


def _locked(lines: CountLineQuerySet) -> list[CountLine]:
    return list(lines.order_by("pk").select_for_update(no_key=True))
