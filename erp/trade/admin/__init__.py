"""Trade in the admin, a module per paper."""

from erp.trade.admin import slips

__all__ = ["slips"]
