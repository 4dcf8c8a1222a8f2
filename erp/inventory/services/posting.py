"""The one door to the ledger: any number of lines, all or none, every refused line named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import NotRequired, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.days import FIRST_DAY
from catalog.models import Brand
from erp.core.errors import DomainError, Problem, idempotency_conflict
from erp.core.models import User
from erp.inventory.models import MovementKind, Posting, StockMovement
from erp.inventory.services.backdating import check_moment, past_shortages, recording_moment
from erp.inventory.services.costs import record_costs
from erp.inventory.services.holds import take_reserved
from erp.inventory.services.lines import (
    MAX_LINES,
    Line,
    is_id,
    line_problems,
    numbered,
    storable,
    text_problems,
    too_many_lines,
)
from erp.inventory.services.locations import ensure_locations
from erp.inventory.services.shortages import shortage_problems
from erp.inventory.services.walk import Numbered, arriving, in_turn, net_changes, walk
from erp.inventory.signals import tell_change
from erp.inventory.sql.locks import change_balances, create_balances, lock_openings
from erp.inventory.sql.postings import Known, insert_movements, known_to, open_posting

# Clocks of phones run ahead of ours by minutes, and time zones are mistaken by hours; nothing happened next week.
FUTURE_TOLERANCE = timedelta(days=1)
_KEY_LENGTH = Posting.idempotency_key.field.max_length or 0


class Heading(TypedDict):
    """What every operation of the ledger takes besides its lines."""

    actor: User
    idempotency_key: str
    note: NotRequired[str]
    reference: NotRequired[str]
    occurred_at: NotRequired[datetime | None]


def post_movements(*, brand: Brand, kind: str, lines: Sequence[Line], **heading: Unpack[Heading]) -> Posting:
    """Writes all lines as movements of one posting, or none.

    The same key with the same content gives the first posting again, `replayed`; with other content, a DomainError
    `idempotency_conflict` (409). Any refusal is a DomainError whose problems name every line that needs mending.
    Balances are judged line by line: see `walk` for the order.
    """
    return post(Posting(brand=brand, kind=kind, **heading), lines)


@transaction.atomic
def post(posting: Posting, lines: Sequence[Line]) -> Posting:
    """`post_movements` for a posting not yet written."""
    _check_heading(posting, lines)
    posting.fingerprint = _fingerprint(posting, lines)
    posting.recorded_at = recording_moment(posting.occurred_at)
    # What a clock that runs ahead puts into the next minutes happened now: nothing is recorded before it happens.
    posting.occurred_at = min(posting.occurred_at or posting.recorded_at, posting.recorded_at)
    variants = {line.variant_id for line in lines if is_id(line.variant_id)}
    known = open_posting(posting, variants, {end for end in _ends(lines) if is_id(end)})
    if known is None:
        return _posted_before(posting)
    check_moment(posting)
    _add_missing_places(posting.brand, lines, known)
    _add_openings(posting.brand, posting.kind, known)
    good, problems = _sort_out(numbered(lines), known)
    good, wrong = take_reserved(posting, good, known.places)
    problems += wrong
    ordered = in_turn(good, known.places)
    added = arriving(ordered, known.places)
    create_balances(sorted(spot for spot in added if spot[1] not in known.variants[spot[0]].locations))
    held = change_balances(net_changes(ordered, known.places))
    rows, shorts = walk(ordered, known.places, held)
    problems += shortage_problems(shorts, known.variants)
    if not shorts:
        problems += past_shortages(posting, ordered, known.places, held, known.variants)
    if problems:
        raise refusal(problems)
    insert_movements(posting, rows)
    record_costs(posting, ordered, known.places)
    tell_change(posting.brand_id, variants)
    return posting


def refusal(problems: Iterable[Problem]) -> DomainError:
    """The DomainError of lines; its code is theirs where all lines fail alike, else `lines_refused`."""
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    codes = {problem.code for problem in ordered}
    message = _("Nothing was posted. Mend the lines named below and send it again.")
    return DomainError(codes.pop() if len(codes) == 1 else "lines_refused", message, ordered)


def line_refusals(brand: Brand, kind: str, lines: Sequence[Line]) -> list[Problem]:
    """What is wrong with the lines of a posting that is refused anyway, so that one answer names it all.

    The stock is not looked at: that takes locks, and it may be another one when the rest is mended.
    """
    known = known_to(brand.pk, {line.variant_id for line in lines if is_id(line.variant_id)})
    _add_missing_places(brand, lines, known)
    _add_openings(brand, kind, known)
    return _sort_out(numbered(lines), known)[1]


def _check_heading(posting: Posting, lines: Sequence[Line]) -> None:
    problems = list(text_problems(posting.reference, posting.note))
    key = posting.idempotency_key
    if not key or len(key) > _KEY_LENGTH or not storable(key):
        message = _("Send an idempotency key of 1 to %(most)s characters.") % {"most": _KEY_LENGTH}
        problems.append(Problem("invalid_key", message, "idempotency_key"))
    if posting.kind not in MovementKind.values:
        problems.append(Problem("unknown_kind", _("There is no such kind of movement."), "kind"))
    problems += _moment_problems(posting.brand, posting.occurred_at)
    if not lines:
        problems.append(Problem("no_lines", _("There is nothing to post. Enter at least one quantity."), "lines"))
    if len(lines) > MAX_LINES:
        problems.append(too_many_lines())
    elif problems:
        problems += line_refusals(posting.brand, posting.kind, lines)
    if problems:
        raise DomainError(problems[0].code, problems[0].message, problems)


def _moment_problems(brand: Brand, moment: datetime | None) -> Iterator[Problem]:
    """What is written stays: a year mistyped now could never be mended."""
    if moment is None:
        return
    if moment > timezone.now() + FUTURE_TOLERANCE:
        yield Problem("in_the_future", _("This has not happened yet. Check the date."), "occurred_at")
    if moment < datetime.combine(FIRST_DAY, time.min, ZoneInfo(brand.time_zone)):
        message = _("Nothing from before %(year)s can be entered. Check the date.") % {"year": FIRST_DAY.year}
        yield Problem("too_long_ago", message, "occurred_at")


def _add_missing_places(brand: Brand, lines: Sequence[Line], known: Known) -> None:
    """A new brand has no virtual locations until goods first come from one or go to one."""
    kinds = {end for end in _ends(lines) if isinstance(end, str)}
    if not known.places.keys() >= kinds:
        ensure_locations(brand=brand)
        known.places.update(known_to(brand.pk).places)


def _ends(lines: Sequence[Line]) -> Iterator[int | str]:
    return (end for line in lines for end in (line.source_id, line.destination_id))


def _add_openings(brand: Brand, kind: str, known: Known) -> None:
    """A variant is opened by one posting, at as many places as it lies. Of two at once the second sees the first."""
    if kind == MovementKind.OPENING:
        lock_openings(brand.pk)
        opened = StockMovement.objects.of(brand).openings().filter(variant__in=list(known.variants))
        known.opened.update(opened.values_list("variant", flat=True))


def _sort_out(lines: Sequence[Numbered], known: Known) -> tuple[list[Numbered], list[Problem]]:
    """The lines that may go on to the balances, and what is wrong with the others."""
    good: list[Numbered] = []
    problems: list[Problem] = []
    for number, line in lines:
        wrong = list(line_problems(number, line, known))
        problems += wrong
        if not wrong:
            good.append((number, line))
    return good, problems


def _fingerprint(posting: Posting, lines: Sequence[Line]) -> str:
    """The content of a request: what must be equal for a repeated key to be a repetition."""
    moment = posting.occurred_at and posting.occurred_at.timestamp()
    heading = (posting.kind, posting.actor_id, posting.note, posting.reference, moment)
    body = [
        (e.variant_id, e.quantity, e.source_id, e.destination_id, e.reference, e.note, e.reverses_id)
        + (() if e.reservation_id is None and e.unit_cost is None else (e.reservation_id, str(e.unit_cost)))
        for e in lines
    ]
    return hashlib.sha256(repr((heading, body)).encode("utf-8", "backslashreplace")).hexdigest()


def _posted_before(posting: Posting) -> Posting:
    first = Posting.objects.get(brand_id=posting.brand_id, idempotency_key=posting.idempotency_key)
    if first.fingerprint != posting.fingerprint:
        raise idempotency_conflict()
    first.replayed = True
    return first
