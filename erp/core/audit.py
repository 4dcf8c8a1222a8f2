"""Who acts now: the person whom recorded changes are ascribed to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

Service = TypeVar("Service", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Act:
    """A request, a job or a call of a service. What is written in it carries its `together`."""

    person: Callable[[], Any]
    together: str = field(default_factory=lambda: uuid.uuid4().hex)


_act: ContextVar[Act | None] = ContextVar("act", default=None)


def acting_person() -> Any:
    """The person who is logged in here, or whom a service was given as its actor. None: nobody but Jangbu itself."""
    act = _act.get()
    person = act.person() if act else None
    return person if person is not None and person.is_authenticated else None


def together() -> str:
    """Equal for all that one request or job writes; blank outside of both."""
    act = _act.get()
    return act.together if act else ""


@contextmanager
def acting(person: Any) -> Iterator[None]:
    """Changes inside are this person's: for jobs and commands, which no request tells who acts."""
    outer = _act.get()
    act = Act(lambda: person, outer.together) if outer else Act(lambda: person)
    token = _act.set(act)
    try:
        yield
    finally:
        _act.reset(token)


def by_actor(service: Service) -> Service:
    """Of a service with a keyword `actor`: what it writes is recorded as that person's, wherever it is called from."""

    @wraps(service)
    def ascribed(*args: Any, actor: Any, **kwargs: Any) -> Any:
        with acting(actor):
            return service(*args, actor=actor, **kwargs)

    return ascribed  # type: ignore[return-value]


class ActorMiddleware:
    """Ascribes what a request writes to whoever sent it. They are looked up only when something is written: REST
    framework finds out whose token a request carries long after the middleware, and then says so on this request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _act.set(Act(lambda: getattr(request, "user", None)))
        try:
            return self.get_response(request)
        finally:
            _act.reset(token)
