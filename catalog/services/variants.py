"""The colour x size grid of a product: which cells are for sale, under which SKU and barcode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.audit import record_changed, record_created, remember
from catalog.models import Brand, Colour, Product, ProductColour, Size, Variant
from catalog.services.saving import assign, conflict, refuse, save_clean
from catalog.skus import internal_barcode, make_sku
from erp.core.audit import by_actor
from erp.core.models import touch

SKU_LENGTH = Variant._meta.get_field("sku").max_length or 0
BARCODES = 10**10
# Far apart from the running numbers, for when somebody typed a code that a variant would have got.
BARCODE_STEP = 10**9 + 7


@transaction.atomic
def set_variants(*, product: Product, colours: Sequence[Colour], sizes: Sequence[Size]) -> list[Variant]:
    """Makes the grid for sale: missing cells are created, cells that are no longer in it are retired, never deleted.

    Returns the variants for sale in the order of the grid. The product's colours and size run follow the grid.
    """
    # Two grids saved at once for one product wait for each other; `no_key` lets stock move meanwhile.
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    colours, sizes = _unique(colours), _unique(sizes)
    _check_grid(product, colours, sizes)
    cells = {(variant.colour_id, variant.size_id): variant for variant in Variant.objects.filter(product=product)}
    wanted = [(colour, size) for colour in colours for size in sizes]
    missing = [cell for cell in wanted if (cell[0].pk, cell[1].pk) not in cells]
    for variant in _create(product, missing):
        cells[variant.colour_id, variant.size_id] = variant
    _follow_grid(product, colours, sizes[0].run_id)
    shown = [(colour.pk, size.pk) for colour, size in wanted]
    return _switch(cells, shown)


@by_actor
@transaction.atomic
def update_variant(*, variant: Variant, actor: Any, **fields: Any) -> Variant:
    """Changes `sku`, `barcode` (blank: an internal one) or `is_active`.

    Raises DomainError `last_variant` where a product on sale would be left with nothing to sell.
    """
    if fields.get("is_active") is False:
        _check_retirable(variant)
    assign(variant, frozenset({"sku", "barcode", "is_active"}), fields)
    variant.barcode = variant.barcode.strip()
    if not variant.barcode:
        number_variants(variant.brand, [variant])
    save_clean(variant, {*fields, "barcode"})
    return variant


def _check_retirable(variant: Variant) -> None:
    """Two people who each retire one of the last two variants wait for each other here."""
    product = Product.objects.select_for_update(no_key=True).get(pk=variant.product_id)
    for_sale = Variant.objects.filter(product=product, is_active=True).order_by().values_list("pk", flat=True)
    if product.status == Product.Status.ACTIVE and list(for_sale[:2]) == [variant.pk]:
        message = _("This is the last variant for sale of a product on sale. Archive the product instead.")
        raise refuse("last_variant", message, "is_active", status=409)


def _unique(rows: Iterable[Any]) -> list[Any]:
    return list({row.pk: row for row in rows}.values())


def _check_grid(product: Product, colours: list[Colour], sizes: list[Size]) -> None:
    if not colours:
        raise refuse("no_colours", _("Choose at least one colour."), "colours")
    if not sizes:
        raise refuse("no_sizes", _("Choose at least one size."), "sizes")
    if not all(colour.usable_by(product.brand) for colour in colours):
        raise refuse("other_brand", _("This colour belongs to another brand."), "colours")
    if len({size.run_id for size in sizes}) > 1:
        raise refuse("mixed_size_runs", _("Choose sizes of one size run only."), "sizes")
    if not sizes[0].run.usable_by(product.brand):
        raise refuse("other_brand", _("This size run belongs to another brand."), "sizes")


def _create(product: Product, cells: list[tuple[Colour, Size]]) -> list[Variant]:
    """Two attempts: the second sees a SKU that another product of the brand took in between."""
    for _attempt in range(2):
        skus = free_skus(product, cells)
        variants = [
            Variant(brand=product.brand, product=product, colour=colour, size=size, sku=sku)
            for (colour, size), sku in zip(cells, skus, strict=True)
        ]
        try:
            with transaction.atomic():
                Variant.objects.bulk_create(variants)
                number_variants(product.brand, variants)
                Variant.objects.bulk_update(variants, ["barcode"])
                record_created(variants)
            return variants
        except IntegrityError:
            continue
    raise conflict()


def free_skus(product: Product, cells: Sequence[tuple[Colour, Size]], *, besides: Iterable[str] = ()) -> list[str]:
    """SKUs by the brand's scheme; where one is taken, the style number or -2, -3, ... is put after it.

    `besides` are SKUs that are taken although no saved variant has them yet.
    """
    brand = Variant.objects.of(product.brand)
    found: dict[int, str] = {}
    for scheme in _schemes(product.brand.sku_scheme):
        tried = {
            n: make_sku(scheme, style=product.style_number, colour=colour.code, size=size.code)
            for n, (colour, size) in enumerate(cells)
            if n not in found
        }
        if not all(0 < len(sku) <= SKU_LENGTH for sku in tried.values()):
            message = _("The SKUs would be blank or too long. Shorten the style number or the brand's SKU scheme.")
            raise refuse("sku_unusable", message, "style_number")
        taken = set(brand.filter(sku__in=tried.values()).values_list("sku", flat=True)) | set(found.values())
        taken.update(besides)
        for n, sku in tried.items():
            if sku not in taken:
                found[n] = sku
                taken.add(sku)
        if len(found) == len(cells):
            return [found[n] for n in range(len(cells))]
    raise refuse("sku_taken", _("These SKUs are taken. Put {style} into the brand's SKU scheme."), "style_number")


def _schemes(scheme: str) -> Iterator[str]:
    yield scheme
    if "{style}" not in scheme:
        yield f"{scheme}-{{style}}"
    yield from (f"{scheme}-{n}" for n in range(2, 10))


def number_variants(brand: Brand, variants: list[Variant]) -> None:
    """Gives saved variants their in-store EAN-13, made of the primary key; one that somebody typed is stepped over."""
    others = Variant.objects.of(brand).exclude(pk__in=[variant.pk for variant in variants])
    wished = {variant.pk: internal_barcode(variant.pk % BARCODES) for variant in variants}
    taken = set(others.filter(barcode__in=wished.values()).values_list("barcode", flat=True))
    for variant in variants:
        code, number = wished[variant.pk], variant.pk
        while code in taken:
            number += BARCODE_STEP
            code = internal_barcode(number % BARCODES)
            if others.filter(barcode=code).exists():
                taken.add(code)
        variant.barcode = code
        taken.add(code)


def _follow_grid(product: Product, colours: list[Colour], run_id: int) -> None:
    if product.size_run_id != run_id:
        product.size_run_id = run_id
        product.save(update_fields=["size_run", "updated_at"])
    rows = {row.colour_id: row for row in ProductColour.objects.filter(product=product)}
    gone, _each = ProductColour.objects.filter(product=product).exclude(colour__in=colours).delete()
    before = remember(rows.values())
    for position, colour in enumerate(colours):
        rows.setdefault(colour.pk, ProductColour(product=product, colour=colour)).position = position
    new = [row for row in rows.values() if row.pk is None]
    moved = [row for row in rows.values() if row.pk and row.position != before[row.pk]["position"]]
    ProductColour.objects.bulk_create(new)
    record_created(new)
    ProductColour.objects.bulk_update(moved, ["position"])
    record_changed(moved, before)
    if gone or new or moved:
        touch(Product.objects.filter(pk=product.pk))


def _switch(cells: dict[tuple[int, int], Variant], wanted: list[tuple[int, int]]) -> list[Variant]:
    """Puts the wanted cells on sale and retires the others."""
    keep = set(wanted)
    for active in (True, False):
        changed = [v for key, v in cells.items() if (key in keep) is active and v.is_active is not active]
        before = remember(changed)
        for variant in changed:
            variant.is_active = active
        if changed:
            Variant.objects.filter(pk__in=[v.pk for v in changed]).update(is_active=active, updated_at=timezone.now())
            record_changed(changed, before)
    return [cells[key] for key in wanted]
