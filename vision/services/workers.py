"""Who took a job, and whether they are still there."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def worker_name() -> str:
    """This process, as it signs the jobs it takes: `host:pid`."""
    return f"{_host()}:{os.getpid()}"


def is_gone(worker: str) -> bool:
    """True for a process of this machine that ended. Of other machines nothing is known."""
    host, _colon, pid = worker.rpartition(":")
    return host == _host() and pid.isdecimal() and not _is_alive(int(pid))


def _host() -> str:
    return socket.gethostname()[:100]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # A dead process stays as a zombie while its parent has not asked after it, as in containers without an init.
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state != "Z"
