"""Mistakes are mended by movements that go the other way and point at what they mend, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.inventory.models import MovementKind, Posting, StockMovement
from erp.inventory.services.lines import Line
from erp.inventory.services.posting import Heading, post
from erp.inventory.signals import reversed_by, reversing
from erp.inventory.sql.locks import lock_posting

Numbered = tuple[int, StockMovement]


@transaction.atomic
def reverse_posting(*, posting: Posting, **heading: Unpack[Heading]) -> Posting:
    """Takes back every movement of a posting. Refused where one is reversed already or its goods have gone on."""
    return _reverse(posting, None, heading)


@transaction.atomic
def reverse_movement(*, movement: StockMovement, **heading: Unpack[Heading]) -> Posting:
    """Takes back one movement of a posting, once."""
    return _reverse(movement.posting, movement.pk, heading)


def _reverse(posting: Posting, only: int | None, heading: Heading) -> Posting:
    """Its paper follows in the same transaction: see `signals`."""
    reversing.send(Posting, posting=posting)
    original = lock_posting(posting.pk)
    reversal = Posting(brand=original.brand, kind=MovementKind.REVERSAL, **heading)
    movements = original.movements.select_related("reversed_by").order_by("pk")
    chosen = [item for item in enumerate(movements, start=1) if only is None or item[1].pk == only]
    repeated = Posting.objects.of(original.brand).filter(idempotency_key=reversal.idempotency_key).exists()
    if not repeated and (problems := list(_problems(chosen))):
        raise DomainError(problems[0].code, _("Nothing was reversed, for the reasons below."), problems)
    try:
        reversal = post(reversal, [_opposite(number, movement) for number, movement in reversed(chosen)])
    except DomainError as error:
        if error.code != "insufficient_stock":
            raise
        message = _("Nothing was reversed: some of these goods have gone on. Take back what moved them first.")
        raise DomainError(error.code, message, error.problems) from error
    if not reversal.replayed:
        reversed_by.send(Posting, posting=original, reversal=reversal)
    return reversal


def _problems(movements: list[Numbered]) -> Iterator[Problem]:
    for number, movement in movements:
        if movement.kind == MovementKind.REVERSAL:
            message = _("A reversal cannot be reversed. Enter the movement again instead.")
            yield Problem("is_a_reversal", message, line=number)
        elif hasattr(movement, "reversed_by"):
            message = _("This movement was reversed before.")
            yield Problem("already_reversed", message, line=number)


def _opposite(number: int, movement: StockMovement) -> Line:
    return Line(
        variant_id=movement.variant_id,
        quantity=movement.quantity,
        source_id=movement.destination_id,
        destination_id=movement.source_id,
        line=number,
        reference=movement.reference,
        reverses_id=movement.pk,
    )
