"""Every write of an import."""

from erp.exchange.services.imports import (
    apply_import,
    cancel_import,
    check_import,
    create_import,
    read_again,
    retry_import,
)

__all__ = ["apply_import", "cancel_import", "check_import", "create_import", "read_again", "retry_import"]
