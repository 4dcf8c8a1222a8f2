"""How gunicorn serves the pages: threads of one process by default, which share the embedded cache and SQLite."""

import os
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 3
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    from erp.core.heap import set_aside  # not before Django is set up

    set_aside()
