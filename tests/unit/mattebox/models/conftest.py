import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mattebox.models import card
from mattebox.models.card import Card
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.small_network import Network


@dataclass(frozen=True)
class Place:
    """A folder of its own with a card, a wheel, an index of wheels and a model repository."""

    root: Path

    @property
    def cards(self) -> Path:
        return self.root / "cards"

    @property
    def wheels(self) -> Path:
        return self.root / "wheels"

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def repository(self) -> Path:
        return self.root / "model_repository"

    @property
    def version(self) -> Path:
        return self.repository / "tiny" / "1"

    @property
    def file(self) -> Path:
        return self.root / "tiny.onnx"

    @property
    def wheel(self) -> Path:
        return self.wheels / "tiny_net-1.0-py3-none-any.whl"

    @property
    def config(self) -> Path:
        return self.repository / "tiny" / "config.pbtxt"

    @property
    def card(self) -> Card:
        return card.load("tiny", self.cards)

    def publish(
        self,
        network: Network | None = None,
        scale: str = "image_maximum",
        *,
        is_fetched: bool = True,
    ) -> None:
        """Publishes a network: its file, its wheel, and a card that tells of both.

        Of a file that the operator brings there is neither a source nor a configuration.
        """
        network = network or Network()
        graph = small_network.graph_of(network)
        self.file.write_bytes(graph)
        small_network.write_wheel(self.wheel, graph)
        source = small_network.SOURCE.format(
            wheel_sha256=small_network.sha256_of(self.wheel),
            sha256=small_network.sha256_of(self.file),
            size_bytes=len(graph),
        )
        text = small_network.CARD.format(
            source=source if is_fetched else "",
            input=network.input,
            output=network.output,
            scale=scale,
            activation="none" if network.ends_in_sigmoid else "sigmoid",
        )
        (self.cards / "tiny.toml").write_text(text)
        self.config.unlink(missing_ok=True)
        if is_fetched:
            self.config.write_text(small_network.config_text(scale))

    def rewrite_card(self, old: str, new: str) -> None:
        path = self.cards / "tiny.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The small network, published; pip knows no other index than the folder of its wheel."""
    place = Place(tmp_path)
    for folder in (place.cards, place.wheels, place.temporary, place.repository / "tiny"):
        folder.mkdir(parents=True)
    (place.cards / "MIT.txt").write_text("Permission is hereby granted.\n")
    place.publish()
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(place.wheels),
        "TMPDIR": str(place.temporary),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(place.temporary))
    return place
