"""What is installed: versions, sizes, and the command that brings what is missing."""

from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from qref.errors import MissingExtra

DISTRIBUTION = "qref-conformance"


def qref_version() -> str:
    """qref's own version; "0" in a checkout that is not installed."""
    return version(DISTRIBUTION) or "0"


def version(distribution: str) -> str | None:
    """The installed version of a distribution, None where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def size(distribution: str) -> int:
    """Bytes of a distribution's installed files; 0 where that is not known."""
    try:
        files = metadata.files(distribution) or ()
    except metadata.PackageNotFoundError:
        return 0
    total = 0
    for file in files:
        with suppress(OSError):  # compiled files come and go
            total += Path(str(file.locate())).stat().st_size
    return total


def install_command(extra: str) -> str:
    """The command that installs an extra of qref."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def require(module: str, extra: str) -> None:
    """Raises MissingExtra where `module` cannot be imported."""
    if find_spec(module) is None:
        raise MissingExtra(f"{module} is not installed: {install_command(extra)}")
