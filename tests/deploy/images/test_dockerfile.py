from pathlib import Path

import pytest

from tests.deploy.images.dockerfile import Dockerfile, DockerfileError, parsed
from tests.deploy.images.reading import Configuration, read


def file(tmp_path: Path, text: str) -> Dockerfile:
    path = tmp_path / "Dockerfile"
    path.write_text(text)
    return parsed(path)


def test_stages_variables_and_continued_lines_are_read(tmp_path: Path) -> None:
    found = file(
        tmp_path,
        """# a comment
ARG BASE=python:3
FROM ${BASE} AS build
RUN --mount=type=cache,target=/c first \\
    # a comment inside
    && second
FROM build
ARG VERSION=1
ENV A=b \\
    PATH=/x:${PATH}
LABEL version="${VERSION}" title="Two words"
USER 1:2
WORKDIR /w
ENTRYPOINT ["/bin/x", "-y"]
CMD ["z"]
""",
    )

    build, last = found.stages
    assert (build.base, build.name, last.base) == ("python:3", "build", "build")
    assert build.instructions[0].text == "first  && second"
    assert build.instructions[0].flags == (("mount", "type=cache,target=/c"),)
    start = Configuration(env={"PATH": "/bin"})
    configuration, steps = read(last.instructions, start, {"VERSION": "2"}, found.arguments)
    assert steps == []
    assert configuration == Configuration(
        env={"PATH": "/x:/bin", "A": "b"},
        labels={"version": "2", "title": "Two words"},
        user="1:2",
        workdir="/w",
        entrypoint=("/bin/x", "-y"),
        cmd=("z",),
    )


@pytest.mark.parametrize(
    "line",
    [
        "ADD x /x",
        "HEALTHCHECK CMD true",
        "VOLUME /data",
        'SHELL ["/bin/bash"]',
        "COPY --link x /x",
        "COPY --chmod=755 x /x",
        "RUN --network=none true",
        "RUN cat <<EOF",
    ],
)
def test_what_is_not_understood_is_an_error(tmp_path: Path, line: str) -> None:
    with pytest.raises(DockerfileError, match="is not understood"):
        file(tmp_path, f"FROM python:3\n{line}\n")


@pytest.mark.parametrize("line", ["ENTRYPOINT /bin/x", "CMD x", "LABEL a=${UNKNOWN}"])
def test_what_would_be_passed_over_is_an_error(tmp_path: Path, line: str) -> None:
    (stage,) = file(tmp_path, f"FROM python:3\n{line}\n").stages
    with pytest.raises(DockerfileError):
        read(stage.instructions, Configuration(), {}, {})
