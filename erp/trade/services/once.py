"""A paper sent twice is written once: by its idempotency key and a fingerprint of what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem, idempotency_conflict
from erp.inventory.services.lines import storable

KEY_LENGTH = 80


Paper = TypeVar("Paper", bound=Any)  # a row with `fingerprint` and `replayed`


def fingerprint_of(*parts: object) -> str:
    """Equal for two requests that say the same."""
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


def check_key(key: str) -> None:
    """Raises DomainError `invalid_key` for a key that could not be stored."""
    if not key or len(key) > KEY_LENGTH or not storable(key):
        message = _("Send an idempotency key of 1 to %(most)s characters.") % {"most": KEY_LENGTH}
        raise DomainError("invalid_key", message, [Problem("invalid_key", message, "idempotency_key")])


def once(find: Callable[[], Paper | None], content: str, write: Callable[[], Paper]) -> Paper:
    """What `find` gives for the key, marked as `replayed`, else what `write` writes, in a savepoint of its own.

    Of two at once the second waits at the unique key for the first, undoes what it wrote and answers the first one's.
    Raises DomainError `idempotency_conflict` (409) where the key was used for other content.
    """
    if (first := find()) is not None:
        return _same(first, content)
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        first = find()
        if first is None:
            raise
        return _same(first, content)


def _same(first: Paper, content: str) -> Paper:
    if first.fingerprint != content:
        raise idempotency_conflict()
    first.replayed = True
    return first
