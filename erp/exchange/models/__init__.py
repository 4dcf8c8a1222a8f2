"""Imports: what was uploaded, how its columns were understood, and what became of every row."""

from erp.exchange.models.imports import ImportJob, ImportMapping, ImportRow

__all__ = ["ImportJob", "ImportMapping", "ImportRow"]
