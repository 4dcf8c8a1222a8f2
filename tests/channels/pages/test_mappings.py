"""Our categories and words as a channel calls them, and what descriptions are made of."""

from __future__ import annotations

import pytest

from catalog.models import Category
from erp.channels.models import AttributeMatch, CategoryMatch, Channel, ChannelListing, DescriptionTemplate
from erp.channels.resolving import Resolver, of_channel
from erp.channels.selectors.mappings import category_rows, shipped_targets, word_rows
from tests.channels.conftest import picture_url
from tests.web.shop import queries_of


def facts_of(channel: Channel):
    return next(Resolver(Channel.objects.get(pk=channel.pk), picture_url=picture_url).facts(of_channel(channel)))


class TestCategories:
    def test_matched_once_for_everybody_and_once_for_a_gender(self, shop, url, staff, channel, listing):
        category = shop.product.category
        form = staff.get(url("categories", channel.pk)).context["form"]
        assert [(row.category, row.target) for row in form.category_rows] == [(category, "")]
        sent = {f"t-{category.pk}-": " Shirts "}
        staff.post(url("categories", channel.pk), sent)
        assert facts_of(channel).target_category == "Shirts"
        more = sent | {"more_category": category.pk, "more_gender": "women", "more_target": "Blouses"}
        staff.post(url("categories", channel.pk), more)
        shop.product.gender = "women"
        shop.product.save()
        assert facts_of(channel).target_category == "Blouses"
        staff.post(url("categories", channel.pk), {f"t-{category.pk}-": "", f"t-{category.pk}-women": "Blouses"})
        assert [match.gender for match in CategoryMatch.objects.all()] == ["women"]

    def test_a_refusal_keeps_what_was_typed(self, shop, url, staff, channel, listing):
        sent = {f"t-{shop.product.category_id}-": "x" * 201, "more_target": "kept"}
        answer = staff.post(url("categories", channel.pk), sent)
        text = answer.content.decode()
        assert answer.status_code == 422 and "x" * 201 in text and "kept" in text and "Choose a category" in text
        assert not CategoryMatch.objects.exists()

    def test_suggested_from_another_channel_then_from_the_public_list(self, shop, channel, listing):
        [row] = category_rows(channel)
        assert row.suggestion == shipped_targets("shopify")[shop.product.category.slug] and row.vouched == ""
        other = Channel.objects.create(brand=shop.brand, kind="shopify", name="둘째")
        CategoryMatch.objects.create(channel=other, category=shop.product.category, target="As there")
        [row] = category_rows(channel)
        assert (row.suggestion, row.vouched) == ("As there", "둘째")

    def test_nothing_is_made_up_where_no_list_is_public(self, smartstore, korean):
        [row] = category_rows(smartstore)
        assert row.suggestion == ""

    def test_shipped_lists_name_categories_of_ours_only(self, db):
        ours = set(Category.objects.values_list("slug", flat=True))
        for kind in ("google", "shopify"):
            assert shipped_targets(kind).keys() == ours

    def test_queries_do_not_grow(self, url, staff, channel, listing):
        one = queries_of(staff, url("categories", channel.pk))
        for category in Category.objects.all()[:6]:
            CategoryMatch.objects.create(channel=channel, category=category, gender="men", target="x")
        assert queries_of(staff, url("categories", channel.pk)) == one


class TestWords:
    def test_matched_words_go_out(self, url, staff, channel, listing):
        form = staff.get(url("words", channel.pk)).context["form"]
        names = {(row.kind, row.ours): field.name for _t, pairs in form.groups() for row, field in pairs}
        assert {key for key in names if key[0] == "size"} == {("size", "S"), ("size", "M")}
        staff.post(url("words", channel.pk), {names["colour", "Navy"]: "Deep navy", names["size", "S"]: "Small"})
        facts = facts_of(channel)
        assert "Deep navy" in facts.colours and facts.sizes == ["Small", "M"]
        staff.post(url("words", channel.pk), {names["colour", "Navy"]: ""})
        assert not AttributeMatch.objects.exists()

    def test_suggested_from_another_channel_in_the_same_language(self, shop, channel, listing):
        for name, language in (("둘째", "en"), ("셋째", "ko")):
            other = Channel.objects.create(brand=shop.brand, kind="shopify", name=name, language=language)
            AttributeMatch.objects.create(channel=other, kind="colour", ours="Navy", theirs=f"Navy of {language}")
        assert {row.ours: row.suggestion for row in word_rows(channel)}["Navy"] == "Navy of en"

    def test_a_list_of_allowed_words_is_a_choice(self, shop, url, staff):
        table = Channel.objects.create(brand=shop.brand, kind="generic", name="표", language="en")
        ChannelListing.objects.create(channel=table, product=shop.product)
        from erp.channels.models import FileTemplate

        columns = [{"header": "Colour", "value": "colour", "allowed": ["NAVY", "Snow"]}]
        FileTemplate.objects.create(channel=table, columns=columns)
        rows = {row.ours: row for row in word_rows(Channel.objects.get(pk=table.pk))}
        assert rows["Navy"].is_refused and rows["Navy"].suggestion == "NAVY"
        assert rows["White"].is_refused and rows["White"].suggestion == "" and not rows["S"].is_refused
        form = staff.get(url("words", table.pk)).context["form"]
        place = [row.ours for row in form.word_rows].index("White")
        assert staff.post(url("words", table.pk), {f"w-{place}": "Made up"}).status_code == 422
        staff.post(url("words", table.pk), {f"w-{place}": "Snow"})
        assert AttributeMatch.objects.get().theirs == "Snow"


class TestDescriptions:
    @pytest.mark.parametrize(
        ("language", "words"), [("ko", "소재: 면"), ("en", "Material: Cotton"), ("ja", "素材: 綿")]
    )
    def test_shown_on_a_real_product(self, shop, url, staff, language, words):
        shop.product.material = "면"
        shop.product.save()
        assert words in str(staff.get(url("descriptions"), {"language": language}).context["preview"])

    def test_saved_used_and_forgotten(self, shop, url, staff, channel, listing):
        address = f"{url('descriptions')}?language=en"
        staff.post(address, {"body": "{title} <b> in {colours}\n{care}", "action": "save"})
        assert facts_of(channel).description == "<p>Navy shirt &lt;b&gt; in Navy, White</p>"
        staff.post(address, {"body": "Once more {title}", "action": "save"})
        assert DescriptionTemplate.objects.get().body == "Once more {title}"
        staff.post(address, {"action": "forget"})
        assert not DescriptionTemplate.objects.exists() and "Material" not in facts_of(channel).description

    def test_an_unknown_place_is_refused_with_the_known_ones(self, url, staff):
        answer = staff.post(url("descriptions"), {"body": "{title} {fabric}", "action": "save"})
        text = answer.content.decode()
        assert answer.status_code == 422 and "{fabric}" in text and "{material}" in text
        assert not DescriptionTemplate.objects.exists()

    def test_the_preview_saves_nothing(self, url, staff):
        sent = {"body": "<script>x</script> {title}", "action": "preview"}
        part = staff.post(url("descriptions"), sent, headers={"HX-Request": "true"}).content.decode()
        assert "&lt;script&gt;" in part and "<script>" not in part and not DescriptionTemplate.objects.exists()
        wrong = staff.post(url("descriptions"), {"body": "{nothing}", "action": "preview"}).content.decode()
        assert "{nothing}" in wrong and not DescriptionTemplate.objects.exists()

    def test_a_new_text_makes_what_was_sent_stale(self, url, staff, channel, listing, export_now):
        export_now(channel)
        staff.post(f"{url('descriptions')}?language=ko", {"body": "{title}", "action": "save"})
        listing.refresh_from_db()
        assert listing.stale_since is None
        staff.post(f"{url('descriptions')}?language=en", {"body": "{title}", "action": "save"})
        listing.refresh_from_db()
        assert listing.stale_since
