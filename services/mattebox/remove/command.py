"""The command `mattebox remove`. What does the work is imported when it is called."""

import typer

from mattebox.examples import examples
from mattebox.remove.command_options import (
    BgColor,
    ChannelsOption,
    Crop,
    Despill,
    FormatOption,
    Grpc,
    Jobs,
    Json,
    Key,
    Model,
    Out,
    Overwrite,
    Paths,
    Quiet,
    Repository,
    Resume,
    SizeOption,
    Url,
)
from mattebox.remove.errors import UsageError
from mattebox.remove.request import Request

_USAGE = 2
_INTERRUPTED = 130

PAGE_END = examples(
    "mattebox remove photo.jpg",
    "mattebox remove photos --out cut-outs --format webp --resume",
    "MATTEBOX_KEY=mb_live_0 mattebox remove photos --url https://cutouts.example.com --jobs 8",
    "mattebox remove - < photo.jpg > cut-out.png",
    note="Without --url and --grpc an engine is started for the job, and ends with it."
    " docs/command-line.md tells where cut-outs go and what is tried again.",
)


def remove(  # noqa: PLR0913 - the options of a command are its parameters
    paths: Paths,
    *,
    out: Out = None,
    format_: FormatOption = None,
    size: SizeOption = "full",
    channels: ChannelsOption = "rgba",
    crop: Crop = False,
    bg_color: BgColor = None,
    despill: Despill = False,
    resume: Resume = False,
    overwrite: Overwrite = False,
    jobs: Jobs = None,
    quiet: Quiet = False,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
    grpc: Grpc = None,
    model: Model = None,
    model_repository: Repository = None,
) -> None:
    """Cut the subjects out of pictures: of files, of whole folders, of what is at URLs.

    A picture that fails gets a line, and the others go on. The exit code is 1 if any failed.
    """
    request = Request(
        paths=tuple(paths),
        out=out,
        format=format_,
        size=size,
        channels=channels,
        crop=crop,
        bg_color=bg_color,
        despill=despill,
        url=url,
        key=key,
        grpc=grpc,
        model=model,
        model_repository=model_repository,
        jobs=jobs,
        resume=resume,
        overwrite=overwrite,
        quiet=quiet,
        as_json=as_json,
    )
    try:
        from mattebox.remove.run import run  # noqa: PLC0415  # takes long, and needs an extra

        code = run(request)
    except UsageError as error:
        _complain(str(error))
        raise typer.Exit(_USAGE) from error
    except ModuleNotFoundError as error:
        _complain(
            f"The package '{error.name}' is not installed."
            " Install what this command needs, in its checkout, with: pip install '.[client]'"
        )
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
    raise typer.Exit(code)


def _complain(message: str) -> None:
    typer.echo(f"mattebox: {message}", err=True)
