"""Saves a row after all of its checks, and answers in the one shape of refusals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem, from_validation


def save_clean(row: models.Model, fields: Iterable[str] | None = None, also: Sequence[Problem] = ()) -> None:
    """`full_clean` and save; with `fields` only those columns are written: two people's edits do not undo each other.

    Raises DomainError with a problem for each field, after those of `also`, which the caller found.
    A row that another request wrote first is such a problem too.
    """
    try:
        row.full_clean()
        if also:
            raise DomainError("incomplete", _("Something is still missing."), also)
        try:
            with transaction.atomic():
                row.save(update_fields=None if fields is None else [*fields, "updated_at"])
        except IntegrityError:
            row.validate_constraints()  # names the field, now that the other row can be seen
            raise conflict() from None
    except ValidationError as error:
        refusal = from_validation(error)
        raise DomainError(refusal.code, refusal.message, [*also, *refusal.problems]) from error


def conflict() -> DomainError:
    return DomainError("conflict", _("Somebody changed the same thing at this moment. Try again."), status=409)


def refuse(code: str, message: Any, field: str, *, status: int = 400) -> DomainError:
    """A refusal that is about one field."""
    return DomainError(code, message, [Problem(code, message, field=field)], status=status)


def assign(row: models.Model, allowed: frozenset[str], values: dict[str, Any]) -> None:
    """Sets the given fields; naming one that a service does not offer is a mistake of the programmer."""
    unknown = values.keys() - allowed
    if unknown:
        raise TypeError(f"{type(row).__name__} cannot be given {', '.join(sorted(unknown))} here")
    for name, value in values.items():
        setattr(row, name, value)
