"""Every write of the reports: their sums, and the rules of reordering."""

from erp.reports.services.rollups import rebuild, roll_up

__all__ = ["rebuild", "roll_up"]
