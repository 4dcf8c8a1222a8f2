"""A count begins, goes to its review and back, or ends without a trace in the stock."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.days import business_day
from catalog.models import Brand, Category, Product, Variant
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.counting.models import StockCount
from erp.counting.sql import add_lines
from erp.inventory.models import Balance, Location

State = StockCount.State
Scope = StockCount.Scope
_TITLE_LENGTH = StockCount.title.field.max_length or 0


@transaction.atomic
def create_count(
    *,
    brand: Brand,
    location: Location,
    scope: str,
    actor: User,
    title: str = "",
    category: Category | None = None,
    blind: bool = False,
    variants: Collection[int] = (),
    public_id: uuid.UUID | None = None,
) -> StockCount:
    """Starts a count of one place, with a line for each variant that the book says lies there.

    `variants` are those of a cycle count and of a chosen one, which get lines whatever the book says. The same
    `public_id` again answers the count it started.
    """
    repeated = StockCount.objects.filter(public_id=public_id).first() if public_id else None
    if repeated:
        return _same(repeated, brand, location, scope)
    chosen = Variant.objects.of(brand).filter(pk__in=variants) if scope in (Scope.CYCLE, Scope.CHOSEN) else None
    problems = list(_problems(brand, location, scope, title, category, chosen))
    if problems:
        raise DomainError(problems[0].code, _("The count was not started."), problems)
    count = StockCount.objects.create(
        public_id=public_id or uuid.uuid4(),
        brand=brand,
        location=location,
        title=title.strip() or _usual_title(brand, scope, category),
        scope=scope,
        category=category if scope == Scope.CATEGORY else None,
        blind=blind,
        created_by=actor,
    )
    add_lines(count.pk, _covered(count) if chosen is None else in_order(chosen).values_list("pk", flat=True))
    return count


@transaction.atomic
def start_review(*, count: StockCount) -> StockCount:
    """Counting ends and the differences are shown. What is in review already is looked at anew."""
    locked = lock_count(count, State.OPEN, State.REVIEWING)
    if not locked.lines.counted().exists():
        message = _("Nothing has been counted yet. Count at least one variant first.")
        raise DomainError("nothing_counted", message, [Problem("nothing_counted", message)])
    return _turn(locked, State.REVIEWING, revision=F("revision") + 1)


@transaction.atomic
def reopen_count(*, count: StockCount) -> StockCount:
    """Back from the review: counting goes on with what was counted."""
    return _turn(lock_count(count, State.REVIEWING, State.OPEN), State.OPEN)


@transaction.atomic
def cancel_count(*, count: StockCount) -> StockCount:
    """Gives a count up. What was counted stays to be looked at; the stock stays as it is."""
    return _turn(lock_count(count, State.OPEN, State.REVIEWING, State.CANCELLED), State.CANCELLED)


def lock_count(count: StockCount, *states: str) -> StockCount:
    """The count as it is now, held until the transaction ends; no counter is in the middle of an entry.

    Raises DomainError `count_state` (409) where it is in none of the states.
    """
    locked = StockCount.objects.select_for_update(no_key=True, of=("self",)).get(pk=count.pk)
    if locked.state not in states:
        raise wrong_state(locked.state)
    return locked


def wrong_state(state: str) -> DomainError:
    messages = {
        State.OPEN: _("This count is still being counted. Start its review first."),
        State.REVIEWING: _("This count is in review. Open it again to count on."),
        State.POSTED: _("This count was posted. Start another one."),
        State.CANCELLED: _("This count was cancelled. Start another one."),
    }
    return DomainError("count_state", messages[State(state)], status=409)


def in_order(variants: Any) -> Any:
    """Product by product, and in each in the order of its grid."""
    return variants.order_by("-product_id", "colour__position", "colour_id", "size__position", "pk")


def _turn(count: StockCount, state: str, **changes: Any) -> StockCount:
    StockCount.objects.filter(pk=count.pk).update(state=state, **changes)
    count.refresh_from_db()
    return count


def _covered(count: StockCount) -> Iterable[int]:
    """The variants that the book says lie there. What else is found gets its line when it is counted."""
    held = Balance.objects.filter(location=count.location, on_hand__gt=0).values("variant")
    category = Q(product__category=count.category) if count.category else Q()
    return in_order(Variant.objects.of(count.brand).filter(category, pk__in=held)).values_list("pk", flat=True)


def _usual_title(brand: Brand, scope: str, category: Category | None) -> str:
    what = category.name if category and scope == Scope.CATEGORY else Scope(scope).label
    return f"{what} {business_day(brand):%Y-%m-%d}"


def _same(found: StockCount, brand: Brand, location: Location, scope: str) -> StockCount:
    if (found.brand_id, found.location_id, found.scope) != (brand.pk, location.pk, scope):
        raise DomainError("count_exists", _("This id was used for another count. Make a new one."), status=409)
    return found


def _problems(
    brand: Brand, location: Location, scope: str, title: str, category: Category | None, chosen: Any
) -> Iterable[Problem]:
    if scope not in Scope.values:
        yield Problem("unknown_scope", _("Choose what is counted."), "scope")
    if location.brand_id != brand.pk or not location.is_internal:
        yield Problem("unknown_location", _("There is no such location. Choose one of the list."), "location")
    elif not location.is_active:
        message = _("This location is closed. Choose another, or open it again in its settings.")
        yield Problem("closed_location", message, "location")
    if len(title) > _TITLE_LENGTH or "\0" in title:
        yield Problem("too_long", _("At most %(most)s characters here.") % {"most": _TITLE_LENGTH}, "title")
    if scope == Scope.CATEGORY and category is None:
        yield Problem("required", _("Choose the category to count."), "category")
    if chosen is not None:
        if not chosen.exists():
            yield Problem("required", _("Choose at least one variant to count."), "variants")
        drafts = chosen.filter(product__status=Product.Status.DRAFT)
        for sku in drafts.values_list("sku", flat=True)[:20]:
            message = _("%(sku)s belongs to a draft, which holds no stock yet. Finish its listing first.")
            yield Problem("draft_product", message % {"sku": sku}, "variants")


def mark_posted(count: StockCount, actor: User, **changes: Any) -> StockCount:
    return _turn(count, State.POSTED, posted_by=actor, posted_at=timezone.now(), **changes)
