"""Where the suites, schemas and the spec lie: inside an installed package, else in the checkout.

A wheel carries copies under qref/_data (tools/wheel_data.py). An editable install has none, so it always reads the
files that are being edited.
"""

from pathlib import Path

from qref.errors import BadVectors

PACKAGE = Path(__file__).resolve().parents[1]


def conformance() -> Path:
    """The folder with vectors/, schema/, manifest.json, kills.json and errata.json."""
    return folder("conformance")


def spec() -> Path:
    """The folder with the normative text."""
    return folder("spec")


def checkout() -> Path | None:
    """The root of the checkout that this package runs from, None for an installed copy."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "conformance").is_dir() else None


def folder(name: str) -> Path:
    """The folder called `name`: the package's own copy first.

    Raises:
        BadVectors: there is neither a copy nor a checkout.
    """
    for root in (PACKAGE / "_data", PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise BadVectors(f"{name}/ is neither inside the package nor beside {PACKAGE}: install qref-conformance again")
