"""Consistent rows for tests: a child made by a factory always belongs to its parent's brand."""

from __future__ import annotations

from datetime import time

import factory
from factory.django import DjangoModelFactory

from catalog.models import Brand, Colour, Membership, Product, Size, SizeRun, Variant
from erp.core.models import User
from erp.inventory.models import Location


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password("a-long-secret")


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    slug = factory.Sequence(lambda n: f"brand{n}")
    day_ends_at = time(6)
    name_ko = factory.Sequence(lambda n: f"브랜드 {n}")
    name_en = factory.Sequence(lambda n: f"Brand {n}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    brand = factory.SubFactory(BrandFactory)
    role = "owner"


class ColourFactory(DjangoModelFactory):
    class Meta:
        model = Colour

    brand = None
    slug = factory.Sequence(lambda n: f"shade{n}")
    code = factory.Sequence(lambda n: f"C{n}")
    name_ko = factory.Sequence(lambda n: f"색 {n}")
    name_en = factory.Sequence(lambda n: f"Shade {n}")
    hex = "#1e2744"


class SizeRunFactory(DjangoModelFactory):
    class Meta:
        model = SizeRun

    brand = None
    slug = factory.Sequence(lambda n: f"run{n}")
    name_ko = factory.Sequence(lambda n: f"사이즈 {n}")


class SizeFactory(DjangoModelFactory):
    class Meta:
        model = Size

    run = factory.SubFactory(SizeRunFactory)
    code = factory.Sequence(lambda n: f"S{n}")
    position = factory.Sequence(lambda n: n % 1000)


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    brand = factory.SubFactory(BrandFactory)
    style_number = factory.Sequence(lambda n: f"JB{n:04d}")
    name_ko = "옥스퍼드 셔츠"
    name_en = "Oxford shirt"


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    brand = factory.SelfAttribute("product.brand")
    colour = factory.SubFactory(ColourFactory)
    size = factory.SubFactory(SizeFactory)
    sku = factory.Sequence(lambda n: f"JB-{n}")


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location

    brand = factory.SubFactory(BrandFactory)
    code = factory.Sequence(lambda n: f"L{n}")
    kind = "warehouse"
    name_ko = factory.Sequence(lambda n: f"창고 {n}")
    name_en = factory.Sequence(lambda n: f"Warehouse {n}")
