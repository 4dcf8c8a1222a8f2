"""A worker's share of one import in a process of its own, to be killed:  python -m tests.exchange.worker JOB_ID SLOW

After every chunk it says so on standard output; SLOW seconds pass inside of each chunk's transaction, before it ends.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import django


def main(job_id: str, slow: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from erp.exchange.services import running

    apply_rows, step = running._apply_rows, running._step

    def slowly(*args: Any) -> Any:
        errors = apply_rows(*args)
        print("written", flush=True)
        time.sleep(float(slow))
        return errors

    def told(*args: Any) -> bool:
        more = step(*args)
        print("done", flush=True)
        return more

    running._apply_rows = slowly  # type: ignore[assignment]
    running._step = told  # type: ignore[assignment]
    running.run_import(job_id=int(job_id), seconds=600)


if __name__ == "__main__":
    main(*sys.argv[1:])
