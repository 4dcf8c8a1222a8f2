"""A purchase order as it is looked at: a table for each product, and what came when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum

from catalog.models import Colour, Product, Size
from erp.inventory.models import StockMovement
from erp.trade.models import Delivery, DeliveryLine, PurchaseLine, PurchaseOrder


@dataclass(slots=True)
class PurchaseTable:
    """The lines of one product by colour and size; a cell is None where nothing was ordered."""

    product: Product
    sizes: list[Size]
    rows: list[tuple[Colour, list[PurchaseLine | None]]] = field(default_factory=list)

    @property
    def lines(self) -> list[PurchaseLine]:
        return [line for _colour, cells in self.rows for line in cells if line]

    @property
    def ordered(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def came(self) -> int:
        return sum(line.received for line in self.lines)

    @property
    def costs(self) -> list[Decimal]:
        """What pieces cost, each cost once, the lowest first."""
        return sorted({line.unit_cost for line in self.lines if line.unit_cost is not None})

    @property
    def amount(self) -> Decimal:
        known = ((line.quantity, line.unit_cost) for line in self.lines if line.unit_cost is not None)
        return sum((quantity * cost for quantity, cost in known), Decimal(0))


def tables_of(order: PurchaseOrder) -> list[PurchaseTable]:
    """In the order the products were entered."""
    found = order.lines.select_related("variant__colour", "variant__size").order_by("pk")
    by_product: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
    for line in found:
        by_product[line.variant.product_id].append(line)
    products = Product.objects.prefetch_related("images").in_bulk(by_product)
    return [_table(products[pk], lines) for pk, lines in by_product.items()]


def _table(product: Product, lines: list[PurchaseLine]) -> PurchaseTable:
    sizes = sorted({line.variant.size for line in lines}, key=lambda size: (size.run_id, size.position, size.pk))
    colours = {line.variant.colour_id: line.variant.colour for line in lines}
    cells = {(line.variant.colour_id, line.variant.size_id): line for line in lines}
    rows = [(colour, [cells.get((pk, size.pk)) for size in sizes]) for pk, colour in colours.items()]
    return PurchaseTable(product, sizes, rows)


def deliveries_of(order: PurchaseOrder) -> Any:
    """What came when, newest first, with `pieces`, and `back`: how many of its lines were taken back."""
    rows = order.deliveries.select_related("created_by", "posting").order_by("-id")
    backs = (
        StockMovement.objects.filter(posting__delivery__order=order, reversed_by__isnull=False)
        .order_by()
        .values("posting")
        .annotate(n=Count("pk"))
        .values_list("posting", "n")
    )
    back = dict(backs)
    found: list[Any] = list(rows.annotate(pieces=Sum("lines__quantity"), count=Count("lines")))
    for delivery in found:
        delivery.back = back.get(delivery.posting_id, 0)
    return found


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line of a delivery; `own_cost` is what its piece cost in the brand's currency."""

    line: DeliveryLine
    quantity: int
    own_cost: Decimal | None
    is_back: bool


def delivery_rows(delivery: Delivery) -> list[DeliveryRow]:
    """The posting tells what of it still stands, and at which cost it came into the house."""
    movements = delivery.posting.movements.select_related("cost_entry").annotate(back=F("reversed_by"))
    by_variant = {movement.variant_id: movement for movement in movements}
    lines = delivery.lines.select_related("line__variant__product", "line__variant__colour", "line__variant__size")
    rows = []
    for line in lines.prefetch_related("line__variant__product__images").order_by("pk"):
        movement: Any = by_variant[line.line.variant_id]
        entry = getattr(movement, "cost_entry", None)
        rows.append(DeliveryRow(line, line.quantity, entry and entry.unit_cost, movement.back is not None))
    return rows
