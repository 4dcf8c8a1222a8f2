"""Labels for pieces: checked, drawn, and how the brand likes them remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Brand, Variant
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.core.templatetags.jangbu import money
from erp.labels.drawing.codes import codes_for
from erp.labels.drawing.layout import Label, LabelText, lay_out
from erp.labels.drawing.sheets import pages_of, pdf_of, picture_of
from erp.labels.models import CodeKind, LabelSettings
from erp.labels.templates import Template, templates

MOST_LABELS = 5_000


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """How labels look. `start` is the first free place of the first sheet, counted along the rows from 1."""

    template: Template
    code: str = CodeKind.EAN13
    language: str = User.Language.KOREAN
    with_price: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Preview:
    """The first page as a PNG, and how much there is in all."""

    picture: bytes
    labels: int
    pages: int


def make_labels(*, brand: Brand, quantities: Mapping[int, int], options: LabelOptions) -> bytes:
    """A PDF with so many labels of each variant (by id), in the order given.

    Raises DomainError: `no_labels`, `too_many_labels`, `wrong_start`, `unknown_variant`.
    """
    counted = _checked(brand, quantities, options)
    labels = [(_label(brand, variant, options), count) for variant, count in counted]
    title = _("Labels of %(brand)s") % {"brand": brand.name}
    return pdf_of(options.template, labels, start=options.start, title=title)


def preview_labels(*, brand: Brand, quantities: Mapping[int, int], options: LabelOptions) -> Preview:
    """What `make_labels` would print, without drawing more than its first page. Raises the same."""
    counted = _checked(brand, quantities, options)
    total, room, shown = sum(count for _variant, count in counted), options.template.per_page, []
    for variant, count in counted:
        if room <= 0:
            break
        shown.append((_label(brand, variant, options), count))
        room -= count
    picture = picture_of(options.template, shown, start=options.start)
    return Preview(picture, total, pages_of(options.template, total, start=options.start))


@transaction.atomic
def remember_options(*, brand: Brand, options: LabelOptions) -> LabelSettings:
    """The next labels of the brand begin with these choices. Where a sheet begins is a matter of that sheet alone."""
    chosen: dict[str, Any] = {
        "template": options.template.slug,
        "code": options.code,
        "language": options.language,
        "with_price": options.with_price,
    }
    return LabelSettings.objects.update_or_create(brand=brand, defaults=chosen)[0]


def remembered_options(brand: Brand) -> LabelOptions:
    """What the brand chose last; a sheet that is no longer offered gives way to the first one."""
    found = LabelSettings.objects.of(brand).first()
    first = next(iter(templates().values()))
    if found is None:
        return LabelOptions(first)
    return LabelOptions(templates().get(found.template, first), found.code, found.language, found.with_price)


def too_many_labels(total: int) -> DomainError:
    words = ngettext(
        "This would be %(n)s label; at most %(most)s are printed at once. Print it in parts.",
        "These would be %(n)s labels; at most %(most)s are printed at once. Print them in parts.",
        total,
    )
    sizes = {"n": number_format(total, force_grouping=True), "most": number_format(MOST_LABELS, force_grouping=True)}
    return DomainError("too_many_labels", words % sizes)


def _checked(brand: Brand, quantities: Mapping[int, int], options: LabelOptions) -> list[tuple[Variant, int]]:
    """The variants with their numbers, in the order given."""
    wanted = {pk: count for pk, count in quantities.items() if count > 0}
    if not wanted:
        raise DomainError("no_labels", _("Type how many labels you need in at least one cell."))
    if (total := sum(wanted.values())) > MOST_LABELS:
        raise too_many_labels(total)
    if not 1 <= options.start <= options.template.per_page:
        message = _("This sheet has %(n)s labels. Begin at one of these.") % {"n": options.template.per_page}
        raise DomainError("wrong_start", message, [Problem("wrong_start", message, field="start")])
    variants = _variants(brand, wanted)
    if missing := [(line, pk) for line, pk in enumerate(wanted, start=1) if pk not in variants]:
        raise _unknown(missing)
    return [(variants[pk], count) for pk, count in wanted.items()]


def _variants(brand: Brand, wanted: Iterable[int]) -> dict[int, Variant]:
    variants = Variant.objects.of(brand).select_related("product", "colour", "size")
    return variants.in_bulk(list(wanted))


def _unknown(missing: Iterable[tuple[int, int]]) -> DomainError:
    message = _("Variant %(id)s does not exist in this brand.")
    problems = [Problem("unknown_variant", message % {"id": pk}, "variant", line) for line, pk in missing]
    return DomainError("unknown_variant", _("Some of the variants are not of this brand."), problems)


def _label(brand: Brand, variant: Variant, options: LabelOptions) -> Label:
    """One variant in the labels' own language, whatever the page speaks."""
    product = variant.product
    with translation.override(options.language):
        text = LabelText(
            brand=brand.name,
            name=product.name or product.style_number,
            style=product.style_number,
            colour=variant.colour.name,
            size=variant.size.code,
            sku=variant.sku,
            price=money(product.price, product.currency) if options.with_price else "",
        )
    return lay_out(options.template, text, codes_for(options.code, sku=variant.sku, barcode=variant.barcode))
