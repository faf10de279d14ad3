"""Cuts out a folder of pictures with rembg. Runs in rembg's environment, so it imports none of us.

python rembg_process.py PICTURES TARGET MODEL MODES

MODES is JSON: a name and keyword arguments of `rembg.remove` each; answers go to TARGET/name, and
the versions of what made them to TARGET/versions.json. What its libraries print is theirs.
"""

import json
import platform
import sys
from importlib import metadata
from pathlib import Path

from rembg import new_session, remove  # type: ignore[import-not-found]  # it is only there

_TELLING = ("rembg", "onnxruntime", "numpy", "pillow", "pymatting", "scikit-image", "scipy")


def main() -> None:
    """Writes the answers, then the versions."""
    pictures, target, model, modes = sys.argv[1:]
    session = new_session(model)
    for name, options in json.loads(modes).items():
        folder = Path(target) / name
        folder.mkdir(parents=True, exist_ok=True)
        for picture in sorted(Path(pictures).iterdir()):
            answer = remove(picture.read_bytes(), session=session, **options)
            (folder / f"{picture.stem}.png").write_bytes(answer)
        print(f"{name}: done", flush=True)
    versions = {name: metadata.version(name) for name in _TELLING}
    text = json.dumps({"python": platform.python_version(), **versions})
    (Path(target) / "versions.json").write_text(text)


if __name__ == "__main__":
    main()
