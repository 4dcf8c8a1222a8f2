"""`manage.py import_archive FILE`: a brand's archive into an empty installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.core.errors import DomainError
from erp.exchange.services.archives import import_archive


class Command(BaseCommand):
    help = "Reads the archive of a brand into an empty, migrated installation, and proves its books."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", default="", help="a new user who owns the brand here")

    def handle(self, *args: Any, file: Path, owner: str, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with file.open("rb") as archive:
                brand = import_archive(file=archive, owner=owner, progress=self._say)
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(f"{brand.name} ({brand.slug}) is here, and its books agree.")
        self.stdout.write("Give each person a password: manage.py changepassword NAME")

    def _say(self, label: str, rows: int) -> None:
        if rows:
            self.stdout.write(f"  {label}: {rows:,}")
