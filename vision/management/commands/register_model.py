"""`python manage.py register_model FOLDER`: a trained model becomes one that can be activated."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erp.core.errors import DomainError
from vision.services import activate_model, register_model


class Command(BaseCommand):
    help = "Checks a folder of weights by loading it, and adds it to the models that can be activated in the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="With card.json and its files; every worker must be able to read it."
        )
        parser.add_argument("--activate", action="store_true", help="Also let it answer from now on.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = register_model(folder=options["folder"])
            if options["activate"]:
                activate_model(version=version, actor=None)
        except DomainError as refusal:
            raise CommandError("\n".join([str(refusal), *(str(p.message) for p in refusal.problems)])) from refusal
        self.stdout.write(f"{version.name}: {'active' if version.is_active else 'registered'}")
