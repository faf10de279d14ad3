"""Which pictures are accepted, how many of them at a time, and on how much of the machine."""

from pydantic import Field

from bounds.cores import available_cores
from environment import Section
from segmenter.settings.fields import Positive, Seconds


class AdmissionSettings(Section):
    """How much is worked on at a time, and how much may wait."""

    budget_mp: Positive = Field(default_factory=lambda: 12 * (available_cores() + 1))
    """Megapixels of pictures in work at a time; it bounds memory, at some 10 MB a megapixel."""

    max_waiting: Positive = 256
    """How many pictures may wait to start. More are refused at once: those of the caller that has
    most in the queue."""

    max_waiting_mp: Positive = Field(default_factory=lambda: 480 * (available_cores() + 1))
    """How many megapixels of pictures may wait to start; more are refused at once."""

    max_held_bytes: Positive = 512 * 2**20
    """How many encoded bytes all calls may hold together, of images and of answers in chunks that
    are being read, a single caller up to three quarters of them; more are refused at once. At least
    two of the largest images, since one may bring a background."""

    max_wait_s: Seconds = 15.0
    """A picture that is expected to take longer, its wait included, is refused at once. A caller
    that is refused is granted a quarter of it meanwhile, so that the queue is short again soon
    after a load that was too much."""


class ImageSettings(Section):
    """What pictures are accepted, and how large answers get."""

    max_bytes: Positive = 30 * 2**20
    """Most bytes of an encoded image."""

    max_pixels: Positive = 100_000_000
    """Most pixels of an image; checked before any is decoded."""

    max_output_pixels: Positive = 50_000_000
    """Most pixels of an answer; larger pictures are scaled down."""


class CpuSettings(Section):
    """The threads that decode, compose and encode."""

    threads: Positive = Field(default_factory=available_cores)
    """How many pixel steps run at a time."""


class GuardSettings(Section):
    """The child processes that decode formats in which decoder faults are likelier."""

    workers: Positive = 1
    """How many such processes decode, beside one that reads headers; they start when needed."""

    timeout_s: Seconds = 10.0
    """A decode that takes longer is stopped with its process."""

    max_tasks: Positive = 200
    """After so many pictures a process is replaced by a fresh one."""
