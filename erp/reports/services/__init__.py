"""Every write of the reports: their sums, and the rules of reordering."""

from erp.reports.services.rollups import rebuild, roll_up
from erp.reports.services.rules import remove_rule, set_rule

__all__ = ["rebuild", "remove_rule", "roll_up", "set_rule"]
