"""`python manage.py export_training_set FOLDER`: what people answered becomes a training set for the next model."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.models import Brand
from erp.core.errors import DomainError
from vision.services import export_training_set
from vision.services.training import Exported

EVERY = 500


class Command(BaseCommand):
    help = (
        "Writes photos (decoded and written anew, at most 512 pixels) and the last word of people on each to FOLDER. "
        "A fifth of the products is marked as frozen: never trained on. Brands that said no are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="A new folder, or an earlier training set to replace.")
        parser.add_argument("--since", help="Only answers given on or after this day, such as 2026-11-01.")
        parser.add_argument("--brand", help="Only photos of this brand (its address, such as haru).")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = export_training_set(
                folder=options["folder"],
                since=self._day(options["since"]),
                brand=self._brand(options["brand"]),
                progress=self._report,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write(summary(done))

    def _report(self, photos: int) -> None:
        if photos % EVERY == 0:
            self.stderr.write(f"{photos} photos ...")

    def _day(self, text: str | None) -> datetime | None:
        if not text:
            return None
        try:
            return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d"))
        except ValueError as error:
            raise CommandError(f"{text} is no day. Write it as 2026-11-01.") from error

    def _brand(self, slug: str | None) -> Brand | None:
        if not slug:
            return None
        try:
            return Brand.objects.get(slug=slug)
        except Brand.DoesNotExist as error:
            raise CommandError(f"There is no brand {slug}. Its address stands in its pages: /b/<address>/.") from error


def summary(done: Exported) -> str:
    left_out = {
        "whose file is gone": done.missing,
        "whose file is damaged": done.damaged,
        "that another product shows too": done.duplicates,
        "of no garment or of several": done.not_single,
        "with labels that the models do not know": done.nameless,
    }
    lines = [f"{done.folder}: {done.photos} photos, {done.frozen} of them frozen for judging."]
    lines += [f"Left out: {count} {words}." for words, count in left_out.items() if count]
    return "\n".join(lines)
