"""What the catalog tells whoever looks at photos."""

from django.dispatch import Signal

# Sent after the commit that added a photo, with `image`: whoever looks at photos begins then.
image_added = Signal()
