"""What the papers of trade have to tell on the home page."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import ngettext

from catalog.models import Brand
from erp.inventory.models import Balance
from erp.inventory.notices import Notice, notice
from erp.trade.models import Order
from erp.trade.selectors.owed import owed_goods
from erp.trade.selectors.samples import overdue


@notice
def orders_to_ship(brand: Brand) -> Notice | None:
    """Orders that pieces are held for."""
    waiting = Order.objects.of(brand).filter(state__in=[Order.State.OPEN, Order.State.PICKED])
    count = waiting.filter(lines__reserved__gt=0).distinct().count()
    words = ngettext("%(n)s order is ready to ship", "%(n)s orders are ready to ship", count)
    return _notice(words, count, reverse("trade:orders", args=[brand.slug]), "ship", "info")


@notice
def owed_goods_that_came(brand: Brand) -> Notice | None:
    """Lines of owed goods for which there is stock now."""
    free = Balance.objects.filter(
        variant=OuterRef("variant"), location=OuterRef("order__location"), on_hand__gt=F("reserved")
    )
    waiting = owed_goods(brand).filter(quantity__gt=F("shipped") + F("cancelled") + F("reserved"))
    count = waiting.filter(Exists(free)).count()
    words = ngettext(
        "%(n)s line of owed goods is in stock now", "%(n)s lines of owed goods are in stock now", count
    )  # fmt: skip
    return _notice(words, count, reverse("trade:arrivals", args=[brand.slug]), "clock", "warn")


@notice
def samples_that_are_late(brand: Brand) -> Notice | None:
    late = overdue(brand)
    words = ngettext("%(n)s sample loan is overdue", "%(n)s sample loans are overdue", late.loans)
    return _notice(words, late.loans, reverse("trade:samples", args=[brand.slug]), "alert", "bad")


def _notice(words: str, count: int, address: str, icon: str, tone: str) -> Notice | None:
    return Notice(words % {"n": number_format(count, force_grouping=True)}, address, icon, tone) if count else None
