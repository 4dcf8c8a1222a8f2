"""Imports of files, row by row, and the archives of brands."""

from erp.exchange.models.archives import Archive
from erp.exchange.models.imports import ImportJob, ImportMapping, ImportRow

__all__ = ["Archive", "ImportJob", "ImportMapping", "ImportRow"]
