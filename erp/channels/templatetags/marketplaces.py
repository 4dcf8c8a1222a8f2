"""What pages of other parts show of channels."""

from typing import Any

from django import template

from catalog.models import Product
from erp.channels.selectors.channels import channels_of

register = template.Library()


@register.inclusion_tag("channels/product_card.html", takes_context=True)
def marketplaces_of(context: template.Context, product: Product) -> dict[str, Any]:
    """A card with the product's listing on each channel; nothing where the brand has none."""
    shown = {name: context.get(name) for name in ("brand", "can_work", "request", "csrf_token")}
    return shown | {"product": product, "rows": channels_of(product)}
