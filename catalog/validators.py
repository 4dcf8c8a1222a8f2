"""Checks of single values, with messages that say how to mend them."""

import re
from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def time_zones() -> set[str]:
    """All names of time zones: to find them, Python opens every file of its table, 600 of them."""
    return available_timezones()


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
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


def is_gtin(code: str) -> bool:
    """A GTIN of 8, 12, 13 or 14 digits with a true check digit that names one article everywhere (GS1, 7.9).

    Codes that begin with 2 (02 and 20 to 29 of an EAN-13, 4 of a UPC) are for use within a shop and name nothing
    outside it.
    """
    if not re.fullmatch(r"\d{8}|\d{12,14}", code):
        return False
    full = code.zfill(14)
    total = sum(int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(full[:13]))
    within = full[1] == "2" or full[1:3] in {"02", "04"} or (len(code) == 8 and code[0] in "02")
    return -total % 10 == int(full[13]) and not within
