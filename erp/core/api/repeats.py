"""A POST that is sent again with its `Idempotency-Key` is done once, and answered as it was.

For routes whose service has no key of its own. The answer is kept in the transaction that did the work: there is no
effect without it, and no answer without the effect. Of two requests at once the second waits for the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from erp.core.api.idempotency import HEADER, idempotency_key
from erp.core.errors import idempotency_conflict
from erp.core.models import KeptAnswer, User

KEPT = timedelta(hours=24)
CHUNK = 64 * 1024


def answer_once(request: Request, work: Callable[[], Response]) -> Response:
    """Does the work, or gives the answer of the request with this key that did it."""
    key = idempotency_key(request)
    digest = _digest(str(request.user.pk), request.path, key)
    content = fingerprint(request)
    with transaction.atomic():
        KeptAnswer.objects.filter(digest=digest, created_at__lt=timezone.now() - KEPT).delete()
        kept, fresh = KeptAnswer.objects.get_or_create(
            digest=digest, defaults={"user": cast(User, request.user), "fingerprint": content}
        )
        if fresh:
            response = work()
            _keep(kept, response)
            return response
    if kept.fingerprint != content:
        raise idempotency_conflict()
    return Response(kept.body, status=kept.status, headers={"Idempotent-Replay": "true"})


def forget_answers() -> int:
    """Deletes the answers that are kept no longer."""
    return KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def is_keyed(request: Request) -> bool:
    return request.method == "POST" and HEADER in request.headers


def fingerprint(request: Request) -> str:
    """Of the content: parameters, fields and the bytes of files."""
    files = {name: [_of_file(file) for file in request.FILES.getlist(name)] for name in request.FILES}
    data = request.data
    plain = {name: data.getlist(name) for name in data if name not in files} if hasattr(data, "getlist") else data
    return _digest(json.dumps([request.query_params.lists(), plain, files], default=_listed, sort_keys=True))


def _keep(kept: KeptAnswer, response: Response) -> None:
    kept.status = response.status_code
    kept.body = json.loads(JSONRenderer().render(response.data) or b"null")
    kept.save(update_fields=["status", "body"])


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()


def _listed(value: Any) -> Any:
    return list(value)


def _of_file(file: Any) -> str:
    digest = sha256()
    for chunk in file.chunks(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
