"""Checks of single values, with messages that say how to mend them."""

import re
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Use a name like Asia/Seoul."), "time_zone", {"name": name})


def validate_hex(value: str) -> None:
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise ValidationError(_("Write the colour as # and six hexadecimal digits, like #1e2744."), "hex")


def validate_barcode(value: str) -> None:
    """An EAN-13 with a true check digit (GS1 General Specifications, 7.9), or any other code without blanks."""
    if not re.fullmatch(r"[A-Za-z0-9._\-]{3,48}", value):
        raise ValidationError(_("A barcode has 3 to 48 letters and digits, no blanks."), "barcode")
    if re.fullmatch(r"\d{13}", value) and int(value[-1]) != ean13_check_digit(value[:12]):
        raise ValidationError(
            _("The last digit of this EAN-13 should be %(digit)s. Scan it again or check for a typing error."),
            "ean13_check_digit",
            {"digit": ean13_check_digit(value[:12])},
        )


def ean13_check_digit(twelve: str) -> int:
    """The 13th digit: weights 1 and 3 in turn, up to the next multiple of ten."""
    total = sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(twelve))
    return -total % 10
