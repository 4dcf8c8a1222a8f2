"""`manage.py verify_rollups [--brand SLUG] [--rebuild]`: exit status 1 when the sums of the reports are wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Brand
from erp.reports.models import DailyFlow
from erp.reports.services import rebuild, roll_up
from erp.reports.verify import verify_rollups


class Command(BaseCommand):
    help = "Computes the sums that reports are read from again and names each difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")
        parser.add_argument("--rebuild", action="store_true", help="throw the sums away first, and make them anew")

    def handle(self, *args: Any, brand: str | None = None, rebuild: bool = False, **options: Any) -> None:
        brands = Brand.objects.filter(slug=brand) if brand else Brand.objects.order_by("pk")
        if brand and not brands:
            raise CommandError(f"There is no brand with the address “{brand}”.")
        if rebuild:
            for one in brands:
                _anew(one)
        differences = [difference for one in brands for difference in verify_rollups(one)]
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"{len(differences)} differences. --rebuild makes the sums anew.")
        kept = DailyFlow.objects.filter(brand__in=brands).count()
        self.stdout.write(self.style.SUCCESS(f"The sums of the reports are true: {kept:,} verified."))


def _anew(brand: Brand) -> None:
    rebuild(brand=brand)
    roll_up(brand=brand)
