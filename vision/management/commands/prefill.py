"""`python manage.py prefill PHOTO...`: what photos show, without a browser."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.photos import photo_message
from erp.core.photos import PhotoError
from vision import inference, registry
from vision.prefill import BATCH, CannotWrite, CutOuts, Seen, look_at
from vision.table import Table

if TYPE_CHECKING:
    from vision.inference import Predictor

HELP = (
    "Names category, pattern and colours of the garments in photos. Exit status: 0 when at least one photo could be "
    "looked at, 1 when none could, 2 when nothing could be started (no model, no folder for the cut-outs)."
)
PROGRESS_SECONDS = 0.2


class Command(BaseCommand):
    help = HELP
    # The command needs no migrated database, and its users no second of waiting.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("photos", nargs="+", metavar="PHOTO", help="Photo files: JPEG, PNG, WebP, HEIC and others.")
        parser.add_argument("--json", action="store_true", help="One JSON object a line instead of a table.")
        parser.add_argument("--cutouts", metavar="DIR", type=Path, help="Also write each garment cut out, as PNG.")
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, help="Of the table and the messages.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with translation.override(options["language"] or users_language()):
                named = self._run(options)
        except BrokenPipeError:
            # Whoever read the output, such as `head`, has enough. Python would complain once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(141) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        if not named:
            raise SystemExit(1)

    def _run(self, options: dict[str, Any]) -> int:
        photos: list[str] = options["photos"]
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        predictor = _predictor()
        show = _json_line if options["json"] else Table(photos).lines
        progress = Progress(self.stderr, len(photos)) if options["verbosity"] else None
        named = 0
        try:
            cut_outs = CutOuts(options["cutouts"], photos) if options["cutouts"] else None
            for seen in look_at(photos, predictor, cut_outs=cut_outs):
                named += seen.error is None
                if progress:
                    progress.clear()
                self.stdout.write(show(seen, message_of(seen.error) if seen.error else ""))
                self.stdout.flush()
                if progress:
                    progress.step()
        except CannotWrite as error:
            raise CommandError(
                _("The cut-outs cannot be written: %(error)s") % {"error": error}, returncode=2
            ) from error
        return named


def _json_line(seen: Seen, message: str) -> str:
    error = {"photo": seen.photo, "error": {"code": seen.error.code, "message": message}} if seen.error else None
    return json.dumps(error or seen.result, ensure_ascii=False)


def _predictor() -> Predictor:
    """The active model when there is a database that names one, else the one that Jangbu ships."""
    try:
        version = registry.active_version() if _has_database() else None
        if version is not None:
            return inference.load_folder(registry.folder_of(version), sha256=version.sha256)
    except (DatabaseError, inference.BadModel) as error:
        if isinstance(error, inference.BadModel):
            sys.stderr.write(f"{error}\n")
    try:
        return inference.load_folder()
    except inference.BadModel as error:
        raise CommandError(str(error), returncode=2) from error


def _has_database() -> bool:
    """Asking a missing SQLite file would make it."""
    return connection.vendor != "sqlite" or Path(str(connection.settings_dict["NAME"])).exists()


def users_language() -> str:
    """The language of the terminal, as far as Jangbu speaks it."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    code = chosen[:2].lower()
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def message_of(error: PhotoError) -> str:
    """What is wrong with a file, in the active language."""
    messages = {
        "not_found": _("There is no such file. Check the path."),
        "is_a_directory": _("This is a folder. Name the photos in it, for example FOLDER/*.jpg."),
        "not_a_file": _("This is no ordinary file."),
        "unreadable": _("This file cannot be read. Check its permissions."),
    }
    return messages.get(error.code) or photo_message(error)


class Progress:
    """A count on the terminal's error stream while many photos are looked at; silent elsewhere."""

    def __init__(self, stream: Any, total: int) -> None:
        self.stream = stream
        self.total = total
        self.done = 0
        self.started = self.shown = time.monotonic()
        self.is_on = total > BATCH and stream.isatty()

    def clear(self) -> None:
        if self.is_on:
            self.stream.write("\r\x1b[K", ending="")

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if not self.is_on or (now - self.shown < PROGRESS_SECONDS and self.done < self.total):
            return
        self.shown = now
        values = {"done": self.done, "total": self.total, "speed": self.done / max(now - self.started, 0.001)}
        self.stream.write(_("%(done)s of %(total)s photos, %(speed).1f a second") % values, ending="")
        self.stream.flush()
