"""The options of `mattebox remove`."""

from pathlib import Path
from typing import Annotated

import typer

from mattebox.completions import installed_models
from mattebox.remove.request import Channels, Format, Size

_MOST_JOBS = 256

_CUT_OUTS = "The cut-outs"
_SERVICE = "Where they are made"

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        show_default=False,
        help="Pictures, folders of pictures with all that is in them, patterns in quotes"
        " ('photos/**/*.jpg'), http(s) URLs, or - for standard input.",
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="DIR",
        show_default=False,
        help="The folder for the cut-outs, in which the folders of the pictures are kept. A file"
        " for one picture, - for standard output. Without it NAME-cut-out.png beside each picture.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Leave out what has a cut-out already, and try again what failed."
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace files that stand where cut-outs go; else they stay."),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=_MOST_JOBS,
        show_default=False,
        help="The most pictures at a time: 4 by default, and one more than there are cores where"
        " the engine is this machine's.",
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", show_default=False, rich_help_panel=_CUT_OUTS, help="Their file format; png."
    ),
]
SizeOption = Annotated[
    Size,
    typer.Option(
        "--size", rich_help_panel=_CUT_OUTS, help="At most 0.25, 1.5, 4 or 50 megapixels each."
    ),
]
ChannelsOption = Annotated[
    Channels,
    typer.Option(
        "--channels",
        rich_help_panel=_CUT_OUTS,
        help="The subject, or its mask alone (always a PNG).",
    ),
]
Crop = Annotated[
    bool,
    typer.Option("--crop", rich_help_panel=_CUT_OUTS, help="Cut each down to its subject."),
]
BgColor = Annotated[
    str | None,
    typer.Option(
        metavar="COLOUR",
        show_default=False,
        rich_help_panel=_CUT_OUTS,
        help="A colour behind: '#ffcc00', teal.",
    ),
]
Despill = Annotated[
    bool,
    typer.Option(
        "--despill",
        rich_help_panel=_CUT_OUTS,
        help="Take a green screen's light off the subject.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        show_default=False,
        rich_help_panel=_SERVICE,
        help="A running Mattebox; MATTEBOX_URL names one, too.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        show_default=False,
        rich_help_panel=_SERVICE,
        help="Its API key. In MATTEBOX_KEY other users of this machine do not see it.",
    ),
]
Grpc = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        show_default=False,
        rich_help_panel=_SERVICE,
        help="A running segmenter, which takes pictures over one gRPC stream.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        autocompletion=installed_models,
        show_default=False,
        rich_help_panel=_SERVICE,
        help="With none of these an engine is started for the job: its model, u2netp by default.",
    ),
]
Repository = Annotated[
    Path | None,
    typer.Option(
        show_default=False,
        rich_help_panel=_SERVICE,
        help="The folder with its models; model_repository, here or where Mattebox is installed.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Tell of failures only.")]
Json = Annotated[
    bool, typer.Option("--json", help="A line of JSON about each picture, on standard output.")
]
