"""`manage.py demo`: two brands to look around in, with papers of every kind, and who can log in to them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalog.models import Membership
from erp.demo.story import tell_papers
from erp.inventory.demo import Account, make_demo


class Command(BaseCommand):
    help = "Creates the demonstration brands: people, products, stock, papers. Run again, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anyway", action="store_true", help="Also where HTTPS is on: the passwords are well known."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HTTPS and not options["anyway"]:
            raise CommandError(
                "HTTPS is on, so others reach this installation, and the demo's passwords are well known."
            )
        rows = [(_("User name"), _("Password"), _("What they do")), *map(describe, make_demo(tell_papers))]
        first, second = (max(len(row[n]) for row in rows) + 2 for n in (0, 1))
        self.stdout.write("")
        for row in rows:
            self.stdout.write(f"  {row[0]:<{first}}{row[1]:<{second}}{row[2]}")
        self.stdout.write("")


def describe(account: Account) -> tuple[str, str, str]:
    places = [
        f"{membership.get_role_display()}, {membership.brand.name}"
        for membership in Membership.objects.filter(user=account.user).select_related("brand")
    ]
    if account.user.is_auditor:
        places.append(_("Platform auditor, reads every brand"))
    return account.user.username, account.password or _("(changed)"), " · ".join(places)
