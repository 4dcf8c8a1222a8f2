"""What is there of a product on the first day; saving it puts the product on sale."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Sum
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import PriceField
from catalog.models import Product
from catalog.services import activate_product
from erp.core.models import User
from erp.inventory import services
from erp.inventory.forms.dated import DatedEntryForm
from erp.inventory.models import Posting, StockMovement


class OpeningForm(DatedEntryForm):
    """One product. A variant that has opening stock already is shown, and mended by receiving or adjusting."""

    unit_cost: forms.Field = PriceField(
        label=_("Cost of one piece"),
        help_text=_("What you paid for one. Reports of value and margin begin with it; deliveries move it later."),
        max_digits=13,
        decimal_places=2,
        min_value=0,
        required=False,
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, products=[product.pk], **kwargs)
        self.product = product
        self.fields["location"].label = _("Where it is")
        self._close_opened()

    def _close_opened(self) -> None:
        opened = (
            StockMovement.objects.of(self.brand)
            .openings()
            .filter(variant__in=list(self.sheet.cells))
            .values_list("variant")
            .annotate(pieces=Sum("quantity"))
            .order_by()
        )
        for pk, pieces in opened:
            cell = self.sheet.cells[pk]
            cell.done = gettext("Opened with %(n)s") % {"n": number_format(pieces, force_grouping=True)}

    @property
    def is_first(self) -> bool:
        """Whether saving also puts the product on sale."""
        return self.product.status != Product.Status.ACTIVE

    def clean(self) -> dict[str, Any]:
        for cell in self.sheet.cells.values():
            if cell.variant.product_id != self.product.pk and cell.text:
                cell.error = gettext("This is a variant of another product.")
        return super().clean()

    def is_enough(self) -> bool:
        return self.is_first or super().is_enough()

    @transaction.atomic
    def post(self, *, actor: User, idempotency_key: str) -> Posting | None:
        if self.is_first:
            activate_product(product=self.product, actor=actor)
        quantities = self.quantities()
        if not quantities:
            return None
        cost = self.cleaned_data["unit_cost"]
        return services.post_opening(
            location=self.cleaned_data["location"],
            quantities=quantities,
            unit_costs=None if cost is None else dict.fromkeys(quantities, cost),
            actor=actor,
            idempotency_key=idempotency_key,
            **self.common(),
        )

    def button(self, n: int) -> str:
        if n:
            return ngettext("Save with %(n)s piece", "Save with %(n)s pieces", n)
        return gettext("Save without stock") if self.is_first else gettext("Save")
