"""Finding variants by the codes on their labels, any number at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from erp.inventory.sql.tables import TEXT, among, fetch_all


def find_codes(brand_id: int, column: Literal["sku", "barcode"], codes: Collection[str]) -> dict[str, int]:
    """The ids of the brand's variants that have one of these codes, by code."""
    if not codes:
        return {}
    wanted, params = among(codes, TEXT)
    sql = f"SELECT {column}, id FROM catalog_variant WHERE brand_id = %s AND {column} {wanted}"  # noqa: S608
    return dict(fetch_all(sql, [brand_id, *params]))
