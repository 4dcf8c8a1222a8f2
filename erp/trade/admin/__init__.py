"""Trade in the admin, a module per paper."""

from erp.trade.admin import partners, purchases, slips

__all__ = ["partners", "purchases", "slips"]
