"""Imports and exports over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erp.exchange.models import ImportJob
from erp.exchange.services.running import run_import
from tests.api.shop import Api, Shop
from tests.exchange.shop import checked, csv_file, grid, on_hand, uploaded

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/imports/"


def send(api: Api, shop: Shop, data: bytes) -> Any:
    body = {"brand": shop.slug, "file": SimpleUploadedFile("products.csv", data)}
    return api.post(ROOT, body, format="multipart")


def test_from_a_file_to_stock(shop: Shop) -> None:
    api = Api(shop.staff)
    sent = send(api, shop, csv_file(grid(1, each=3), encoding="cp949"))
    assert (sent.status_code, sent.json()["state"], sent.json()["encoding"]) == (201, "uploaded", "cp949")
    address, columns = f"{ROOT}{sent.json()['id']}/", sent.json()["columns"]
    answer = api.put(f"{address}columns/", {"columns": columns, "location": "MAIN"})
    assert (answer.status_code, answer.json()["state"]) == (200, "checking")
    run_import(job_id=ImportJob.objects.get().pk)
    job = api.get(address).json()
    assert (job["state"], job["counts"]["create"], job["progress"]) == ("checked", 3, 1.0)
    rows = api.get(f"{address}rows/?fate=create&page_size=2").json()
    assert [row["row"] for row in rows["results"]] == [2, 3] and rows["next"]
    assert {"column": "price", "before": "", "after": "12,000"} in rows["results"][0]["changes"]
    for _time in range(2):
        assert api.post(f"{address}apply/").json()["state"] == "applying"
    run_import(job_id=ImportJob.objects.get().pk)
    assert api.post(f"{address}apply/").json()["state"] == "done"
    assert on_hand(shop, "IM0000-BK-M") == 2


def test_refusals_name_what_to_mend(shop: Shop) -> None:
    api = Api(shop.staff)
    assert send(api, shop, b"%PDF").json()["code"] == "file_pdf"
    rows = grid(1, each=2)
    rows[0][3] = "x"
    job = checked(shop, csv_file(rows))
    address = f"{ROOT}{job.public_id}/"
    [row] = api.get(f"{address}rows/?fate=error").json()["results"]
    assert [(p["field"], p["code"]) for p in row["problems"]] == [("price", "no_number")]
    assert "Write digits only" in row["problems"][0]["message"]
    answer = api.post(f"{address}apply/")
    assert (answer.status_code, answer.json()["code"]) == (409, "rows_have_errors")
    for body, code in (
        ({"columns": {"price": 3}}, "no_identity"),
        ({"columns": {"sku": 99}}, "unknown_heading"),
        ({"columns": {"nonsense": 1}}, None),
        ({"columns": {"sku": 6}, "location": "NOWHERE"}, "unknown_location"),
    ):
        answer = api.put(f"{address}columns/", body)
        assert answer.status_code == 400 and (code is None or answer.json()["code"] == code), answer.json()
    assert api.put(f"{address}reading/", {"encoding": "cp949"}).json()["code"] == "file_encoding"
    assert api.put(f"{address}reading/", {"encoding": "utf-8"}).json()["state"] == "uploaded"
    assert api.post(f"{address}apply/").status_code == 409
    assert api.post(f"{address}cancel/").json()["state"] == "cancelled"


def test_viewers_read_and_change_nothing(shop: Shop) -> None:
    job, api = uploaded(shop, csv_file(grid(1))), Api(shop.viewer)
    address = f"{ROOT}{job.public_id}/"
    assert api.get(address).status_code == 200
    assert send(api, shop, csv_file(grid(1))).status_code == 403
    assert api.put(f"{address}columns/", {"columns": job.columns}).status_code == 403
    for action in ("apply", "cancel"):
        assert api.post(f"{address}{action}/").status_code == 403
    job.refresh_from_db()
    assert (job.state, ImportJob.objects.count()) == ("uploaded", 1)


def test_strangers_find_nothing(shop: Shop, other: Shop) -> None:
    job, api = uploaded(shop, csv_file(grid(1))), Api(other.owner)
    assert api.get(f"{ROOT}{job.public_id}/").status_code == 404
    assert api.get(f"{ROOT}{job.public_id}/rows/").status_code == 404
    assert api.get(ROOT).json()["results"] == []
    assert send(api, shop, csv_file(grid(1))).status_code == 404
    assert api.get(f"/api/v1/brands/{shop.slug}/products.csv").status_code == 404


def test_products_are_taken_as_files(shop: Shop) -> None:
    api = Api(shop.viewer)
    answer = api.get(f"/api/v1/brands/{shop.slug}/products.csv?encoding=cp949")
    text = b"".join(answer.streaming_content).decode("cp949")
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and shop.variants[0].sku in text
    assert b"".join(api.get(f"/api/v1/brands/{shop.slug}/products.xlsx").streaming_content)[:2] == b"PK"
