"""A real worker for tests, as `manage.py qcluster` starts it, but with a fake predictor.

    python -m tests.vision.worker MEDIA_ROOT [HANG_FILE]

With HANG_FILE the first photo that is looked at makes that file and hangs; the next ones are answered at once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django


def main(media_root: str, hang_file: str = "") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests.vision.fakes import FakePredictor
    from vision import inference

    class Hanging(FakePredictor):
        def predict(self, images: Sequence[Any]) -> Any:
            warming_up = images[0].size == (64, 64)
            if hang_file and not warming_up and not Path(hang_file).exists():
                Path(hang_file).touch()
                time.sleep(60)
            return super().predict(images)

    settings.MEDIA_ROOT = media_root
    inference.get_predictor = Hanging  # type: ignore[assignment]
    call_command("qcluster")


if __name__ == "__main__":
    main(*sys.argv[1:])
