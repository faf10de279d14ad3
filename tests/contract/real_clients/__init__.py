"""Published clients of other services, unchanged, against the dialects."""
