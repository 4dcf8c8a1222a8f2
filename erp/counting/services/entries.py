"""Numbers come in: scanned one by one or typed into a grid, from several people at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Product, Variant
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.counting.models import CountEntry, CountLine, StockCount
from erp.counting.services.starting import wrong_state
from erp.counting.sql import ADD, CLEAR, SET, Change, add_lines, change_lines, hold_count
from erp.inventory.services import MAX_QUANTITY
from erp.inventory.services.lines import is_id

Kind = CountEntry.Kind
MAX_ENTRIES = 5_000
GIVEN = (Kind.ADD, Kind.SET, Kind.CLEAR)
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody gave for a variant: so many more (ADD), so many in all (SET), or that it is to be counted (CLEAR).

    `public_id` is made where it was given, and counts once. With `was`, a SET or CLEAR holds only while the line says
    that number (None: not counted yet); without, whatever it says.
    """

    variant_id: int
    quantity: int
    kind: str = Kind.ADD
    public_id: uuid.UUID = field(default_factory=uuid.uuid4)
    was: int | None | EllipsisType = ...


@dataclass(frozen=True, slots=True)
class Added:
    """What became of entries: the numbers of the lines they were for, by variant, and which came a second time."""

    counted: dict[int, int | None]
    repeated: frozenset[uuid.UUID]


@transaction.atomic
def add_entries(*, count: StockCount, actor: User, entries: Sequence[Entry], device: str = "") -> Added:
    """Adds all entries, in their order, or none; each one that was added before is passed over.

    Two phones that scan the same variant both count. Refusals name every entry by its place among `entries`.
    """
    _hold_open(count)
    if len(entries) > MAX_ENTRIES:
        message = _("At most %(most)s entries at once. Send them in parts.") % {"most": f"{MAX_ENTRIES:,}"}
        raise DomainError("too_many_entries", message, [Problem("too_many_entries", message, "entries")])
    variants = {entry.variant_id for entry in entries if is_id(entry.variant_id)}
    strangers = _make_room(count, variants)
    lines = _lock_lines(count, variants)
    known = CountEntry.objects.filter(count=count, public_id__in=[entry.public_id for entry in entries])
    seen = set(known.values_list("public_id", flat=True))
    fresh: list[tuple[int, Entry]] = []
    repeated: set[uuid.UUID] = set()
    for number, entry in enumerate(entries, start=1):
        (repeated.add(entry.public_id) if entry.public_id in seen else fresh.append((number, entry)))
        seen.add(entry.public_id)
    problems = [problem for number, entry in fresh for problem in _entry_problems(number, entry, lines, strangers)]
    changes, wrong = _folded([] if problems else fresh, lines)
    problems += wrong
    if problems:
        message = _("Nothing was counted. Mend the lines named below.")
        raise DomainError(problems[0].code if len(problems) == 1 else "entries_refused", message, problems)
    _write(count, actor, device, [(entry, lines[entry.variant_id]) for _n, entry in fresh], changes)
    after = CountLine.objects.filter(count=count, variant__in=variants).values_list("variant_id", "counted")
    return Added(dict(after), frozenset(repeated))


@transaction.atomic
def undo_entry(*, count: StockCount, actor: User, entry: CountEntry) -> CountLine:
    """Takes back what the person's scan added. A second time changes nothing."""
    _hold_open(count)
    line = CountLine.objects.select_for_update(no_key=True).get(pk=entry.line_id, count=count)
    if CountEntry.objects.filter(undoes=entry).exists():
        return line
    newer = line.entries.filter(pk__gt=entry.pk, kind__in=(Kind.SET, Kind.CLEAR))
    if entry.kind != Kind.ADD or newer.exists():
        raise DomainError("cannot_undo", _("A number was typed since. Type the right one instead."), status=409)
    if entry.actor_id != actor.pk:
        raise DomainError("cannot_undo", _("Somebody else scanned this. Type the right number instead."), status=409)
    CountEntry.objects.create(
        count=count, line=line, kind=Kind.UNDO, quantity=entry.quantity, undoes=entry, actor=actor, device=entry.device
    )
    line.counted = F("counted") - entry.quantity
    if not _is_counted(line):
        line.counted = line.seen = line.counted_at = line.counted_by = None
    line.save()
    line.refresh_from_db()
    return line


def write_for(count: StockCount, actor: User, kind: str, lines: Collection[CountLine]) -> None:
    """The same entry for many lines of a count that its caller holds: all 0 in all, or all to be counted again."""
    change = Change(0, CLEAR if kind == Kind.CLEAR else SET)
    given = [(Entry(line.variant_id, 0, kind), line) for line in lines]
    _write(count, actor, "", given, {line.pk: change for line in lines})


def _write(
    count: StockCount,
    actor: User,
    device: str,
    given: Sequence[tuple[Entry, CountLine]],
    changes: Mapping[int, Change],
) -> None:
    now = timezone.now()
    rows = [
        CountEntry(
            count=count, line=line, public_id=entry.public_id, kind=entry.kind, quantity=entry.quantity, actor=actor,
            device=device[:40], recorded_at=now,
        )
        for entry, line in given
    ]  # fmt: skip
    CountEntry.objects.bulk_create(rows, batch_size=_BATCH)
    change_lines(changes, location_id=count.location_id, actor_id=actor.pk, now=now)


def _hold_open(count: StockCount) -> None:
    state = hold_count(count.pk)
    if state != StockCount.State.OPEN:
        raise wrong_state(state or StockCount.State.CANCELLED)


def _lock_lines(count: StockCount, variants: Collection[int]) -> dict[int, CountLine]:
    """By variant; locked in primary-key order, as everywhere, so that two people never wait for one another."""
    found = CountLine.objects.filter(count=count, variant__in=variants).order_by("pk")
    return {line.variant_id: line for line in found.select_for_update(no_key=True)}


def _make_room(count: StockCount, variants: Collection[int]) -> dict[int, str]:
    """Makes lines for what is found where the book did not expect it; answers why the others get none, by variant."""
    missing = set(variants) - set(count.lines.filter(variant__in=variants).values_list("variant_id", flat=True))
    if not missing:
        return {}
    known = {v.pk: v for v in Variant.objects.of(count.brand_id).filter(pk__in=missing).select_related("product")}
    wrong: dict[int, str] = {}
    inside: list[int] = []
    products = _products_of(count, {variant.product_id for variant in known.values()})
    for pk in missing:
        variant = known.get(pk)
        if variant is None:
            wrong[pk] = "unknown_variant"
        elif variant.product.status == Product.Status.DRAFT:
            wrong[pk] = "draft_product"
        elif variant.product_id not in products:
            wrong[pk] = "not_in_count"
        else:
            inside.append(pk)
    add_lines(count.pk, sorted(inside))
    return wrong


def _products_of(count: StockCount, products: Collection[int]) -> set[int]:
    """Those of the products that a count covers."""
    if count.scope == StockCount.Scope.FULL:
        return set(products)
    if count.scope == StockCount.Scope.CATEGORY:
        found = Product.objects.filter(pk__in=products, category=count.category_id)
        return set(found.values_list("pk", flat=True))
    lines = count.lines.filter(variant__product__in=products)
    return set(lines.order_by().values_list("variant__product", flat=True).distinct())


def _entry_problems(
    number: int, entry: Entry, lines: Mapping[int, CountLine], strangers: Mapping[int, str]
) -> Iterator[Problem]:
    if entry.variant_id not in lines:
        code = strangers.get(entry.variant_id, "unknown_variant")
        yield Problem(code, _reasons()[code], "variant", number)
    if entry.kind not in GIVEN:
        yield Problem("unknown_kind", _("Send add, set or clear."), "kind", number)
    least = 1 if entry.kind == Kind.ADD else 0
    if type(entry.quantity) is not int or not least <= entry.quantity <= MAX_QUANTITY:
        message = _("Give a whole number from %(least)s to %(most)s.") % {"least": least, "most": f"{MAX_QUANTITY:,}"}
        yield Problem("invalid_quantity", message, "quantity", number)


def _reasons() -> dict[str, str]:
    return {
        "unknown_variant": _("There is no such variant. Check the SKU or scan the barcode again."),
        "draft_product": _("This belongs to a draft, which holds no stock yet. Finish its listing first."),
        "not_in_count": _("This count does not cover it. Put it aside, or start a count of it."),
    }


def _folded(
    fresh: Sequence[tuple[int, Entry]], lines: Mapping[int, CountLine]
) -> tuple[dict[int, Change], list[Problem]]:
    """What all entries together do to each line."""
    changes: dict[int, Change] = {}
    problems: list[Problem] = []
    for number, entry in fresh:
        line = lines[entry.variant_id]
        before = changes.get(line.pk, Change(0, ADD))
        if entry.was is not ... and entry.was != line.counted:
            problems.append(_overtaken(number, line))
        if entry.kind == Kind.ADD:
            what = before.what if before.what == ADD else SET
            after = Change(before.pieces + entry.quantity, what)
        else:
            after = Change(entry.quantity, SET) if entry.kind == Kind.SET else Change(0, CLEAR)
        if after.pieces + (line.counted or 0 if after.what == ADD else 0) > MAX_QUANTITY:
            message = _("At most %(most)s pieces of one variant. Check for a typing error.")
            problems.append(Problem("too_many", message % {"most": f"{MAX_QUANTITY:,}"}, "quantity", number))
        changes[line.pk] = after
    return changes, problems


def _overtaken(number: int, line: CountLine) -> Problem:
    if line.counted is None:
        message = _("Meanwhile it was put back to be counted again. Look at it and save again.")
    else:
        message = _("Meanwhile somebody counted %(n)s. Look at it and save again.") % {"n": line.counted}
    return Problem("counted_meanwhile", message, "quantity", number)


def _is_counted(line: CountLine) -> bool:
    """Whether any number for it stands."""
    cleared = line.entries.filter(kind=Kind.CLEAR).aggregate(last=Max("pk"))["last"] or 0
    return line.entries.filter(pk__gt=cleared, kind__in=(Kind.ADD, Kind.SET), undone_by=None).exists()
