"""Sentences about postings, as people say them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp.inventory.models import MovementKind, Posting


def pieces(n: int) -> str:
    return ngettext("%(n)s piece", "%(n)s pieces", n) % {"n": number_format(n, force_grouping=True)}


def variants(n: int) -> str:
    return ngettext("%(n)s variant", "%(n)s variants", n) % {"n": number_format(n, force_grouping=True)}


SENTENCES: dict[str, Any] = {
    MovementKind.OPENING: _("Opened with %(pieces)s of %(variants)s."),
    MovementKind.RECEIPT: _("Received %(pieces)s of %(variants)s."),
    MovementKind.SHIPMENT: _("Shipped %(pieces)s of %(variants)s."),
    MovementKind.TRANSFER: _("Moved %(pieces)s of %(variants)s."),
    MovementKind.RETURN: _("Took back %(pieces)s of %(variants)s."),
    MovementKind.ADJUSTMENT: _("Adjusted %(pieces)s of %(variants)s."),
    MovementKind.REVERSAL: _("Reversed %(pieces)s of %(variants)s."),
}


def posted_words(posting: Posting) -> str:
    """What a posting did: "Received 24 pieces of 3 variants."."""
    sums = posting.movements.aggregate(pieces=Sum("quantity"), variants=Count("variant", distinct=True))
    words = {"pieces": pieces(sums["pieces"] or 0), "variants": variants(sums["variants"] or 0)}
    return str(SENTENCES[posting.kind] % words)
