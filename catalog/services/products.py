"""The life of a product: draft, active, archived."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from catalog.models import Brand, Colour, Product, ProductColour
from catalog.services.saving import assign, save_clean
from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User, touch

DETAILS = frozenset(
    {
        "name_ko",
        "name_en",
        "category",
        "pattern",
        "size_run",
        "season",
        "gender",
        "material",
        "care",
        "price",
        "currency",
    }
)
TRIES = 5


def next_style_number(brand: Brand) -> str:
    """The brand's initials and the next running number: after HA0041 comes HA0042."""
    letters = re.sub(r"[^A-Z]", "", brand.slug.upper())
    prefix = letters[:2] or "ST"
    last = (
        Product.objects.of(brand)
        .filter(style_number__startswith=prefix, style_number__regex=rf"^{prefix}[0-9]{{4,6}}$")
        .order_by(Length("style_number").desc(), "-style_number")
        .values_list("style_number", flat=True)
        .first()
    )
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    return f"{prefix}{number:04d}"


@by_actor
@transaction.atomic
def create_product(*, brand: Brand, actor: User, style_number: str | None = None, **fields: Any) -> Product:
    """A draft. Without a style number it gets the next one, also when two drafts are made at once."""
    product = Product(brand=brand, created_by=actor, currency=brand.currency)
    assign(product, DETAILS, fields)
    if style_number is not None:
        product.style_number = style_number.strip()
        save_clean(product)
        return product
    for attempt in range(1, TRIES + 1):
        product.style_number = next_style_number(brand)
        try:
            save_clean(product)
            break
        except DomainError:
            taken = Product.objects.of(brand).filter(style_number=product.style_number).exists()
            if not taken or attempt == TRIES:
                raise
    return product


@by_actor
@transaction.atomic
def update_product(*, product: Product, actor: User, **fields: Any) -> Product:
    """Changes details; SKUs stay as they are, since they are on labels. An active product stays complete."""
    assign(product, DETAILS | {"style_number"}, fields)
    product.style_number = product.style_number.strip()
    save_clean(product, fields, _gaps(product) if product.status == Product.Status.ACTIVE else ())
    return product


@transaction.atomic
def set_product_colours(*, product: Product, colours: Sequence[tuple[Colour, str]]) -> None:
    """The colours a design comes in, in this order, each with the hex measured from the garment (blank: its usual one).

    A colour that variants for sale have is kept at the end although it is not named.
    """
    chosen = {colour.pk: (colour, measured.lower()) for colour, measured in colours}
    rows = {row.colour_id: row for row in product.product_colours.select_related("colour")}
    sold = set(product.variants.filter(is_active=True).values_list("colour_id", flat=True))
    for colour_id, row in rows.items():
        if colour_id in sold:
            chosen.setdefault(colour_id, (row.colour, row.hex))
    changed, _by_model = ProductColour.objects.filter(product=product).exclude(colour_id__in=chosen).delete()
    for position, (colour_id, (colour, measured)) in enumerate(chosen.items()):
        row = rows.get(colour_id) or ProductColour(product=product, colour=colour)
        if row.pk is None or (row.hex, row.position) != (measured, position):
            row.hex, row.position = measured, position
            save_clean(row)
            changed += 1
    if changed:
        touch(Product.objects.filter(pk=product.pk))


@by_actor
@transaction.atomic
def activate_product(*, product: Product, actor: User) -> Product:
    """Puts a complete product on sale; what is missing is named all at once."""
    # Whoever retires its last variant at this moment waits, or is waited for.
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if product.status != Product.Status.ACTIVE:
        before, product.status = product.status, Product.Status.ACTIVE
        try:
            save_clean(product, ["status"], _gaps(product))
        except DomainError:
            product.status = before
            raise
    return product


@by_actor
@transaction.atomic
def archive_product(*, product: Product, actor: User) -> Product:
    """Takes a product out of the lists; its history stays and it can be activated again."""
    if product.status != Product.Status.ARCHIVED:
        product.status = Product.Status.ARCHIVED
        save_clean(product, ["status"])
    return product


def _gaps(product: Product) -> list[Problem]:
    """What a product on sale needs and this one lacks."""
    gaps = []
    if not (product.name_ko.strip() or product.name_en.strip()):
        gaps.append(Problem("missing_name", _("Give the product a name."), field="name_ko"))
    if not product.category_id:
        gaps.append(Problem("missing_category", _("Choose a category."), field="category"))
    if not product.variants.filter(is_active=True).exists():
        gaps.append(Problem("missing_variants", _("Choose at least one colour and one size."), field="variants"))
    return gaps
