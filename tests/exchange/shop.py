"""A brand that imports tables: files made of rows, and an import driven to its end without a worker."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook

from erp.core.models import User
from erp.exchange import services
from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.services.running import run_import
from erp.inventory.models import Balance
from tests.api.shop import Shop

HEADINGS = ("품번", "상품명", "카테고리", "판매가", "색상", "사이즈", "SKU", "수량")


def csv_file(rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
    text = StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def xlsx_file(rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    book = Workbook()
    for row in [headings, *rows]:
        book.active.append(list(row))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def grid(products: int, each: int = 10) -> list[list[Any]]:
    """Rows of new shirts, each in up to five colours and up to seven sizes."""
    colours, sizes = ("블랙", "화이트", "네이비", "그레이", "베이지"), ("XS", "S", "M", "L", "XL", "2XL", "3XL")
    return [
        [f"IM{n:04}", f"셔츠 {n}", "셔츠", 12000 + n, colours[v // len(sizes)], sizes[v % len(sizes)], "", v]
        for n in range(products)
        for v in range(each)
    ]


def uploaded(shop: Shop, data: bytes, name: str = "상품.csv", actor: User | None = None) -> ImportJob:
    return services.create_import(brand=shop.brand, actor=actor or shop.staff, data=data, filename=name)


def checked(shop: Shop, data: bytes, columns: Mapping[str, int] | None = None, name: str = "상품.csv") -> ImportJob:
    """The file uploaded and dry run."""
    job = uploaded(shop, data, name)
    chosen = job.columns if columns is None else columns
    services.check_import(job=job, actor=shop.staff, columns=chosen, location=shop.main)
    run_import(job_id=job.pk, seconds=600)
    job.refresh_from_db()
    return job


def applied(shop: Shop, job: ImportJob, *, only_good: bool = False) -> ImportJob:
    services.apply_import(job=job, actor=shop.staff, only_good=only_good)
    run_import(job_id=job.pk, seconds=600)
    job.refresh_from_db()
    return job


def imported(shop: Shop, data: bytes, name: str = "상품.csv") -> ImportJob:
    return applied(shop, checked(shop, data, name=name))


def hidden_import(shop: Shop, mark: str) -> ImportJob:
    """A checked import whose every text holds the mark."""
    rows = [[mark, mark, "셔츠", 1, "블랙", "M", "", ""], [f"{mark}2", mark, mark, "x", "블랙", "M", "", ""]]
    return checked(shop, csv_file(rows), name=f"{mark}.csv")


def rows_of(job: ImportJob) -> list[ImportRow]:
    return list(job.rows.order_by("number"))


def errors_of(job: ImportJob) -> list[tuple[int, str | None, str]]:
    """(row, column, code) of every error."""
    return [(row.number, error["field"], error["code"]) for row in rows_of(job) for error in row.errors]


def on_hand(shop: Shop, sku: str, place: Any = None) -> int | None:
    held = Balance.objects.filter(variant__sku=sku, variant__brand=shop.brand, location=place or shop.main)
    return held.values_list("on_hand", flat=True).first()
