"""All targets by name: a function that raises nothing but where there is something to mend."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.hostile.corpus import corpus_folder, read_corpus

from tests.fuzz import pictures, requests

_LARGEST_SEED_BYTES = 65_536


def _nothing() -> None:
    pass


def _pictures() -> Iterator[bytes]:
    yield from pictures.seeds()
    folder = corpus_folder()
    if folder is not None:
        files = (file.data for file in read_corpus(folder))
        yield from (data for data in files if len(data) <= _LARGEST_SEED_BYTES)


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed."""

    run: Callable[[bytes], object]
    own_seeds: Callable[[], Iterator[bytes]]
    """Made in code."""
    seeds: Callable[[], Iterator[bytes]]
    """All there are."""
    set_up: Callable[[], None] = _nothing
    most_bytes: int = 4096


TARGETS: Mapping[str, Target] = {
    "decode": Target(
        pictures.cut_out, pictures.seeds, _pictures, pictures.set_up, _LARGEST_SEED_BYTES
    ),
    "multipart": Target(requests.multipart, requests.form_seeds, requests.form_seeds),
    "json": Target(requests.json_body, requests.json_seeds, requests.json_seeds),
    "urlencoded": Target(requests.urlencoded, requests.urlencoded_seeds, requests.urlencoded_seeds),
    "image_url": Target(requests.image_url, requests.url_seeds, requests.url_seeds),
    "options": Target(requests.options, requests.option_seeds, requests.option_seeds),
}
