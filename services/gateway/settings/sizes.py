"""How large bodies may be, and how often they stand in memory."""

MIB = 2**20
MEGAPIXEL = 1_000_000
PICTURES = 2
"""Most pictures of one request: the image, and what to put behind its subject."""

CONTRACT_IMAGE_BYTES = 30 * MIB
CONTRACT_TEXT_BYTES = 45 * MIB
COPIES_HELD = 2
"""Most copies in memory of an upload until it has been sent on.

1.1 as measured, and for a moment 2 where the allocator cannot let a buffer grow in its place.
"""

PASSING_BYTES = 2 * MIB
"""Most memory for an answer on its way through, 1.8 MB as measured: chunks in several buffers."""

COPIES_READ = 3
"""Most copies in memory of a body that is being read, of any kind: its text is cut out."""
