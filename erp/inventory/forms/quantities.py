"""Reads what was typed in one cell of a grid."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from erp.inventory.services import MAX_QUANTITY

GROUPED = re.compile(r"\d{1,3}(,\d{3})+")


def read_quantity(text: str) -> int | None:
    """The whole number in `text`, None for a blank cell. Full-width digits and 1,000 are read as people mean them.

    Raises ValidationError that says how to mend it: codes negative, fraction, not_a_number, too_large.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if re.fullmatch(r"[-−]\s*\d+", plain):
        raise ValidationError(_("Type the number without a minus sign."), "negative")
    if re.fullmatch(r"\d+[.,]\d+", plain):
        raise ValidationError(_("Pieces are counted in whole numbers."), "fraction")
    if not re.fullmatch(r"[0-9]+", plain):
        raise ValidationError(_("This is no number. Type digits, such as 12."), "not_a_number")
    if len(plain.lstrip("0")) > len(str(MAX_QUANTITY)) or int(plain) > MAX_QUANTITY:
        limit = number_format(MAX_QUANTITY, force_grouping=True)
        raise ValidationError(_("At most %(limit)s pieces fit in one cell."), "too_large", {"limit": limit})
    return int(plain)
