"""What labels say, in the language that shoppers read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erp.channels import terms
from erp.channels.models import ChannelListing
from erp.channels.resolving import Resolver, of_channel
from tests.channels.conftest import picture_url


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("면 98%, 폴리우레탄 2%", "en", "Cotton 98%, polyurethane 2%"),
        ("면98% 스판2%", "en", "Cotton98% spandex2%"),
        ("겉감: 울 60%, 폴리에스테르 40% / 안감: 큐프라", "ja", "表地: ウール 60%, ポリエステル 40% / 裏地: キュプラ"),
        ("Cotton 60%, VISCOSE 40%", "ko", "면 60%, 비스코스 40%"),
        ("綿100%", "en", "Cotton100%"),
        ("오가닉 코튼 100%", "en", "Organic cotton 100%"),
        ("찬물 손세탁, 표백 금지", "en", "Hand wash cold, do not bleach"),
        ("찬물 손세탁, 표백 금지", "ko", "찬물 손세탁, 표백 금지"),
        # Words that only hold a term, and what nobody knows, stay as they are.
        ("면접용 정장지 100%", "en", "면접용 정장지 100%"),
        ("cottonseed", "ko", "cottonseed"),
        ("", "en", ""),
    ],
)
def test_terms_of_labels(text, language, told):
    assert terms.terms_in(text, language) == told


def test_every_term_has_its_name_in_each_language_and_means_one_thing():
    rows = json.loads(Path(terms.__file__).with_name("terms.json").read_text(encoding="utf-8"))
    assert all(set(row) == {"ko", "en", "ja"} and all(row.values()) for row in rows)
    for language in ("ko", "en", "ja"):
        forms = [form.casefold() for row in rows for form in row[language]]
        assert len(forms) == len(set(forms))


def test_a_listing_says_it_in_its_channels_language(shop, channel):
    shop.product.material, shop.product.care = "면 100%", "드라이클리닝"
    shop.product.save()
    ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")
    [facts] = Resolver(channel, picture_url=picture_url).facts(list(of_channel(channel)))
    assert (facts.material, facts.care) == ("Cotton 100%", "Dry clean")
    assert "Material: Cotton 100%" in facts.description and "Care: Dry clean" in facts.description
