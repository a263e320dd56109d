"""The manifest: the version of the vectors and the SHA-256 of each suite and schema."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from qref.errors import BadVectors
from qref.vectors import schema

NAME = "manifest.json"
COVERED = ("schema/*.json", "vectors/*.json")


def dump(version: str, files: Mapping[str, str]) -> bytes:
    """The manifest's bytes for the digests of `files`, by their path inside conformance/."""
    return (json.dumps({"version": version, "files": dict(sorted(files.items()))}, indent=1) + "\n").encode("ascii")


def covered(folder: Path) -> list[str]:
    """The paths that the manifest lists, relative to `folder`, sorted."""
    return sorted(path.relative_to(folder).as_posix() for pattern in COVERED for path in folder.glob(pattern))


def check(folder: Path, paths: Sequence[str]) -> None:
    """Checks files of `folder` against its manifest.

    Raises:
        BadVectors: a file is not listed or is not what the manifest says it is.
    """
    files = schema.load(folder / NAME, "manifest-1")["files"]
    for path in paths:
        if path not in files:
            raise BadVectors(f"{NAME} does not list {path}: run qref vectors generate, or restore the published files")
        found = sha256(folder / path)
        if found != files[path]:
            raise BadVectors(
                f"{path} has SHA-256 {found[:12]}…, {NAME} says {files[path][:12]}…: one of the two was changed by"
                " hand; restore the published files, or run qref vectors generate"
            )


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes.

    Raises:
        BadVectors: it cannot be read.
    """
    try:
        return digest(path.read_bytes())
    except OSError as error:
        raise BadVectors(f"{path}: cannot be read: {error.strerror}") from None


def digest(raw: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()
