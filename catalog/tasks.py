"""Jobs of the catalog."""

from catalog.services.retention import forget_old_changes
from catalog.services.sweep import sweep_photo_files
from catalog.sync import forget_deleted
from erp.core.jobs import nightly


@nightly("Remove files of photos that were never saved", hour=4)
def sweep_photos() -> int:
    return sweep_photo_files()


@nightly("Forget changes that are older than they are kept", hour=4)
def forget_changes() -> int:
    return forget_old_changes()


@nightly("Forget what was deleted long ago", hour=4)
def forget_tombstones() -> int:
    return forget_deleted()
