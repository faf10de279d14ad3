"""Quantities as Kubernetes writes them."""

_BYTES = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 10**3, "M": 10**6, "G": 10**9}


def in_bytes(quantity: str | int) -> int:
    """Reads an amount of memory."""
    text = str(quantity)
    for unit, factor in _BYTES.items():
        if text.endswith(unit):
            return int(text.removesuffix(unit)) * factor
    return int(text)


def in_cores(quantity: str | int) -> float:
    """Reads an amount of processor time."""
    text = str(quantity)
    return int(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)
