"""A pod's volumes as folders of this machine, with the owners and modes that Kubernetes gives."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.pods.container_spec import ContainerSpec
from tests.deploy.pods.environment import Sources, looked_up, pod_field
from tests.deploy.pods.fields import Fields, ManifestError
from tests.deploy.pods.objects import CLAIM_OF_EACH_POD
from tests.deploy.pods.pod_spec import PodSpec
from tests.deploy.pods.quantities import whole


@dataclass(frozen=True, slots=True)
class Bind:
    """A folder or file of this machine that a container sees at a path."""

    source: Path
    path: str
    read_only: bool


class Volumes:
    """The volumes of one pod, from its start to its end."""

    def __init__(self, pod: PodSpec, name: str, folder: Path, kept: Path, sources: Sources) -> None:
        """``kept`` holds the claims, which outlive their pods."""
        self._name, self._folder, self._kept, self._sources = name, folder, kept, sources
        self._group = pod.fs_group
        self._mounted = ExitStack()
        self._read_only: set[str] = set()
        self._places = {
            volume: self._made(Fields(source, f"volume {volume}"))
            for volume, source in pod.volumes.items()
        }

    def binds(self, container: ContainerSpec) -> list[Bind]:
        """What a container mounts, outer folders first."""
        mounts = sorted(container.mounts, key=lambda mount: mount.path)
        return [
            Bind(
                self._sub_path(self._places[mount.volume], mount.sub_path),
                mount.path,
                mount.read_only or mount.volume in self._read_only,
            )
            for mount in mounts
        ]

    def remove(self) -> None:
        """Unmounts what lies in memory; files go with the folder."""
        self._mounted.close()

    def _made(self, volume: Fields) -> Path:
        with volume:
            name = volume.need("name")
            place: Path = self._folder / name
            if (empty := volume.take("emptyDir")) is not None:
                self._empty(Fields(empty, volume.where), place)
            elif claim := volume.take("persistentVolumeClaim"):
                with Fields(claim, volume.where) as fields:
                    place = self._claim(fields.need("claimName"))
            elif claim := volume.take(CLAIM_OF_EACH_POD):
                place = self._claim(f"{claim}-{self._name}")
            else:
                self._files(volume, place)
                self._read_only.add(name)
        return place

    def _empty(self, fields: Fields, place: Path) -> None:
        place.mkdir(parents=True)
        with fields:
            limit = fields.take("sizeLimit")
            fields.must_be("medium", "Memory")
        if limit is not None:  # so that a limit that is too small fails here as well
            size = f"size={whole(limit)}"
            _run("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place))
            self._mounted.callback(_run, "umount", "--lazy", str(place))
        self._give(place, 0o777)

    def _claim(self, name: str) -> Path:
        place = self._kept / name
        if not place.exists():
            place.mkdir(parents=True)
        self._give(place, 0o755 if self._group is None else 0o775)
        return place

    def _give(self, place: Path, mode: int) -> None:
        if self._group is not None:
            os.chown(place, -1, self._group)
            mode |= 0o2000
        place.chmod(mode)

    def _files(self, volume: Fields, place: Path) -> None:
        place.mkdir(parents=True)
        if (projected := volume.take("projected")) is not None:
            with Fields(projected, volume.where) as fields:
                mode = fields.take("defaultMode", 0o644)
                for part in fields.parts("sources"):
                    self._source(part, place, mode)
        else:
            self._source(volume, place, None)

    def _source(self, source: Fields, place: Path, default_mode: int | None) -> None:
        kinds = {
            "configMap": self._sources.config_maps,
            "secret": self._sources.secrets,
            "downwardAPI": {},
        }
        kind = next((kind for kind in kinds if (value := source.take(kind)) is not None), None)
        if kind is None:
            raise ManifestError(f"{source.where}: a volume of a kind that is not known here")
        with Fields(value, f"{source.where}.{kind}") as fields:
            mode = fields.take("defaultMode", default_mode or 0o644)
            if kind == "downwardAPI":
                self._fields_of_the_pod(fields, place, mode)
                return
            named = _renamed(fields) if "secretName" in value else fields
            self._keys(named, kinds[kind], place, mode)

    def _keys(
        self, fields: Fields, objects: Mapping[str, Mapping[str, bytes]], place: Path, mode: int
    ) -> None:
        items = fields.take("items")
        with fields:
            found = looked_up(fields, objects)
        if found is None:
            return
        for item in items or [{"key": key, "path": key} for key in found]:
            if item["key"] not in found:
                raise ManifestError(f"{fields.where}: there is no key {item['key']}")
            self._write(place / item["path"], found[item["key"]], item.get("mode", mode))

    def _fields_of_the_pod(self, fields: Fields, place: Path, mode: int) -> None:
        for item in fields.parts("items"):
            with item:
                value = pod_field(item.part("fieldRef"), self._sources)
                self._write(place / item.need("path"), value.encode(), mode)

    def _write(self, file: Path, content: bytes, mode: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if self._group is not None:
            os.chown(file, -1, self._group)
            mode |= 0o440
        file.chmod(mode)

    def _sub_path(self, place: Path, sub_path: str) -> Path:
        inner = place / sub_path
        if not inner.exists():
            inner.mkdir(parents=True, mode=0o750)
            self._give(inner, 0o750)
        return inner


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _renamed(fields: Fields) -> Fields:
    """A volume names a Secret in a field of its own; everything else names it `name`."""
    values: dict[str, Any] = {"name": fields.need("secretName")}
    values |= {key: value for key in ("items", "optional") if (value := fields.take(key))}
    return Fields(values, fields.where)
