"""How many guarded children there are, and what an image may cost in one."""

from dataclasses import dataclass

from segmenter.guarded.wire import Budget


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Bounds of the guarded children.

    What an image may cost grows with its declared size, so that a small file that decodes for
    long is found out soon, and a large photo on a slow machine is not.
    """

    workers: int = 1
    """How many children decode at the same time. One more reads headers."""

    max_tasks: int = 200
    """After how many tasks a child is replaced, and with it what its libraries leaked."""

    timeout_s: float = 10.0
    """How long one task may take by the clock."""

    cpu_s: float = 2.0
    """Processor time of one task, beside that for its pixels. The kernel counts whole seconds."""

    cpu_s_per_megapixel: float = 0.1
    """Processor time for a million pixels: four times what HEIC, the slowest, takes."""

    memory_bytes: int = 268_435_456
    """Address space of one task, beside that for its bytes and pixels."""

    memory_bytes_per_pixel: int = 32
    """Address space for one pixel. HEIC and AVIF take 10 to 16 bytes, twice that with more than
    8 bits; a turned copy 4 more, and the shared memory of the result 4 more."""

    def budget(self, encoded_bytes: int, pixels: int) -> Budget:
        """Tells what an image may cost; before its header is known it has no pixels."""
        return Budget(
            cpu_s=self.cpu_s + self.cpu_s_per_megapixel * pixels / 1e6,
            # Decoders hold the encoded bytes up to three times.
            memory_bytes=self.memory_bytes
            + 3 * encoded_bytes
            + self.memory_bytes_per_pixel * pixels,
        )
