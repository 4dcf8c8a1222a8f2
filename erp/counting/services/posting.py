"""A reviewed count becomes one posting: all of it or nothing, and everything that stands in the way named at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.counting.models import CountLine, StockCount
from erp.counting.review import Figure, Review, problems_of, review_of, skus_of
from erp.counting.services.starting import State, lock_count, mark_posted
from erp.inventory.services import Count, count_stock


@transaction.atomic
def post_count(
    *,
    count: StockCount,
    actor: User,
    idempotency_key: str,
    revision: int,
    carry_all: bool = False,
    leave_uncounted: bool = False,
    note: str = "",
) -> StockCount:
    """Adjusts the book by what was found. `posting` stays None where the book agreed with every line.

    `revision` is the review that the person saw. Each difference is posted on top of what is there now: lines whose
    balance moved since they were counted are refused, unless the reviewer let them stand, or all with `carry_all`.
    `leave_uncounted` says that what nobody counted stays as it is. The same key again answers the same count.
    """
    locked = lock_count(count, State.REVIEWING, State.POSTED, State.OPEN)
    if locked.state == State.POSTED:
        return _posted_before(locked, idempotency_key)
    if locked.state == State.OPEN or locked.revision != revision:
        message = _("This count went on since you looked at it. Look at its review again.")
        raise DomainError("review_outdated", message, [Problem("review_outdated", message, "revision")], status=409)
    if carry_all:
        CountLine.objects.filter(count=locked).counted().update(carry=True)
    review = review_of(locked, lock=True)
    problems = [*_undecided(review, leave_uncounted), *problems_of(review)]
    if problems:
        raise _refusal(problems)
    differing = [figure for figure in review.figures if figure.difference]
    posting = None
    if differing:
        # Under lock: what is in the book now, and what is to be there. The difference is the counted one.
        counts = {figure.variant_id: Count(figure.after, figure.now) for figure in differing}
        try:
            posting = count_stock(
                brand=locked.brand, location=locked.location, counts=counts,
                actor=actor, note=note.strip() or locked.title,
                idempotency_key=f"count-{locked.public_id}",
            )  # fmt: skip
        except DomainError as error:
            raise _in_our_words(error, review.figures, differing) from error
    return mark_posted(
        locked,
        actor,
        posting=posting,
        posting_key=idempotency_key,
        totals=review.totals.stored(locked.brand.currency),
    )


def _posted_before(count: StockCount, key: str) -> StockCount:
    if count.posting_key != key:
        raise DomainError("already_posted", _("This count was posted. Start another one."), status=409)
    count.replayed = True
    return count


def _undecided(review: Review, leave_uncounted: bool) -> list[Problem]:
    n = review.totals.uncounted
    if not n or leave_uncounted:
        return []
    message = ngettext(
        "%(n)s variant was not counted. Leave it as it is, or say that none is there.",
        "%(n)s variants were not counted. Leave them as they are, or say that none is there.",
        n,
    )
    return [Problem("uncounted", message % {"n": f"{n:,}"}, "uncounted")]


def _refusal(problems: Sequence[Problem]) -> DomainError:
    codes = {problem.code for problem in problems}
    message = _("Nothing was posted. Decide about what is named below, then post again.")
    return DomainError(codes.pop() if len(codes) == 1 else "lines_refused", message, problems)


def _in_our_words(error: DomainError, figures: Sequence[Figure], differing: Sequence[Figure]) -> DomainError:
    """The ledger names the lines it was given; here a line is its place in the count, and its SKU is said."""
    places = {figure.variant_id: number for number, figure in enumerate(figures, start=1)}
    skus = skus_of(figure.variant_id for figure in differing)
    problems = []
    for problem in error.problems:
        if problem.line:
            variant = differing[problem.line - 1].variant_id
            text = str(problem.message)
            message = text if skus[variant] in text else f"{skus[variant]}: {text}"
            problem = replace(problem, line=places[variant], message=message)
        problems.append(problem)
    return DomainError(error.code, error.message, problems, status=error.status)
