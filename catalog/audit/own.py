"""What the catalog records of its own models. Of people: their names and roles, never a password or a token."""

from catalog.audit.registry import audited
from catalog.models import (
    AccessToken,
    Brand,
    Category,
    Colour,
    Measurement,
    Membership,
    Pattern,
    Product,
    ProductColour,
    ProductImage,
    Size,
    SizeRun,
    Variant,
)
from erp.core.models import User


def register() -> None:
    audited(Brand, brand="pk", page="inventory:home")
    audited(Membership, private=True)
    audited(User, brand=None, private=True, without=("password", "last_login", "date_joined", "is_staff", "email"))
    audited(AccessToken, private=True, without=("digest", "created", "last_used_at"))
    audited(Product, page="inventory:product", without=("created_by",))
    audited(ProductColour, brand="product.brand", topic="product")
    audited(Measurement, brand="product.brand", topic="product")
    audited(Variant, topic="product")
    audited(
        ProductImage, brand="product.brand", topic="product",
        without=("public_id", "content_type", "sha256", "width", "height", "created_by"),
    )  # fmt: skip
    audited(Colour)
    audited(SizeRun)
    audited(Size, brand="run.brand", topic="run")
    audited(Category, brand=None)
    audited(Pattern, brand=None)
