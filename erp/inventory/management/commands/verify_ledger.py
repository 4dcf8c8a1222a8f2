"""`manage.py verify_ledger [--brand SLUG]`: exit status 1 when the books disagree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Brand
from erp.inventory.models import StockMovement
from erp.inventory.verify import verify_ledger


class Command(BaseCommand):
    help = "Computes every balance again from the movements and names each difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")

    def handle(self, *args: Any, brand: str | None = None, **options: Any) -> None:
        chosen = self._brand(brand)
        differences = verify_ledger(chosen)
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"{len(differences)} differences.")
        movements = StockMovement.objects.of(chosen) if chosen else StockMovement.objects.all()
        self.stdout.write(self.style.SUCCESS(f"The ledger is clean: {movements.count():,} movements verified."))

    def _brand(self, slug: str | None) -> Brand | None:
        found = Brand.objects.filter(slug=slug).first() if slug else None
        if slug and not found:
            raise CommandError(f"There is no brand with the address “{slug}”.")
        return found
