"""Every write to the catalog that has a consequence. Callers check the right; services check that it makes sense."""

from catalog.services.brands import (
    add_member,
    change_member,
    create_brand,
    invite_member,
    remove_member,
    sync_admin_access,
    update_brand,
)
from catalog.services.images import (
    add_image,
    attach_cutout,
    describe_image,
    order_images,
    prepare_photo,
    remove_image,
    save_image,
)
from catalog.services.listings import ProductEntry, VariantEntry, listing_problems, save_listings
from catalog.services.measurements import set_measures, set_size_table
from catalog.services.products import (
    activate_product,
    archive_product,
    create_product,
    next_style_number,
    set_product_colours,
    update_product,
)
from catalog.services.tokens import create_token, revoke_token
from catalog.services.variants import set_variants, update_variant

__all__ = [
    "ProductEntry",
    "VariantEntry",
    "activate_product",
    "add_image",
    "add_member",
    "archive_product",
    "attach_cutout",
    "change_member",
    "create_brand",
    "create_product",
    "create_token",
    "describe_image",
    "invite_member",
    "listing_problems",
    "next_style_number",
    "order_images",
    "prepare_photo",
    "remove_image",
    "remove_member",
    "revoke_token",
    "save_image",
    "save_listings",
    "set_measures",
    "set_product_colours",
    "set_size_table",
    "set_variants",
    "sync_admin_access",
    "update_brand",
    "update_product",
    "update_variant",
]
