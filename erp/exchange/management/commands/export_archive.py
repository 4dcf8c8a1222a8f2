"""`manage.py export_archive BRAND FILE`: everything a brand owns, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Brand
from erp.exchange.archive.writing import write_archive


class Command(BaseCommand):
    help = "Writes everything a brand owns into one ZIP file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("brand", help="the slug of the brand")
        parser.add_argument("file", type=Path, help="where to write; an existing file is not overwritten")

    def handle(self, *args: Any, brand: str, file: Path, **options: Any) -> None:
        found = Brand.objects.filter(slug=brand).first()
        if found is None:
            raise CommandError(f"There is no brand {brand}. There are: {', '.join(_slugs()) or 'none'}.")
        if file.exists():
            raise CommandError(f"{file} exists already. Name another file.")
        unfinished = file.with_name(f"{file.name}.part")
        with unfinished.open("w+b") as out:
            manifest = write_archive(found, out)
        unfinished.rename(file)
        self.stdout.write(f"{file}: {sum(manifest['rows'].values()):,} rows, {len(manifest['sha256']):,} parts")
        for lost in manifest["lost_files"]:
            self.stderr.write(f"missing in the storage: {lost}")


def _slugs() -> list[str]:
    return list(Brand.objects.order_by("slug").values_list("slug", flat=True)[:20])
