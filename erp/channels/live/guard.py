"""Addresses that people typed, called without letting anybody reach into our own network through us.

The name is looked up once, what it leads to is judged, and the connection goes to that very address: a name that
leads elsewhere a moment later changes nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# An IPv4 address stands in the last signs of these; those after them are of inner networks by their own rule.
CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
LOCAL = (ipaddress.ip_network("64:ff9b:1::/48"), ipaddress.ip_network("fec0::/10"))
PORTS = frozenset({80, 443, *range(1024, 65536)})


class Forbidden(Exception):
    """The words say why an address is not called."""


def check_url(url: str) -> None:
    """What can be judged of an address without looking its name up. Raises Forbidden."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden(_("This is no web address.")) from error
    schemes = ("https", "http") if settings.WEBHOOKS_UNENCRYPTED else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise Forbidden(_("The address begins with https://."))
    if parts.username or parts.password:
        raise Forbidden(_("The address holds a name or a password. Deliveries are signed; leave them out."))
    if port is not None and port not in PORTS:
        raise Forbidden(_("This port is not for the web."))
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    _refuse_inner(literal)


def resolve(host: str, port: int) -> str:
    """The address that a name leads to. Raises Forbidden where any of its addresses is of an inner network, and
    OSError where there is none."""
    found = [
        ipaddress.ip_address(str(entry[4][0]).partition("%")[0])
        for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ]
    for address in found:
        _refuse_inner(address)
    return str(found[0])


def _refuse_inner(address: Address) -> None:
    if not settings.WEBHOOKS_TO_PRIVATE and not _is_public(address):
        raise Forbidden(_("This address leads into a private network. Use one that is reached over the internet."))


def _is_public(address: Address) -> bool:
    """Of the internet, and not an address of an inner network in other clothes."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if any(address in network for network in CARRIERS):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        if any(address in network for network in LOCAL):
            return False
    return address.is_global and not address.is_multicast


class PinnedAdapter(HTTPAdapter):
    """Connects to the address that was judged; the name stays in the Host header and in the certificate's check.

    The answer's headers are there by `end`, a moment of the monotonic clock, or the connection is cut: a timeout is
    between two bytes, and headers may trickle for hours.
    """

    def __init__(self, end: float) -> None:
        super().__init__(max_retries=0)
        self.end = end

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _cut_at(self.end, pool.ConnectionCls)
        return pool

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        secure = host["scheme"] == "https"
        host["host"] = resolve(name.strip("[]"), host["port"] or (443 if secure else 80))
        if secure:
            pool |= {"server_hostname": name, "assert_hostname": name}
        return host, pool

    def add_headers(self, request: Any, **kwargs: Any) -> None:
        request.headers["Host"] = urlsplit(request.url).netloc


def _cut_at(end: float, kind: Any) -> Any:
    class Hurried(kind):
        def getresponse(self) -> Any:
            timer = threading.Timer(max(end - time.monotonic(), 0), _cut, [self.sock])
            timer.start()
            try:
                return super().getresponse()
            finally:
                timer.cancel()

    return Hurried


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it ended by itself in this moment
        sock.shutdown(socket.SHUT_RDWR)


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], timeout: tuple[float, float], end: float
) -> requests.Response:
    """Sends it to the address that was judged; the answer's body is still to be read, and the answer to be closed.

    Raises requests' Timeout too where its headers are not there by `end`.

    No session: one would follow a redirection's body to its end, read cookies, and ask the machine for a proxy.
    """
    request = requests.Request("POST", url, data=body, headers=dict(headers)).prepare()
    try:
        given = PinnedAdapter(end).send(request, stream=True, timeout=timeout)
    except requests.ConnectionError as error:
        if time.monotonic() < end:
            raise
        raise requests.Timeout from error
    if time.monotonic() >= end:
        given.close()
        raise requests.Timeout
    return given
