"""Refusals that name a marketplace's columns, at the fields of a form."""

from __future__ import annotations

from dataclasses import replace

from erp.core.errors import DomainError
from erp.trade.forms.partners import Refusing


class RefusingColumns(Refusing):
    """`field_names`: header of a column -> name of its field."""

    field_names: dict[str, str]

    def take(self, error: DomainError) -> None:
        problems = [replace(problem, field=self._field(problem.field)) for problem in error.problems]
        super().take(DomainError(error.code, error.message, problems))

    def _field(self, name: str | None) -> str | None:
        return self.field_names.get(name, name) if name else name
