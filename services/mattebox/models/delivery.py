"""Copies installed models to where a server reads them, as they are. Knows no ONNX.

A model that stands there already is not touched, so that this may be run at every start, by many
at once, and where nothing may be written any more.
"""

import stat
from collections.abc import Mapping
from pathlib import Path

from mattebox.models import folder, installed
from mattebox.models.card import Card
from mattebox.models.digest import sha256_of
from mattebox.models.errors import ConfigError, DamagedError
from mattebox.models.folder import Copy
from mattebox.models.installed import State
from segmenter.inference.runtimes import MNN_FORM

_OPEN_TO_ALL = 0o755
_OF_A_VERSION = (installed.NOTICE, installed.LICENCE, installed.GRAPH, MNN_FORM)


def deliver(card: Card, source: Path, target: Path) -> bool:
    """Copies a model from one repository into another; tells whether there was anything to copy.

    Whoever runs there may read what is copied, whatever this process's umask.

    Raises:
        ConfigError: the model has no configuration.
        DamagedError: it is missing, or not what was installed.
        OSError: it cannot be read or written.
    """
    files = _files(card, source)
    copies = {target / path: Copy(source / path, sha256) for path, sha256 in files.items()}
    version = installed.version_folder(card.name, target)
    obsolete = {version / name for name in _OF_A_VERSION} - set(copies)
    if _stand(copies, obsolete):
        return False
    new = [each for each in (target, *target.parents) if not each.exists()]
    with folder.sole_writer(version):
        # By whoever may have made them, before another one sees that all is there.
        for each in new:
            _open(each)
        # Another one may have delivered it while this one waited.
        if _stand(copies, obsolete):
            return False
        for each in (version.parent, version):
            _open(each)
        folder.put(version, copies)
        for path in obsolete:
            path.unlink(missing_ok=True)
    return True


def _files(card: Card, repository: Path) -> Mapping[Path, str]:
    """The files of a model, by their places in the repository, and their SHA-256.

    The last is the one that says that all are there.
    """
    condition = installed.condition(card, repository)
    provenance = condition.provenance
    if condition.state is not State.INSTALLED or provenance is None:
        raise DamagedError(condition.problem)
    config = Path(card.name, installed.CONFIG)
    if not (repository / config).is_file():
        raise ConfigError(f"{repository / config} is not there. {installed.remedy(card)}")
    version = installed.version_folder(card.name, Path())
    recorded = {
        version / installed.GRAPH: provenance.sha256,
        version / MNN_FORM: provenance.mnn_sha256,
    }
    places = [config, *(version / name for name in _OF_A_VERSION), version / installed.PROVENANCE]
    return {
        place: recorded.get(place) or sha256_of(repository / place)
        for place in places
        if (repository / place).is_file()
    }


def _stand(copies: Mapping[Path, Copy], obsolete: set[Path]) -> bool:
    """Tells whether files are there as they should be, and others are not."""
    return not any(path.exists() for path in obsolete) and all(
        path.is_file() and sha256_of(path) == copy.sha256 for path, copy in copies.items()
    )


def _open(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OPEN_TO_ALL != _OPEN_TO_ALL:
        path.chmod(mode | _OPEN_TO_ALL)
