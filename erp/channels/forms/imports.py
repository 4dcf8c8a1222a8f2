"""A marketplace's file of products, on its way to ours."""

from __future__ import annotations

from typing import Any

from erp.channels.services.imports import import_shopify
from erp.core.errors import DomainError
from erp.core.models import User
from erp.exchange.forms.imports import UploadForm
from erp.exchange.models import ImportJob


class ShopifyUploadForm(UploadForm):
    def save(self, *, brand: Any, actor: User) -> ImportJob | None:
        """The import of the file; None where it is refused, with every reason at the field."""
        file = self.cleaned_data["file"]
        try:
            return import_shopify(brand=brand, actor=actor, data=file.read(), filename=file.name or "")
        except DomainError as error:
            for problem in error.problems or [error]:
                self.add_error("file", told(problem))
            return None


def told(problem: Any) -> str:
    """Where it is, and what it is."""
    place = [str(part) for part in (getattr(problem, "line", None), getattr(problem, "field", None)) if part]
    return f"{', '.join(place)}: {problem.message}" if place else str(problem.message)
