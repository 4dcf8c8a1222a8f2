"""Whoever does not hold the key cannot send orders, nor send an old one again later."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from erp.channels.signing import RIGHT, TOLERANCE, is_shopifys, judge, sign

KEY, BODY = "key", b'{"number": "1001"}'


def test_what_is_signed_is_taken_for_some_minutes():
    header = sign(KEY, BODY, moment=1_000_000)
    assert judge(KEY, BODY, header, now=1_000_000 + TOLERANCE) == RIGHT
    assert judge(KEY, BODY, header, now=1_000_000 + TOLERANCE + 1) != RIGHT
    assert judge(KEY, BODY, header, now=1_000_000 - TOLERANCE - 1) != RIGHT


def test_another_key_body_or_moment_does_not_pass():
    header = sign(KEY, BODY, moment=1_000_000)
    assert judge("other", BODY, header, now=1_000_000) != RIGHT
    assert judge(KEY, BODY + b" ", header, now=1_000_000) != RIGHT
    assert judge(KEY, BODY, header.replace("t=1000000", "t=1000001"), now=1_000_000) != RIGHT


@given(st.text(max_size=200))
def test_any_header_is_answered(header):
    assert judge(KEY, BODY, header) != RIGHT
    assert not is_shopifys(KEY, BODY, header)


def test_shopifys_signature():
    header = base64.b64encode(hmac.new(KEY.encode(), BODY, sha256).digest()).decode()
    assert is_shopifys(KEY, BODY, header) and not is_shopifys("other", BODY, header)
