"""SKUs, typed or made from a brand's scheme, and internal barcodes."""

import re
import unicodedata
from string import Formatter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.validators import ean13_check_digit

FIELDS = {"style", "colour", "size"}
# GS1 keeps the prefixes 20-29 for numbers that are used inside one company only.
INTERNAL_PREFIX = "20"
# What label printers, scanners and the marketplaces' tables all take, and Hangul.
SIGNS = r"0-9A-Z가-힣._\-"


def normal_sku(text: str) -> str:
    """The one way a SKU is written: trimmed, in capitals, Hangul composed."""
    return unicodedata.normalize("NFC", text).strip().upper()


def validate_sku(sku: str) -> None:
    if not re.fullmatch(f"[{SIGNS}]+", normal_sku(sku)):
        raise ValidationError(
            _("A SKU is made of Latin letters, Hangul, digits, hyphens, underscores and full stops, no blanks."), "sku"
        )


class SkuField(models.CharField):
    """Stored as `normal_sku` writes it, and looked up so too: an exact lookup finds a SKU in any case, by index."""

    default_validators = [validate_sku]

    def to_python(self, value: Any) -> Any:
        return self._normal(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return self._normal(super().get_prep_value(value))

    def _normal(self, value: Any) -> Any:
        return normal_sku(value) if isinstance(value, str) else value


def validate_scheme(scheme: str) -> None:
    """Only the three plain fields: a format such as `{colour:>999999999}` would fill the memory with blanks."""
    try:
        fields = [field for _text, *field in Formatter().parse(scheme) if field[0] is not None]
    except ValueError as error:
        raise ValidationError(_("A brace is not closed. Example: {style}-{colour}-{size}"), "scheme") from error
    used = {name for name, _spec, _conversion in fields}
    formatted = any(spec or conversion for _name, spec, conversion in fields)
    if formatted or used - FIELDS or not {"colour", "size"} <= used:
        raise ValidationError(_("Use {style}, {colour} and {size}; the colour and the size are needed."), "scheme")


def make_sku(scheme: str, *, style: str, colour: str, size: str) -> str:
    """`{style}-{colour}-{size}` with BK and M makes JB001-BK-M; blanks and odd signs become hyphens."""
    sku = normal_sku(scheme.format(style=style, colour=colour, size=size))
    return re.sub(f"[^{SIGNS}]+", "-", sku).strip("-")


def internal_barcode(number: int) -> str:
    """The in-store EAN-13 of a running number below 10^10."""
    twelve = f"{INTERNAL_PREFIX}{number:010d}"
    return f"{twelve}{ean13_check_digit(twelve)}"
