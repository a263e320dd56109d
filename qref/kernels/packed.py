"""Packed: weights in the order in which a kernel meets them, in memory and on disk."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from qref.errors import BadTensor

HEADER = "header"


@dataclass(frozen=True, eq=False)
class Packed:
    """Weights that `kernel` packed for the instruction set `set`, from a tensor of lengths `shape` [M, C/G, k1, …].

    arrays: what the kernel reads, by names that its `pack` explains. numbers: what else it has to know.
    """

    kernel: str
    set: str
    shape: tuple[int, ...]
    arrays: dict[str, NDArray[Any]]
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays.values())

    def save(self, path: Path) -> None:
        """Writes NumPy's npz: the arrays, and a JSON header with the rest as an array of bytes.

        Raises:
            BadTensor: the file cannot be written.
        """
        header = {"kernel": self.kernel, "set": self.set, "shape": self.shape, "numbers": self.numbers}
        text = np.frombuffer(json.dumps(header).encode(), np.uint8)
        try:
            with path.open("wb") as file:
                np.savez(file, **{HEADER: text}, **self.arrays)  # type: ignore[arg-type]
        except OSError as error:
            raise BadTensor(f"{path} cannot be written: {error.strerror}") from error


def load(path: Path) -> Packed:
    """Reads what `Packed.save` has written.

    Raises:
        BadTensor: the file cannot be read, or is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop(HEADER).tobytes())
        shape = tuple(int(n) for n in header["shape"])
        return Packed(header["kernel"], header["set"], shape, arrays, dict(header["numbers"]))
    except OSError as error:
        raise BadTensor(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise BadTensor(f"{path} holds no packed weights: {error}") from error
