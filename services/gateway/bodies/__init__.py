"""Reading of request bodies of every kind, within limits. Nothing is written to disk."""
