"""From the entries of a request to entries of a count. What cannot be read is named, all of it at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.counting.models import CountEntry
from erp.counting.services import Entry
from erp.inventory.api.lines import VariantNames

UNREAD = 0  # stands for a variant that could not be read: the count refuses it


def read_entries(brand: Brand, entries: Sequence[Mapping[str, Any]]) -> tuple[list[Entry], list[Problem]]:
    """The entries, and what is wrong with how they name their variants."""
    names = VariantNames(brand, entries)
    read: list[Entry] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries, start=1):
        found = names.find(entry)
        if isinstance(found, Problem):
            problems.append(Problem(found.code, found.message, found.field, number))
        read.append(
            Entry(
                UNREAD if isinstance(found, Problem) else found,
                entry.get("quantity", 0 if entry.get("kind") == CountEntry.Kind.CLEAR else 1),
                entry.get("kind", CountEntry.Kind.ADD),
                entry.get("id") or uuid.uuid4(),
                was=entry.get("was", ...),
            )
        )
    return read, problems


def explained(error: DomainError, problems: Sequence[Problem]) -> DomainError:
    """The refusal of a count with our words for what was not found here."""
    ours = {problem.line for problem in problems}
    theirs = (p for p in error.problems if not (p.field == "variant" and p.line in ours))
    merged = sorted([*theirs, *problems], key=lambda problem: problem.line or 0)
    return DomainError(error.code, error.message or _("Nothing was counted."), merged, status=error.status)
