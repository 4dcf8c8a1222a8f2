"""Who may do what with a count, beyond the rights in its brand.

Who works for a brand counts, reviews and posts. Of a blind count the numbers in the book and the differences stay
hidden while it is counted, and its review is for whoever started it and for those who manage the brand.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from catalog.access import Right
from erp.core.errors import NotAllowed
from erp.counting.models import StockCount


def may_review(count: StockCount, user: Any, rights: Collection[Right]) -> bool:
    if Right.WORK not in rights:
        return False
    return not count.blind or count.created_by_id == user.pk or Right.MANAGE in rights


def sees_book(count: StockCount, user: Any, rights: Collection[Right]) -> bool:
    """Whether what the book says of a count's lines is shown."""
    if not count.blind or count.is_over:
        return True
    return count.state == StockCount.State.REVIEWING and may_review(count, user, rights)


def require_review(count: StockCount, user: Any, rights: Collection[Right]) -> None:
    if not may_review(count, user, rights):
        raise NotAllowed()
