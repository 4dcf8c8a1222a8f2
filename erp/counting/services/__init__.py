"""Every write to a count."""

from erp.counting.services.deciding import carry_lines, recount_lines, zero_uncounted
from erp.counting.services.entries import MAX_ENTRIES, Added, Entry, add_entries, undo_entry
from erp.counting.services.posting import post_count
from erp.counting.services.starting import cancel_count, create_count, reopen_count, start_review

__all__ = [
    "MAX_ENTRIES",
    "Added",
    "Entry",
    "add_entries",
    "cancel_count",
    "carry_lines",
    "create_count",
    "post_count",
    "recount_lines",
    "reopen_count",
    "start_review",
    "undo_entry",
    "zero_uncounted",
]
