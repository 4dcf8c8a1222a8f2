"""What a cell's text is made of, and how it stays harmless in a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from erp.core.tables import FORMULA_SIGNS

# What spreadsheets run as a formula when a CSV is opened, after any apostrophes that were put before it.
_FORMULA = re.compile(rf"'*[{FORMULA_SIGNS}]")
_NEUTRAL = re.compile(rf"'+[{FORMULA_SIGNS}]")
# Signs that PostgreSQL, XML or a CSV cannot hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without what no database and no file holds."""
    return _UNPRINTABLE.sub("", text)


@lru_cache(maxsize=8192)  # the cells of a column repeat
def plain(text: str) -> str:
    """One line of composed text: what two cells must share to say the same."""
    return " ".join(unicodedata.normalize("NFC", printable(text)).split())


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet runs: an apostrophe before what looks like a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """The text that `neutral` made the cell of."""
    return cell[1:] if _NEUTRAL.match(cell) else cell


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """For comparing words that people type: no case, no blanks, no marks between."""
    return re.sub(r"[\s_\-./:*·,()\[\]]+", "", unicodedata.normalize("NFKC", text)).casefold()
