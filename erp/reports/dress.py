"""The names and pictures of the lines that are shown: asked for a page of them, never for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalog.models import Product, Variant
from erp.reports.tables import Chart, Line, LinePoint


def dress(lines: Iterable[Line], *, pictures: bool = True) -> None:
    """Sets `thing` of every line that is a product's or a variant's: three queries, however many lines."""
    wanted = [line for line in lines if line.thing is None]
    variants: Any = Variant.objects.select_related("product", "colour", "size")
    products: Any = Product.objects.all()
    if pictures:
        variants, products = variants.prefetch_related("product__images"), products.prefetch_related("images")
    found_variants = variants.in_bulk([line.variant for line in wanted if line.variant])
    found_products = products.in_bulk([line.product for line in wanted if line.product and not line.variant])
    for line in wanted:
        if line.variant:
            line.thing = found_variants.get(line.variant)
        elif line.product:
            line.thing = found_products.get(line.product)


def dress_chart(chart: Chart | None) -> None:
    if chart:
        dress([point.line for point in chart.points if isinstance(point, LinePoint)], pictures=False)
