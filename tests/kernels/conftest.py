"""Stale machine code is thrown away before these tests.

Numba's cache notices a change of a loop's own file, not of a file whose functions it has inlined.
"""

from contextlib import suppress
from pathlib import Path

CONV = Path(__file__).parents[2] / "qref" / "kernels" / "conv"
INLINED = ("rows.py", "int8_rows.py", "steps.py", "planes.py", "copying.py", "../exponential.py")


def throw_away_stale_code() -> None:
    newest = max((CONV / name).stat().st_mtime for name in INLINED)
    for folder in (CONV, CONV.parent):
        for index in (folder / "__pycache__").glob("*.nbi"):
            with suppress(FileNotFoundError):  # another process was faster
                if index.stat().st_mtime < newest:
                    index.unlink()


throw_away_stale_code()
