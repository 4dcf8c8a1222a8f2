"""What a marketplace wants of a listing, as files: templates are data, adapters turn facts into files and back."""
