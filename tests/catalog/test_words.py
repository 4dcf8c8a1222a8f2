"""Single values: schemes, barcodes, colours, and what people are told about photos."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from catalog.photos import photo_message
from catalog.skus import internal_barcode, make_sku, validate_scheme
from catalog.validators import ean13_check_digit, validate_barcode, validate_hex
from erp.core.photos import CODES, PhotoError, decode_photo
from tests import photos


@pytest.mark.parametrize("barcode", ["4006381333931", "8801234567893", "2000000000428", "ABC-1", "123", "12345678"])
def test_barcodes_that_are_taken(barcode) -> None:
    validate_barcode(barcode)


@pytest.mark.parametrize("barcode", ["4006381333932", "12", "a b", "바코드", "x" * 49, "123\n"])
def test_barcodes_that_are_not(barcode) -> None:
    with pytest.raises(ValidationError):
        validate_barcode(barcode)


@given(st.integers(0, 10**10 - 1))
def test_internal_barcodes_check_out_and_differ(number: int) -> None:
    barcode = internal_barcode(number)
    assert len(barcode) == 13
    validate_barcode(barcode)
    assert internal_barcode((number + 1) % 10**10) != barcode


@given(st.integers(0, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: int, place: int, by: int) -> None:
    twelve = f"{number:012d}"
    code = f"{twelve}{ean13_check_digit(twelve)}"
    wrong = f"{code[:place]}{(int(code[place]) + by) % 10}{code[place + 1 :]}"
    with pytest.raises(ValidationError):
        validate_barcode(wrong)


def test_skus_hold_no_blanks_and_odd_signs() -> None:
    assert make_sku("{style}-{colour}-{size}", style="jb 001/a", colour="bk", size="Free") == "JB-001-A-BK-FREE"
    assert make_sku("{colour}{size}", style="x", colour="NV", size="<b>") == "NV-B"
    assert make_sku("상점-{colour}-{size}", style="x", colour="NV", size="M") == "상점-NV-M"
    assert make_sku("\u1109\u1161\u11bc-{colour}-{size}", style="x", colour="NV", size="M") == "상-NV-M"


@pytest.mark.parametrize("scheme", ["{colour}-{size}", "{style}_{size}.{colour}", "JB{style}{colour}{size}"])
def test_schemes_that_work(scheme) -> None:
    validate_scheme(scheme)


@pytest.mark.parametrize("value", ["#1E2744", "1e2744", "#1e274", "red", "#1e2744;", "#1e2744\n"])
def test_colours_that_are_none(value) -> None:
    with pytest.raises(ValidationError):
        validate_hex(value)


HOSTILE = {
    "empty": b"",
    "not_an_image": photos.HTML,
    "truncated": photos.jpeg((400, 300))[:1500],
    "file_too_large": bytes(21 * 1024 * 1024),
    "too_many_pixels": photos.bomb_png(),
    "too_small": photos.jpeg((20, 20)),
    "animated": photos.animation("GIF"),
    "unsupported_format": b"%PDF-1.7",
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_refused_photo_is_explained(code, language) -> None:
    with pytest.raises(PhotoError) as refusal:
        decode_photo(HOSTILE[code])
    assert refusal.value.code == code
    with translation.override(language):
        message = photo_message(refusal.value)
    assert "%(" not in message
    assert len(message) > 15
    if language == "en":
        assert message.endswith(".")
