"""A file's rows put into chunks: all rows of one product lie in the same one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from catalog.models import Brand, Variant
from catalog.skus import normal_sku
from erp.exchange.models import ImportRow
from erp.exchange.products.text import plain, restored

CHUNK = 500
AT_ONCE = 1_000


def plan_rows(brand: Brand, columns: Mapping[str, int], rows: Sequence[tuple[int, list[str]]]) -> Iterator[ImportRow]:
    """An unsaved ImportRow for each row, with its chunk. Codes that several products claim are errors already."""

    def text(cells: list[str], name: str) -> str:
        return plain(restored(cells[columns[name]])) if name in columns else ""

    codes = {name: [_code(name, text(cells, name)) for _number, cells in rows] for name in ("sku", "barcode")}
    styles = [text(cells, "style_number") for _number, cells in rows]
    owners = {name: _styles_of(brand, name, (c for c, s in zip(codes[name], styles, strict=True) if c and not s))
              for name in codes}  # fmt: skip
    keys = [
        style or owners["sku"].get(sku) or owners["barcode"].get(barcode) or f"\0{sku or barcode or place}"
        for place, (style, sku, barcode) in enumerate(zip(styles, codes["sku"], codes["barcode"], strict=True))
    ]
    errors = _claimed_twice(keys, codes, [number for number, _cells in rows])
    chunks = _chunks(keys)
    for (number, cells), key in zip(rows, keys, strict=True):
        yield ImportRow(number=number, cells=cells, chunk=chunks[key], errors=errors.get(number, []))


def _code(name: str, text: str) -> str:
    return normal_sku(text) if name == "sku" else text


def _styles_of(brand: Brand, name: str, codes: Iterable[str]) -> dict[str, str]:
    """The style numbers of the variants that rows name by a code alone."""
    found: dict[str, str] = {}
    wanted = list(dict.fromkeys(codes))
    for start in range(0, len(wanted), AT_ONCE):
        rows = Variant.objects.of(brand).filter(**{f"{name}__in": wanted[start : start + AT_ONCE]}).order_by()
        found |= {code: plain(style) for code, style in rows.values_list(name, "product__style_number")}
    return found


def _claimed_twice(
    keys: Sequence[str], codes: Mapping[str, Sequence[str]], numbers: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """Errors by row number, for codes that rows of different products have."""
    errors: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for name, column in codes.items():
        firsts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for key, code, number in zip(keys, column, numbers, strict=True):
            if code:
                firsts[code].setdefault(key, number)
        for key, code, number in zip(keys, column, numbers, strict=True):
            if code and len(firsts[code]) > 1:
                other = next(first for owner, first in firsts[code].items() if owner != key)
                errors[number].append({"field": name, "code": "code_twice", "params": {"row": other}})
    return errors


def _chunks(keys: Sequence[str]) -> dict[str, int]:
    """The chunk of each product: filled up in the order of the file, never beyond CHUNK rows by a further product."""
    sizes: dict[str, int] = {}
    for key in keys:
        sizes[key] = sizes.get(key, 0) + 1
    chunks: dict[str, int] = {}
    chunk = filled = 0
    for key, size in sizes.items():
        if filled and filled + size > CHUNK:
            chunk, filled = chunk + 1, 0
        chunks[key] = chunk
        filled += size
    return chunks
