"""What the catalog tells the apps above it."""

from django.dispatch import Signal

# Sent after the commit that added a photo, with `image`: whoever looks at photos begins then.
image_added = Signal()
# Rows of `sender` were written in bulk, with `rows`: of those Django's own post_save does not tell.
written_in_bulk = Signal()
