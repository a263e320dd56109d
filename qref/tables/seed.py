"""The seed's tables of NNLib, as printed: numbers, rows and units; each names the lines of the seed that it stands in.

The layers are called conv1 … conv10; qref.conv.ten_layers has what they are. The row that the seed's first slide calls
QEngine and the second Dense (direct) is the same dense direct convolution, with the same numbers. No board is named
beside these tables; other slides name a Snapdragon 820E and a Kirin 970.
"""

from dataclasses import dataclass

LAYERS = tuple(f"conv{i}" for i in range(1, 11))


@dataclass(frozen=True)
class Row:
    """One printed row. label: the seed's words. values: conv1 … conv10."""

    label: str
    values: tuple[float, ...]

    def of(self, layer: str) -> float:
        """The cell of a layer."""
        return self.values[LAYERS.index(layer)]


# fmt: off
MEMORY_SOURCE = 'seed, lines 907-912, "Memory overhead of different algorithms/MB"'
MEMORY = {
    "im2col": Row("Im2col", (6.31, 10.48, 5.52, 8.16, 11.23, 10.88, 8.98, 3.31, 5.01, 4.57)),
    "mec": Row("MEC", (3.57, 4.88, 4.49, 6.61, 5.96, 6.06, 4.16, 2.70, 2.59, 3.36)),
    "direct": Row("QEngine", (1.92, 3.48, 3.97, 5.83, 3.85, 3.65, 1.75, 1.50, 1.39, 2.76)),
}
"""MB (10⁶ bytes) by algorithm."""

RUNTIME_DIRECT_SOURCE = 'seed, lines 900-905, "Runtime of different algorithms/ms"'
RUNTIME_DIRECT = {
    "im2col": Row("Im2col", (30.1, 108.3, 26.0, 43.0, 25.3, 86.9, 37.8, 15.2, 30.4, 22.9)),
    "mec": Row("MEC", (14.0, 65.0, 31.1, 47.6, 14.6, 44.1, 15.7, 9.5, 18.8, 21.9)),
    "direct": Row("QEngine", (10.4, 49.9, 17.3, 25.8, 12.9, 33.1, 12.1, 5.9, 13.8, 13.3)),
}
"""ms by algorithm, float32."""

RUNTIME_SPARSE_SOURCE = 'seed, lines 924-930, "Runtime of different algorithms/ms", rows Dense and Sparse (direct)'
RUNTIME_SPARSE = {
    0.00: Row("Dense (direct)", (10.4, 49.9, 17.3, 25.8, 12.9, 33.1, 12.1, 5.9, 13.8, 13.3)),
    0.50: Row("Sparse (direct) 50%", (9.12, 36.42, 12.62, 18.99, 10.08, 27.38, 10.65, 5.16, 9.90, 9.55)),
    0.75: Row("Sparse (direct) 75%", (6.38, 23.44, 8.20, 11.93, 6.96, 17.47, 7.45, 3.42, 6.48, 5.99)),
    0.90: Row("Sparse (direct) 90%", (4.01, 14.09, 4.11, 6.22, 4.57, 10.12, 4.81, 2.27, 4.06, 3.37)),
}
"""ms by the share of weights that are zero, float32."""

RUNTIME_INT8_SOURCE = 'seed, lines 924-931, "Runtime of different algorithms/ms", rows Dense and Int8 (direct)'
RUNTIME_INT8 = {
    "float32": Row("Dense (direct)", (10.4, 49.9, 17.3, 25.8, 12.9, 33.1, 12.1, 5.9, 13.8, 13.3)),
    "int8": Row("Int8 (direct)", (7.83, 28.61, 8.87, 13.12, 8.96, 21.72, 10.20, 4.50, 8.54, 6.85)),
}
"""ms by the type of image and weights."""
# fmt: on
