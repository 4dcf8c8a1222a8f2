"""Many products with their variants written together: the bulk counterpart of create, update, set and activate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.audit import record_changed, record_created, remember
from catalog.keys import take_keys
from catalog.models import Brand, Colour, Product, ProductColour, Size, Variant
from catalog.services.products import DETAILS
from catalog.services.saving import assign
from catalog.services.variants import SKU_LENGTH, free_skus, number_variants
from catalog.skus import make_sku
from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User, touch

# Chosen from rows that the brand may use, so that no query each need ask for them.
_CHOSEN = ("brand", "category", "pattern", "size_run", "created_by")


@dataclass(slots=True)
class VariantEntry:
    """One cell of a product's grid. None leaves what is there; a new variant then gets the brand's own SKU or barcode.

    `variant` is set once it is saved; `line` is the number that refusals name.
    """

    line: int
    colour: Colour
    size: Size
    variant: Variant | None = None
    sku: str | None = None
    barcode: str | None = None
    is_active: bool | None = None

    @property
    def sells(self) -> bool:
        if self.is_active is None:
            return self.variant is None or self.variant.is_active
        return self.is_active


@dataclass(slots=True)
class ProductEntry:
    """A product, saved or not yet; the details to change on it; the cells that are added or changed; its status."""

    line: int
    product: Product
    details: dict[str, Any] = field(default_factory=dict)
    variants: list[VariantEntry] = field(default_factory=list)
    status: str | None = None


@by_actor
@transaction.atomic
def save_listings(*, brand: Brand, actor: User, entries: Sequence[ProductEntry]) -> None:
    """Writes all of them or none, in as many statements for a thousand variants as for one.

    Cells that are not named stay as they are. Raises DomainError `listings_refused` with everything that
    `listing_problems` finds. The caller has locked the products that exist, in the order of their keys.
    """
    problems = listing_problems(brand=brand, entries=entries)
    if problems:
        raise DomainError("listings_refused", _("Some of the entries need mending."), problems)
    fresh = [entry for entry in entries if entry.product.pk is None]
    known = [entry for entry in entries if entry.product.pk is not None]
    there = [entry.product for entry in known]
    before = remember(there)
    for entry in entries:
        assign(entry.product, DETAILS | {"status"}, _wanted(entry))
    for entry in fresh:
        entry.product.created_by = actor
    Product.objects.bulk_create([entry.product for entry in fresh])
    record_created(entry.product for entry in fresh)
    _update_products(known)
    record_changed(there, before)
    _add_colours(entries)
    _update_variants(entries)
    _create_variants(brand, entries)


def listing_problems(*, brand: Brand, entries: Sequence[ProductEntry]) -> list[Problem]:
    """Everything for which `save_listings` would refuse these entries, by line. Writes nothing."""
    problems = [problem for entry in entries for problem in _own_problems(brand, entry)]
    return [*problems, *_taken_styles(brand, entries), *_taken_codes(brand, entries)]


def _wanted(entry: ProductEntry) -> dict[str, Any]:
    wanted = dict(entry.details)
    if entry.status:
        wanted["status"] = entry.status
    new = [variant for variant in entry.variants if variant.variant is None]
    if new and entry.product.size_run_id != new[0].size.run_id:
        wanted["size_run"] = new[0].size.run
    return wanted


def _own_problems(brand: Brand, entry: ProductEntry) -> Iterator[Problem]:
    """What is wrong with one product, whatever else there is in the brand."""
    product = entry.product
    before = {name: getattr(product, name) for name in entry.details}
    assign(product, DETAILS, entry.details)
    try:
        product.clean_fields(exclude=_CHOSEN)
        product.clean()
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            for each in errors:
                yield Problem(each.code or "invalid", each.messages[0], name, entry.line)
    finally:
        gaps = _gaps(entry) if _will_be_active(entry) else ()
        assign(product, DETAILS, before)
    for name, message in gaps:
        yield Problem(f"missing_{name}", message, name, entry.line)
    if len({variant.size.run_id for variant in entry.variants if variant.variant is None}) > 1:
        yield Problem("mixed_size_runs", _("Choose sizes of one size run only."), "size", entry.line)
    for variant in entry.variants:
        if not variant.colour.usable_by(brand):
            yield Problem("other_brand", _("This colour belongs to another brand."), "colour", variant.line)
        if not variant.size.run.usable_by(brand):
            yield Problem("other_brand", _("This size run belongs to another brand."), "size", variant.line)


def _will_be_active(entry: ProductEntry) -> bool:
    return (entry.status or entry.product.status) == Product.Status.ACTIVE


def _gaps(entry: ProductEntry) -> list[tuple[str, str]]:
    """What a product on sale needs and this one, with its new details, lacks."""
    product, gaps = entry.product, []
    if not (product.name_ko.strip() or product.name_en.strip()):
        gaps.append(("name", _("Give the product a name.")))
    if not product.category_id:
        gaps.append(("category", _("Choose a category.")))
    if not sells_something(entry):
        gaps.append(("variants", _("This is the last variant for sale of a product on sale. Archive it instead.")))
    return gaps


def sells_something(entry: ProductEntry) -> bool:
    """Whether a variant is for sale once the entry is saved; cells that it does not name are asked for if needed."""
    if any(variant.sells for variant in entry.variants):
        return True
    named = [variant.variant.pk for variant in entry.variants if variant.variant]
    rest = Variant.objects.filter(product=entry.product.pk, is_active=True).exclude(pk__in=named)
    return entry.product.pk is not None and rest.exists()


def _taken_styles(brand: Brand, entries: Sequence[ProductEntry]) -> Iterator[Problem]:
    fresh = [entry for entry in entries if entry.product.pk is None]
    styles = [entry.product.style_number for entry in fresh]
    taken = set(Product.objects.of(brand).filter(style_number__in=styles).values_list("style_number", flat=True))
    for entry in fresh:
        if entry.product.style_number in taken or styles.count(entry.product.style_number) > 1:
            message = _("Another product of this brand already has this style number.")
            yield Problem("style_taken", message, "style_number", entry.line)


def _taken_codes(brand: Brand, entries: Sequence[ProductEntry]) -> Iterator[Problem]:
    """SKUs and barcodes that another variant of the brand has, or another line wants too."""
    lines = [variant for entry in entries for variant in entry.variants]
    messages = {
        "sku": _("Another variant of this brand already has this SKU."),
        "barcode": _("Another variant of this brand already has this barcode."),
    }
    for name, message in messages.items():
        wanted: defaultdict[str, list[VariantEntry]] = defaultdict(list)
        for line in lines:
            code = getattr(line, name)
            if code and (line.variant is None or getattr(line.variant, name) != code):
                wanted[code].append(line)
        owners = Variant.objects.of(brand).filter(**{f"{name}__in": list(wanted)}).order_by().values_list(name, "pk")
        taken = dict(owners)
        for code, those in wanted.items():
            for line in those:
                if len(those) > 1 or taken.get(code, line.variant and line.variant.pk) != (
                    line.variant and line.variant.pk
                ):
                    yield Problem(f"{name}_taken", message, name, line.line)


def _update_products(entries: Iterable[ProductEntry]) -> None:
    changed = [(entry.product, _wanted(entry).keys()) for entry in entries]
    names = sorted({name for _product, wanted in changed for name in wanted})
    products = [product for product, wanted in changed if wanted]
    if products:
        now = timezone.now()
        for product in products:
            product.updated_at = now
        Product.objects.bulk_update(products, [*names, "updated_at"])


def _add_colours(entries: Sequence[ProductEntry]) -> None:
    """New colours come after those that a design has."""
    there: defaultdict[int, dict[int, int]] = defaultdict(dict)
    products = [entry.product.pk for entry in entries if entry.variants]
    rows = ProductColour.objects.filter(product__in=products).values_list("product_id", "colour_id", "position")
    for product_id, colour_id, position in rows:
        there[product_id][colour_id] = position
    new = []
    for entry in entries:
        known = there[entry.product.pk]
        for variant in entry.variants:
            if variant.colour.pk not in known:
                known[variant.colour.pk] = max(known.values(), default=-1) + 1
                position = known[variant.colour.pk]
                new.append(ProductColour(product=entry.product, colour=variant.colour, position=position))
    ProductColour.objects.bulk_create(new)
    record_created(new)
    if new:
        touch(Product.objects.filter(pk__in={row.product_id for row in new}))


def _create_variants(brand: Brand, entries: Sequence[ProductEntry]) -> None:
    new = [(entry, line) for entry in entries for line in entry.variants if line.variant is None]
    _give_skus(brand, [(entry, line) for entry, line in new if not line.sku])
    for entry, line in new:
        line.variant = Variant(
            brand=brand, product=entry.product, colour=line.colour, size=line.size,
            sku=line.sku or "", barcode=line.barcode or "", is_active=line.sells,
        )  # fmt: skip
    variants = [line.variant for _entry, line in new if line.variant]
    for variant, pk in zip(variants, take_keys(Variant, len(variants)), strict=True):
        variant.pk = pk
    number_variants(brand, [variant for variant in variants if not variant.barcode])
    Variant.objects.bulk_create(variants)
    record_created(variants)


def _give_skus(brand: Brand, lines: Sequence[tuple[ProductEntry, VariantEntry]]) -> None:
    """SKUs by the brand's scheme, all at once; products where one is taken are looked at one by one."""
    tried = {
        id(line): make_sku(
            brand.sku_scheme, style=entry.product.style_number, colour=line.colour.code, size=line.size.code
        )
        for entry, line in lines
    }
    taken = set(Variant.objects.of(brand).filter(sku__in=tried.values()).values_list("sku", flat=True))
    for _entry, line in lines:
        sku = tried[id(line)]
        if 0 < len(sku) <= SKU_LENGTH and sku not in taken:
            line.sku = sku
            taken.add(sku)
    left: defaultdict[int, list[VariantEntry]] = defaultdict(list)
    products = {entry.product.pk: entry.product for entry, _line in lines}
    for entry, line in lines:
        if not line.sku:
            left[entry.product.pk].append(line)
    for pk, those in left.items():
        cells = [(line.colour, line.size) for line in those]
        for line, sku in zip(those, free_skus(products[pk], cells, besides=taken), strict=True):
            line.sku = sku
            taken.add(sku)


def _update_variants(entries: Sequence[ProductEntry]) -> None:
    changed = []
    before = remember(line.variant for entry in entries for line in entry.variants if line.variant)
    for entry in entries:
        for line in entry.variants:
            wanted = {"sku": line.sku, "barcode": line.barcode, "is_active": line.is_active}
            given = {name: value for name, value in wanted.items() if value is not None}
            if line.variant and any(getattr(line.variant, name) != value for name, value in given.items()):
                assign(line.variant, frozenset(wanted), given)
                line.variant.updated_at = timezone.now()
                changed.append(line.variant)
    if changed:
        Variant.objects.bulk_update(changed, ["sku", "barcode", "is_active", "updated_at"])
        record_changed(changed, before)
