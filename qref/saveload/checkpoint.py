"""What a long compression has done so far, so that a run that was stopped goes on where it was.

A folder beside the output, `.NAME.KEY`, holds one file a tensor that is encoded. KEY comes from the model's bytes, the
options and the version: another run has another folder. The folder goes when the run ends.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from qref.errors import BadModel
from qref.saveload import encoded_file


@dataclass(frozen=True)
class Checkpoint:
    """The folder of a run. resume: what it holds already is taken; else it begins empty."""

    folder: Path

    @classmethod
    def of(cls, output: Path, sources: Sequence[Path], options: Mapping[str, Any], resume: bool) -> "Checkpoint":
        """The folder for these files and options. A folder that cannot be written holds nothing, and is no error."""
        key = hashlib.sha256(json.dumps([_version(), options], sort_keys=True).encode())
        for path in sources:
            with path.open("rb") as file:
                key.update(hashlib.file_digest(file, "sha256").digest())
        found = cls(output.with_name(f".{output.name}.{key.hexdigest()[:8]}"))
        if not resume:
            found.remove()
        with suppress(OSError):
            found.folder.mkdir(exist_ok=True)
        return found

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What the folder holds under `name`, else what `make` gives, which is kept."""
        path = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.npz"
        if path.is_file():
            with suppress(BadModel):
                return encoded_file.load(path)
        made = make()
        with suppress(OSError):  # a full disk ends the checkpoint, not the run
            encoded_file.save(made, path)
        return made

    def remove(self) -> None:
        """Takes the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _version() -> str:
    """qref's own; "" in a checkout that is not installed."""
    try:
        return metadata.version("qref-conformance")
    except metadata.PackageNotFoundError:
        return ""
