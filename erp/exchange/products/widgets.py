"""From a cell to a value and back, for the resource. A blank cell is None: it leaves what is there."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from import_export.widgets import Widget

from catalog.measuring import Point, cm, points
from catalog.models import Colour
from catalog.services.measurements import NoMeasure, read_cm
from catalog.skus import normal_sku, validate_sku
from catalog.validators import validate_barcode
from erp.exchange.products.text import folded, neutral, plain, restored
from erp.exchange.products.vocabulary import Vocabulary, choice
from erp.inventory.services import MAX_QUANTITY

# What Excel makes of a long number in a narrow column.
_SHORTENED = re.compile(r"^\d(\.\d+)?E\+\d+$", re.IGNORECASE)
_UNITS = re.compile(r"(?:원|개|장|벌|점|족|pcs|ea|krw|usd|jpy|cny|eur)$", re.IGNORECASE)
_PARTS = re.compile(r"\s*[,;/]\s*(?=[^\d\s])")
_MEASURE = re.compile(r"(.+?)[\s:=]*(\d[\d.,]*(?:\s*cm)?)[,;/\s]*", re.IGNORECASE)
LONGEST_MEASURE = 60
MOST_PRICE = Decimal(10) ** 10


class Refused(ValueError):
    """A cell that cannot be taken: the code of `messages`, and what its words need."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class TextWidget(Widget):
    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        text = plain(restored(value or ""))
        if len(text) > self.longest:
            raise Refused("too_long", most=self.longest, length=len(text))
        return text or None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return neutral(value or "")


class CodeWidget(TextWidget):
    """A SKU: written in the one way that all are."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        text = super().clean(value)
        if text is None:
            return None
        if _SHORTENED.match(text):
            raise Refused("number_shortened", value=text)
        try:
            validate_sku(text)
        except ValidationError as error:
            raise Refused("sku_signs", value=text) from error
        return normal_sku(text)


class BarcodeWidget(TextWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        text = super().clean(value)
        if text is None:
            return None
        if _SHORTENED.match(text):
            raise Refused("number_shortened", value=text)
        try:
            validate_barcode(text)
        except ValidationError as error:
            digit = (error.params or {}).get("digit")
            if digit is not None:
                raise Refused("barcode_digit", value=text, digit=digit) from error
            raise Refused("barcode_signs", value=text) from error
        return text


class NumberWidget(Widget):
    """A number with or without thousands separators, currency and unit. Formulas are text, and no number."""

    def number(self, value: Any) -> Decimal | None:
        text = unicodedata.normalize("NFKC", restored(value or "")).strip()
        if not text:
            return None
        if text.startswith("="):
            raise Refused("formula", value=text[:40])
        bare = _UNITS.sub("", re.sub(r"[\s,₩¥$€]|CN", "", text))
        try:
            number = Decimal(bare)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not re.fullmatch(r"[+-]?\d*\.?\d*", bare):
            raise Refused("no_number", value=text[:40])
        return number


class PriceWidget(NumberWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        price = self.number(value)
        if price is None:
            return None
        if price < 0:
            raise Refused("price_negative")
        if price >= MOST_PRICE:
            raise Refused("price_too_large")
        if price != round(price, 2):
            raise Refused("price_cents")
        return price

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        return format(value.quantize(Decimal(1)) if value == value.to_integral_value() else value, "f")


class QuantityWidget(NumberWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        quantity = self.number(value)
        if quantity is None:
            return None
        if quantity != quantity.to_integral_value():
            raise Refused("stock_fraction", value=format(quantity, "f")[:20])
        if quantity < 0:
            raise Refused("stock_negative")
        if quantity > MAX_QUANTITY:
            raise Refused("stock_too_large", most=MAX_QUANTITY)
        return int(quantity)


class FlagWidget(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        text = plain(restored(value or ""))
        if not text:
            return None
        answer = choice("for_sale", text)
        if answer is None:
            raise Refused("no_answer", value=text[:40])
        return answer == "yes"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else "Y" if value else "N"


class ChoiceWidget(Widget):
    """Season, gender or status."""

    def __init__(self, column: str, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.column = column
        self.vocabulary = vocabulary

    def find(self, text: str) -> str | None:
        return choice(self.column, text)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        text = plain(restored(value or ""))
        if not text:
            return None
        found = self.find(text)
        if found is None:
            raise Refused("unknown_word", column=self.column, value=text[:40])
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return neutral(self.vocabulary.name_of(self.column, value) or "")


class TermWidget(ChoiceWidget):
    """A category or a pattern of the taxonomy."""

    def find(self, text: str) -> str | None:
        return self.vocabulary.term(self.column, text)


class MeasuresWidget(Widget):
    """What was measured of the row's size: 총장 68, 가슴단면 52.5. Points go by any of their names."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dict[str, str] | None:
        text = plain(restored(value or ""))
        found: dict[str, str] = {}
        for part in _PARTS.split(text) if text else ():
            match = _MEASURE.fullmatch(part[:LONGEST_MEASURE])
            point = _points().get(folded(match[1])) if match else None
            if not match or point is None:
                known = ", ".join(point.name for point in points().values())
                raise Refused("unknown_measure", value=part[:40], points=known)
            try:
                centimetres = read_cm(match[2])
            except NoMeasure as error:
                raise Refused(error.code, message=f"{point.name}: {error}") from error
            if centimetres is not None:
                found[point.code] = cm(centimetres)
        return found or None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        named = ((point.name, (value or {}).get(point.code)) for point in points().values())
        return neutral(", ".join(f"{name} {centimetres}" for name, centimetres in named if centimetres))


@cache
def _points() -> dict[str, Point]:
    """By everything that a point is called."""
    names = ((point, (point.code, point.name_ko, point.name_en, point.name_ja)) for point in points().values())
    return {folded(name): point for point, called in names for name in called}


class ColourWidget(Widget):
    """The colours that a word may mean: two of them may share a name."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> tuple[Colour, ...] | None:
        text = plain(restored(value or ""))
        if not text:
            return None
        found = self.vocabulary.colours_called(text)
        if not found:
            raise Refused("unknown_colour", value=text[:40])
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return neutral(value[0].name) if value else ""


class PlaceWidget(Widget):
    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = plain(restored(value or ""))
        if not text:
            return None
        place = self.vocabulary.place(text)
        if place is None:
            raise Refused("unknown_place", value=text[:40], codes=", ".join(p.code for p in self.vocabulary.places[:8]))
        return place

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.code if value else ""
