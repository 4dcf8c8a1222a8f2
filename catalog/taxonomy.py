"""The vocabulary that Jangbu ships: `data/taxonomy.json`, loaded by a migration."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import ProtectedError

PATH = Path(__file__).with_name("data") / "taxonomy.json"


@cache
def shipped() -> dict[str, list[dict[str, Any]]]:
    """`size_runs`, `categories`, `patterns` and `colours`, each a list of rows in the order they are shown."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def load_taxonomy(apps: Any) -> None:
    """Creates the platform's rows and mends changed ones; `apps` is Django's registry or that of a migration."""
    data = shipped()
    runs = {}
    for row, run in zip(data["size_runs"], _put(apps, "SizeRun", data["size_runs"], "name_ko", "name_en"), strict=True):
        runs[run.slug] = run
        for position, code in enumerate(row["sizes"]):
            apps.get_model("catalog", "Size").objects.update_or_create(
                run=run, code=code, defaults={"position": position}
            )
    categories = [row | {"size_run": runs[row["size_run"]]} for row in data["categories"]]
    _put(apps, "Category", categories, "name_ko", "name_en", "size_run")
    _put(apps, "Pattern", data["patterns"], "name_ko", "name_en")
    _put(apps, "Colour", data["colours"], "name_ko", "name_en", "code", "hex")


def unload_taxonomy(apps: Any) -> None:
    """Removes the platform's rows that nothing uses; what a product needs stays."""
    data = shipped()
    for model, key in (
        ("Category", "categories"),
        ("Pattern", "patterns"),
        ("Colour", "colours"),
        ("SizeRun", "size_runs"),
    ):
        slugs = [row["slug"] for row in data[key]]
        for row in apps.get_model("catalog", model).objects.filter(slug__in=slugs, **_platform(model)):
            try:
                row.delete()
            except ProtectedError:
                continue


def _put(apps: Any, model: str, rows: list[dict[str, Any]], *fields: str) -> list[Any]:
    manager = apps.get_model("catalog", model).objects
    return [
        manager.update_or_create(
            slug=row["slug"],
            **_platform(model),
            defaults={"position": position} | {name: row[name] for name in fields},
        )[0]
        for position, row in enumerate(rows)
    ]


def _platform(model: str) -> dict[str, None]:
    return {"brand": None} if model in ("Colour", "SizeRun") else {}
