"""What every view of the API has in common."""

from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.core.api.errors import NOT_FOUND
from erp.core.errors import DomainError


class Scoped:
    """Comes first among the bases of a view: its queryset shows what the person may see and nothing else."""

    def get_queryset(self) -> Any:
        return super().get_queryset().visible_to(self.request.user)  # type: ignore[misc, attr-defined]


class AnyAccept(BaseContentNegotiation):
    """For answers that are files: whatever the client says it accepts, there is this one content."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0] if parsers else None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class NoSuchRoute(APIView):
    """The JSON answer of every address under /api/ that is none."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def handle(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        path = request.path_info
        if not path.endswith("/") and _is_route(f"{path}/"):
            message = _("Addresses of the API end with a slash: %(path)s") % {"path": f"{path}/"}
            raise DomainError("not_found", message, status=404)
        raise DomainError("not_found", NOT_FOUND, status=404)

    get = post = put = patch = delete = options = handle


def _is_route(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return getattr(match.func, "cls", None) is not NoSuchRoute
