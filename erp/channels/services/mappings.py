"""What our categories and words are called on a channel: said once, remembered for every product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from catalog.models import Category, Product
from catalog.services.saving import save_clean
from erp.channels.models import AttributeMatch, CategoryMatch, Channel, ChannelListing
from erp.channels.services.staleness import listings_changed
from erp.core.errors import DomainError, Problem

# (id of our category, gender or blank for everybody) -> their code or path; blank: no longer matched.
Targets = Mapping[tuple[int, str], str]
# (kind, our word) -> theirs; blank: as it is.
Words = Mapping[tuple[str, str], str]


@transaction.atomic
def match_categories(*, channel: Channel, targets: Targets) -> int:
    """Gives how many changed. Raises DomainError with a problem for each row."""
    categories = Category.objects.in_bulk({pk for pk, _gender in targets})
    if unknown := [pk for pk, gender in targets if pk not in categories or gender not in ("", *Product.Gender.values)]:
        message = _("There is no such category. Load the page again.")
        raise DomainError(
            "unknown_category", message, [Problem("unknown_category", message, str(pk)) for pk in unknown]
        )
    rows = {(row.category_id, row.gender): row for row in CategoryMatch.objects.filter(channel=channel)}
    changed = 0
    for (pk, gender), target in targets.items():
        made = CategoryMatch(channel=channel, category=categories[pk], gender=gender)
        changed += _settle(rows.get((pk, gender)), made, "target", target.strip())
    if changed:
        listings_changed(ChannelListing.objects.filter(channel=channel, product__category__in=list(categories)))
    return changed


@transaction.atomic
def match_words(*, channel: Channel, words: Words) -> int:
    """Gives how many changed. Raises DomainError with a problem for each word."""
    rows = {(row.kind, row.ours): row for row in AttributeMatch.objects.filter(channel=channel)}
    changed = 0
    for (kind, ours), theirs in words.items():
        made = AttributeMatch(channel=channel, kind=kind, ours=ours)
        changed += _settle(rows.get((kind, ours)), made, "theirs", theirs.strip())
    if changed:
        listings_changed(ChannelListing.objects.filter(channel=channel))
    return changed


def _settle(row: Any, made: models.Model, name: str, text: str) -> bool:
    """Writes, changes or removes one row; False where it says that already."""
    if row is None and not text or row is not None and getattr(row, name) == text:
        return False
    if not text:
        row.delete()
        return True
    kept = row or made
    setattr(kept, name, text)
    save_clean(kept)
    return True
