"""One shape for every refusal: a code, a sentence, and one entry for each field or line that is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` is the 1-based number of the entered line, `field` the name of the input."""

    code: str
    message: str
    field: str | None = None
    line: int | None = None

    def as_dict(self) -> dict[str, Any]:
        place = {"field": self.field, "line": self.line}
        return {k: v for k, v in place.items() if v is not None} | {"code": self.code, "message": str(self.message)}


class DomainError(Exception):
    """A service refused the whole request; nothing was saved. `problems` names all of what is wrong."""

    def __init__(self, code: str, message: Any, problems: Iterable[Problem] = (), *, status: int = 400) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.problems = tuple(problems)
        self.status = status

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self.message), "errors": [p.as_dict() for p in self.problems]}


def idempotency_conflict() -> DomainError:
    """The key of a request was used for something else before."""
    message = _("This key was used for other content. Send new content with a new idempotency key.")
    return DomainError("idempotency_conflict", message, status=409)


class NotAllowed(DomainError):
    """The person sees the brand but their role does not allow this."""

    def __init__(self) -> None:
        super().__init__("not_allowed", _("Your role does not allow this. Ask the brand's owner."), status=403)


def from_validation(error: ValidationError) -> DomainError:
    """A model's `full_clean` failure as a DomainError, one problem for each message."""
    fields = dict(error.error_dict) if hasattr(error, "error_dict") else {"__all__": error.error_list}
    problems = [
        Problem(code=e.code or "invalid", message=str(message), field=None if name == "__all__" else name)
        for name, errors in fields.items()
        for e in errors
        for message in e.messages
    ]
    return DomainError("invalid", _("Some of the entries need mending."), problems)
