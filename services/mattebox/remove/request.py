"""What the command line asks for, and what follows from that. Starts nothing."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mattebox.remove.errors import UsageError
from mattebox.remove.inputs import Inputs, read_arguments
from mattebox.remove.naming import Naming
from mattebox.remove.outcome import Picture
from mattebox.remove.sources import IMAGE_SUFFIXES, FileSource, StdinSource, Unreadable
from mattebox.remove.standing import problem_of

Format = Literal["png", "jpg", "webp", "bmp", "tiff", "gif"]
Size = Literal["preview", "medium", "hd", "full"]
Channels = Literal["rgba", "alpha"]

STDOUT = "-"
URL_VARIABLE = "MATTEBOX_URL"
KEY_VARIABLE = "MATTEBOX_KEY"

_FORMATS: Mapping[str, Format] = {
    ".png": "png",
    ".jpg": "jpg",
    ".jpeg": "jpg",
    ".webp": "webp",
    ".bmp": "bmp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".gif": "gif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The arguments of the command; `command.py` says what each is for. None where not given."""

    paths: tuple[str, ...]
    out: str | None = None
    format: Format | None = None
    size: Size = "full"
    channels: Channels = "rgba"
    crop: bool = False
    bg_color: str | None = None
    despill: bool = False
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    grpc: str | None = None
    model: str | None = None
    model_repository: Path | None = None
    jobs: int | None = None
    resume: bool = False
    overwrite: bool = False
    quiet: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class OverHttp:
    """A running Mattebox."""

    url: str
    key: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OverGrpc:
    """A running segmenter."""

    target: str


@dataclass(frozen=True, slots=True)
class OwnEngine:
    """An engine that is started for the job."""

    model: str | None
    repository: Path | None


Service = OverHttp | OverGrpc | OwnEngine


@dataclass(frozen=True, slots=True)
class Plan:
    """Which pictures are cut out, where to, and in which format."""

    inputs: Inputs
    format: Format
    out: Path | None
    """The folder or, for one picture, the file; None for beside the sources."""
    is_file: bool = False
    is_stdout: bool = False

    def pictures(self) -> Iterator[Picture]:
        """Finds the pictures, one after the other, each with the place of its cut-out."""
        naming = Naming(self.inputs, self.out, f".{self.format}")
        for source in self.inputs.walk():
            if self.is_file:
                yield Picture(source, self.out)
            elif self.is_stdout or isinstance(source, Unreadable):
                yield Picture(source, None)
            else:
                yield Picture(source, naming.target(source))


def choose_service(request: Request, environment: Mapping[str, str] = os.environ) -> Service:
    """Tells what makes the cut-outs.

    Raises:
        UsageError: two different things are to.
    """
    own_engine = request.model is not None or request.model_repository is not None
    asked = {
        "--url": request.url is not None,
        "--grpc": request.grpc is not None,
        "--model or --model-repository": own_engine,
    }
    named = [option for option, is_given in asked.items() if is_given]
    if len(named) > 1:
        raise UsageError(
            f"{' and '.join(named)} do not go together: the first two name a service that runs"
            " already, the others what is started for this job."
        )
    url = request.url or environment.get(URL_VARIABLE)
    is_over_http = bool(url) and request.grpc is None and not own_engine
    if request.key is not None and not is_over_http:
        raise UsageError("--key goes with --url or MATTEBOX_URL: nothing else takes keys.")
    if request.grpc is not None:
        return OverGrpc(request.grpc)
    if url and not own_engine:
        return OverHttp(url, request.key or environment.get(KEY_VARIABLE) or None)
    return OwnEngine(request.model, request.model_repository)


def plan(request: Request) -> Plan:
    """Tells which pictures are cut out and where to.

    Raises:
        UsageError: an argument names nothing, or they do not go together.
    """
    if request.out == "":
        raise UsageError("--out names nothing: is a variable empty?")
    given = Path(request.out) if request.out not in {None, STDOUT} else None
    is_file = given is not None and given.suffix.lower() in _FORMATS and not given.is_dir()
    if given is not None and not is_file:
        _check_is_folder(given)
    inputs = read_arguments(request.paths, None if is_file else given)
    is_stdout = request.out == STDOUT or (
        request.out is None and isinstance(inputs.only_one, StdinSource)
    )
    if (is_stdout or is_file) and inputs.only_one is None:
        raise UsageError(
            f"--out {request.out} takes one cut-out, and this may be more: name a folder."
        )
    if is_stdout and request.as_json:
        raise UsageError("--json and a cut-out do not both fit on standard output: give --out.")
    if is_file and given is not None:
        _check_is_no_source(given, inputs)
    return Plan(inputs, _format(request, given if is_file else None), given, is_file, is_stdout)


def _check_is_folder(out: Path) -> None:
    formats = ", ".join(_FORMATS)
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out} is a file: name a folder, or a file that ends in {formats}.")
    if out.suffix.lower() in IMAGE_SUFFIXES and not out.is_dir():
        raise UsageError(f"--out {out} would be a folder: files of cut-outs end in {formats}.")
    if problem := problem_of(out):
        raise UsageError(f"--out {out} cannot be written to: {problem}.")


def _check_is_no_source(out: Path, inputs: Inputs) -> None:
    source = inputs.only_one
    if isinstance(source, FileSource) and out.exists() and out.samefile(source.path):
        raise UsageError(f"--out {out} is the picture itself, which is never written over.")


def _format(request: Request, file: Path | None) -> Format:
    """The format of the answer, which for a mask is PNG whatever is asked for."""
    wanted: Format | None = "png" if request.channels == "alpha" else request.format
    if file is None:
        return wanted or "png"
    by_name = _FORMATS[file.suffix.lower()]
    if wanted not in {None, by_name}:
        why = "a mask is always one" if request.channels == "alpha" else "--format says so"
        raise UsageError(
            f"--out {file} would hold a file of the format {wanted}, since {why}:"
            f" let it end in .{wanted}."
        )
    return by_name
