"""What a web process holds for good is no longer looked through."""

from __future__ import annotations

import gc

from erp.core.heap import set_aside


def test_what_is_there_is_set_aside() -> None:
    before = gc.get_freeze_count()
    try:
        set_aside()
        assert gc.get_freeze_count() > before + 10_000
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
