"""What a report is: its words, what it can be asked, and its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from erp.reports.scope import Scope
from erp.reports.tables import Answer, Column

EVERY = ("product", "category")


class Report(ABC):
    """`fields` are those of `forms.ReportForm` that it takes; `days` is how long a period is unless one is chosen."""

    slug: ClassVar[str]
    icon: ClassVar[str] = "book"
    title: ClassVar[Any]
    lead: ClassVar[Any]
    # What an empty answer means.
    empty: ClassVar[Any] = _("Nothing moved or lay there in what you chose. Choose a longer period, or clear a filter.")
    fields: ClassVar[Sequence[str]] = EVERY
    days: ClassVar[int] = 30
    # All it can have; an answer leaves out those that nothing is in.
    columns: ClassVar[Sequence[Column]]
    # The order of the lines, unless another is asked for.
    order: ClassVar[str] = ""

    @abstractmethod
    def answer(self, scope: Scope) -> Answer:
        """Asked inside one `snapshot`."""
