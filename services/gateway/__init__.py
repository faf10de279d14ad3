"""The public HTTP side: contracts, keys and uploads; no pixels."""
