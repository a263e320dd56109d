"""The algorithms that a bench times, by dtype, and the data it gives them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv import ALGORITHMS
from qref.conv.bit_serial import Code
from qref.conv.ten_layers import Layer
from qref.errors import UsageError

DEFAULT = {
    "float32": (
        *("direct", "default", "channels-last", "blocked-direct", "im2col", "mec"),
        *("winograd-2x2", "winograd-4x4", "winograd-2x2-5x5", "fft"),
        *("sparse-direct@50", "sparse-direct@75", "sparse-direct@90"),
        *("sparse-gemm@50", "sparse-gemm@75", "sparse-gemm@90"),
    ),
    "int8": ("int8-direct", "int8-direct-to-uint8", "int8-gemm"),
    "binary": ("xnor",),
    "2-bit": ("bit-serial",),
    "powers": ("shift",),
}
"""What is timed where no algorithms are named."""
SHORT = {"winograd": "winograd-2x2", "sparse": "sparse-direct"}
"""Other names: winograd, and sparse-75 for sparse-direct@75."""
CHOICE = "default"
"""The label of what `qref.kernels.conv.choice` says for the layer."""
TO_UINT8 = "int8-direct-to-uint8"
"""The label of int8-direct with its sums requantized by the profile xnnpack-fp32."""
BESIDE: dict[str, tuple[str, ...]] = {"float32": (CHOICE,), "int8": (TO_UINT8,)}
"""What is timed and is not an algorithm by itself."""
OPERANDS = {"float32": "numbers", "int8": "int8", "binary": "signs", "2-bit": "planes", "powers": "powers"}
PEAKS = {"2-bit": "binary", "powers": "int8"}
"""Whose peak a dtype is held against, where it has none of its own."""
CODES = {"2-bit": (Code(2, "unsigned"), Code(2, "signed"))}
"""How image and weights are made of bits."""


@dataclass(frozen=True)
class Timed:
    """An algorithm of `qref.conv`, or one of BESIDE; `zeros` per cent of the weights are zero."""

    name: str
    zeros: int = 0

    @property
    def label(self) -> str:
        """sparse-direct@75."""
        return f"{self.name}@{self.zeros}" if self.zeros else self.name


def timed(label: str, dtype: str) -> Timed:
    """What a label means. Raises UsageError for one that is no algorithm for that dtype."""
    if label.startswith("sparse-") and label.removeprefix("sparse-").isdigit():
        label = label.replace("-", "@")
    name, _, zeros = label.partition("@")
    name = SHORT.get(name, name)
    known = [name for name, algorithm in ALGORITHMS.items() if algorithm.operands == OPERANDS[dtype]]
    if label in BESIDE.get(dtype, ()):
        return Timed(label)
    if name not in known:
        raise UsageError(f"{label} is no algorithm for {dtype}: {', '.join([*known, *BESIDE.get(dtype, ())])}")
    if zeros and not (zeros.isdigit() and 0 < int(zeros) < 100):
        raise UsageError(f"{label}: give a share of zero weights from 1 to 99, as in {name}@75")
    return Timed(name, int(zeros or 0))


def operands(layer: Layer, dtype: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Image and kernel, the same in every run.

    Normally distributed; or uint8 below 255 and int8 of 7 bits (with 255, ncnn would be wrong where it has VNNI, with 8
    bits engines whose sums of two products saturate at 16 bits, and not be timed); or signs; or integers of two bits;
    or uint8 and powers of two from 1 to 64.
    """
    rng = np.random.default_rng(0)
    if dtype == "float32":
        return tuple(rng.standard_normal(shape, np.float32) for shape in (layer.x, layer.w))  # type: ignore[return-value]
    if dtype in CODES:
        x, w = (rng.integers(*code.ends, n, endpoint=True) for code, n in zip(CODES[dtype], (layer.x, layer.w)))
        return x.astype(np.uint8), w.astype(np.int8)
    if dtype == "powers":
        powers = rng.choice(np.array([-1, 1]), layer.w) << rng.integers(0, 7, layer.w)
        return rng.integers(0, 256, layer.x).astype(np.uint8), powers.astype(np.int8)
    if dtype == "int8":
        return rng.integers(0, 255, layer.x).astype(np.uint8), rng.integers(-64, 64, layer.w).astype(np.int8)
    return tuple(rng.choice(np.array([-1, 1], np.int8), shape) for shape in (layer.x, layer.w))  # type: ignore[return-value]


def pruned(w: NDArray[Any], zeros: int) -> NDArray[Any]:
    """The weights of least magnitude, `zeros` per cent of all, set to zero."""
    if not zeros:
        return w
    kept = w.copy()
    count = w.size * zeros // 100
    kept.reshape(-1)[np.argpartition(np.abs(w), count, axis=None)[:count]] = 0
    return kept
