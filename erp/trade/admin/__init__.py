"""Trade in the admin, a module per paper."""

from erp.trade.admin import orders, papers, partners, purchases, slips

__all__ = ["orders", "papers", "partners", "purchases", "slips"]
