"""Stock counts in every state, and when to reorder."""

from __future__ import annotations

import uuid

from catalog.models import Category
from erp.counting.models import CountEntry, StockCount
from erp.counting.services import Entry, add_entries, create_count, post_count, start_review
from erp.demo.stage import Row, Stage
from erp.inventory.models import Balance
from erp.reports.services import set_rule


def count(
    stage: Stage,
    *,
    place: str,
    scope: str,
    category: str,
    title: str,
    found: list[Row],
    counted: int | None = None,
    blind: bool = False,
    review: bool = False,
    post: bool = False,
) -> None:
    """A count that differs from the book by what was `found`; of an unfinished one only so many lines are `counted`."""
    made = create_count(
        brand=stage.brand,
        location=stage.places[place],
        scope=scope,
        category=Category.objects.get(slug=category),
        title=title,
        blind=blind,
        actor=stage.actor,
        public_id=uuid.uuid5(uuid.NAMESPACE_OID, f"{stage.brand.slug}-{stage.key}"),
    )
    _enter(stage, made, stage.pieces(found), counted)
    if review or post:
        made = start_review(count=made)
    if post:
        post_count(count=made, revision=made.revision, **stage.said())


def _enter(stage: Stage, made: StockCount, found: dict[int, int], counted: int | None) -> None:
    lines = list(made.lines.order_by("pk").values_list("variant", flat=True)[:counted])
    book = dict(Balance.objects.filter(location=made.location, variant__in=lines).values_list("variant", "on_hand"))
    entries = [Entry(pk, book[pk] + found.get(pk, 0), CountEntry.Kind.SET) for pk in lines]
    add_entries(count=made, actor=stage.actor, entries=entries)


def rule(stage: Stage, *, point: int, target: int, category: str = "", product: int | None = None) -> None:
    set_rule(
        brand=stage.brand,
        point=point,
        target=target,
        category=Category.objects.get(slug=category) if category else None,
        product=None if product is None else stage.products[product],
    )
