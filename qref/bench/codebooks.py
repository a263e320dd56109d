"""Layers whose weights are codes, beside the same layers of float32 numbers: `qref bench codebooks`.

AlexNet's fully-connected layers at batch 1 with the sub-vectors and codewords of Quantized-CNN's published model, and
two of the ten layers of convolution.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.layers import Progress, named, versions
from qref.bench.peers import onnxruntime as peer
from qref.bench.report import OWN, Report, Row
from qref.codebooks.hashed import Hashed, HashedWeights, real_weights
from qref.codebooks.lookup_tables import ALEXNET
from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.conv import ALGORITHMS
from qref.conv.bound import of_sums
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.conv.ten_layers import TEN_LAYERS
from qref.engines.versions import require
from qref.judge.machine import this_machine
from qref.numerics.floats import float_format

DENSE, LOOKUP = "dense", "lookup"
ROUNDOFF = 2.0**-24
POINTS = Geometry((1,), (1,), (1,), (0,), (0,))
FOUR_BITS = 16
LENGTH, CODEWORDS = 8, 128  # of the convolutions in the authors' published model

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class CodedLayer:
    """x: what it is fed with. encoded: its weights. A fully-connected layer is a convolution of points: x [1, L, 1]."""

    name: str
    x: Array
    encoded: Subvectors
    geometry: Geometry

    @property
    def fully_connected(self) -> bool:
        """Whether x is a row of numbers."""
        return self.name.startswith("fc")


@dataclass(frozen=True, eq=False)
class Contender:
    """One way to compute a layer.

    run: x → y [N, M, o1, …]. weights: those that it has, decoded. kernel: of qref's dense convolutions what runs.
    """

    engine: str
    algorithm: str
    run: Callable[[Array], Array]
    weights: Array
    kernel: str = ""


def made(name: str) -> CodedLayer:
    """A layer with drawn codes and codebooks, by its name in LAYERS."""
    x: tuple[int, ...]
    w: tuple[int, ...]
    if name in TEN_LAYERS:
        one = TEN_LAYERS[name]
        x, w, layout, geometry, d, V = one.x, one.w, "channels", one.geometry, LENGTH, CODEWORDS
    else:
        layer = ALEXNET[name]
        x, w, layout, geometry = (1, layer.inputs, 1), (layer.outputs, layer.inputs, 1), "rows", POINTS
        d, V = layer.d, layer.values
    draw = np.random.default_rng(0)
    R, L = matrix_shape(w, layout)
    codes = draw.integers(0, V, (R, -(-L // d)), np.uint8)
    codebooks = draw.standard_normal((V, L), np.float32)
    encoded = Subvectors(w, layout, codes, codebooks, d, width=(V - 1).bit_length())
    return CodedLayer(name, draw.standard_normal(x, np.float32), encoded, geometry)


def onnxruntime_dense(layer: CodedLayer, decoded: Array, threads: int) -> Contender:
    """The layer of float32 numbers by ONNX Runtime: Gemm or Conv."""
    if not layer.fully_connected:
        runs = peer.prepare(decoded, layer.geometry, "float32", layer.x.shape, threads)
        return Contender("onnxruntime", DENSE, runs["Conv"], decoded)
    run = peer.session(peer.one_gemm(decoded[:, :, 0]), threads)
    return Contender("onnxruntime", DENSE, lambda x: run(x[:, :, 0])[:, :, None], decoded)


def own_dense(layer: CodedLayer, decoded: Array, threads: int) -> Contender:
    """The layer of float32 numbers by qref: the matrix product, or the convolution that it chooses."""
    if layer.fully_connected:
        from qref.kernels.float_product import multiply, pack

        packed = pack(decoded[:, :, 0].T)
        return Contender(OWN, DENSE, lambda x: multiply(x[:, :, 0], packed, threads)[:, :, None], decoded)
    from qref.kernels.conv.choice import choice
    from qref.kernels.conv.table import KERNELS

    name = choice(TEN_LAYERS[layer.name].shapes, threads)
    kernel, geometry = KERNELS[name], layer.geometry
    weights = kernel.pack(decoded, geometry)
    return Contender(OWN, DENSE, lambda x: kernel.run(x, weights, geometry, threads), decoded, name)


def lookup(layer: CodedLayer, decoded: Array, threads: int) -> Contender:
    """Pre-computed tables and additions."""
    from qref.kernels.codebooks import lookup_gemm
    from qref.kernels.conv import lookup as lookup_conv

    one = layer.encoded
    if layer.fully_connected:
        packed = lookup_gemm.pack(one.codes, one.codebooks, one.d)
        return Contender(OWN, LOOKUP, lambda x: lookup_gemm.run(x[:, :, 0], packed, threads)[:, :, None], decoded)
    kernels = lookup_conv.pack(one.codes, one.codebooks, one.d, layer.geometry)
    return Contender(OWN, LOOKUP, lambda x: lookup_conv.run(x, kernels, layer.geometry, threads), decoded)


def scalar_codebook(layer: CodedLayer, decoded: Array, threads: int) -> Contender:
    """Four bits a weight, one codebook for all of them."""
    from qref.kernels.codebooks import codebook_gemm

    draw = np.random.default_rng(1)
    codes = draw.integers(0, FOUR_BITS, decoded.shape, np.uint8)
    codebook = draw.standard_normal(FOUR_BITS, np.float32)
    packed = codebook_gemm.pack(codes[:, :, 0], codebook)
    run = codebook_gemm.run
    return Contender(OWN, "codebook-4-bit", lambda x: run(x[:, :, 0], packed, threads)[:, :, None], codebook[codes])


def hashed(layer: CodedLayer, decoded: Array, threads: int) -> Contender:
    """HashedNets with a real weight for eight virtual ones, no matrix of them."""
    from qref.kernels.codebooks import hashed as kernel

    shape = decoded.shape[:2]
    real = np.random.default_rng(2).standard_normal(real_weights(shape, HashedWeights().compression), np.float32)
    encoded = Hashed(shape, real)
    weights = kernel.decode(encoded)[:, :, None]
    return Contender(OWN, "hashed", lambda x: kernel.run(x[:, :, 0], encoded, threads)[:, :, None], weights)


Maker = Callable[[CodedLayer, Array, int], Contender]
FULLY_CONNECTED: tuple[Maker, ...] = (onnxruntime_dense, own_dense, lookup, scalar_codebook, hashed)
CONVOLUTION: tuple[Maker, ...] = (onnxruntime_dense, own_dense, lookup)
"""What takes part, the layer that the others are compared with first."""
LAYERS: dict[str, tuple[Maker, ...]] = {
    "fc6": FULLY_CONNECTED,
    "fc7": FULLY_CONNECTED,
    "fc8": FULLY_CONNECTED,
    "conv2": CONVOLUTION,
    "conv3": CONVOLUTION,
}


def measure(
    layers: Sequence[str] = tuple(LAYERS), *, repeat: int = 30, threads: int = 1, progress: Progress | None = None
) -> Report:
    """Times all contenders of the layers in turn, outputs checked before a time counts.

    Raises:
        MissingExtra: Numba or ONNX Runtime is not installed.
        UsageError: a layer that there is not.
    """
    require("numba", "fast")
    peer.check()
    for name in layers:
        named(LAYERS, "layer", name)
    from qref.bench.peak import peak_gops
    from qref.kernels import instructions

    tell = progress or (lambda what, done, total: None)
    machine, date, rows = this_machine(), datetime.now(UTC), list[Row]()
    tell("the peak", 0, len(layers))
    gops, instruction = peak_gops("float32", threads)
    for i, name in enumerate(layers):
        tell(name, i, len(layers))
        rows += measure_layer(name, repeat, threads)
    tell("", len(layers), len(layers))
    return Report(
        cpu=machine.cpu,
        features=list(machine.features),
        threads=threads,
        peak_gops=gops,
        rows=[replace(row, share_of_peak=row.gops / gops) for row in rows],
        peak_instruction=instruction,
        instructions=instructions.chosen().name,
        versions=versions([peer.ONNXRUNTIME]),
        date=date.isoformat(timespec="seconds"),
    )


def measure_layer(name: str, repeat: int, threads: int) -> list[Row]:
    """The rows of one layer: contenders take turns in a drawn order, after one run each that is checked."""
    layer = made(name)
    decoded = layer.encoded.decode()
    contenders = [make(layer, decoded, threads) for make in LAYERS[name]]
    checks = checked(layer, contenders)
    seconds: list[list[float]] = [[] for _ in contenders]
    draw = np.random.default_rng(0)
    for _ in range(repeat):
        for i in draw.permutation(len(contenders)):
            begin = time.perf_counter()
            contenders[i].run(layer.x)
            seconds[i].append(time.perf_counter() - begin)
    positions = contenders[0].run(layer.x)[0, 0].size
    operations = 2 * decoded.size * positions
    return [
        Row(
            layer=name,
            dtype="float32",
            engine=one.engine,
            algorithm=one.algorithm,
            ms=min(times) * 1e3,
            ms_median=median(times) * 1e3,
            gops=operations / min(times) / 1e9,
            share_of_peak=float("nan"),
            max_error=error,
            checked=passed,
            kernel=one.kernel,
        )
        for one, times, (error, passed) in zip(contenders, seconds, checks, strict=True)
    ]


def checked(layer: CodedLayer, contenders: Sequence[Contender]) -> list[tuple[float, bool]]:
    """Of each the largest error over the golden result's standard deviation, and whether all are within the bound."""
    golden: dict[int, tuple[Any, Any]] = {}
    found = []
    for one in contenders:
        if id(one.weights) not in golden:
            golden[id(one.weights)] = golden_and_bound(layer, one.weights)
        y, allowed = golden[id(one.weights)]
        error = np.abs(one.run(layer.x).astype(np.float64) - y)
        if not layer.fully_connected and one.algorithm == DENSE:
            allowed = transformed(layer, one.weights, one.kernel, allowed)
        found.append((float(error.max() / y.std()), bool((error <= allowed).all())))
    return found


def golden_and_bound(layer: CodedLayer, weights: Array) -> tuple[Any, Any]:
    """The exact layer, rounded once, and n·u·M, some output channels at a time."""
    x, step = layer.x.astype(np.float64), max((1 << 22) // weights[0].size, 1)
    parts = [weights[m : m + step].astype(np.float64) for m in range(0, len(weights), step)]
    y = [exact(x, w, layer.geometry, float_format("float32")) for w in parts]
    allowed = [of_sums(x, w, layer.geometry) * ROUNDOFF for w in parts]
    return np.concatenate(y, axis=1), np.concatenate(allowed, axis=1)


def transformed(layer: CodedLayer, weights: Array, kernel: str, allowed: Any) -> Any:
    """The bound of what a dense convolution may be, a peer's Winograd's too, where it is wider."""
    shapes, one = TEN_LAYERS[layer.name].shapes, ALGORITHMS[kernel or "winograd-4x4"]
    if one.applies(shapes):
        return allowed
    return np.maximum(allowed, one.bound(layer.x, weights, layer.geometry) * ROUNDOFF)


def lines(report: Report) -> Iterator[list[str]]:
    """Cells: layer, engine and algorithm, least and median ms, the dense peer's least over its own, error, in doubt."""
    for layer in report.layers:
        rows = [row for row in report.rows if row.layer == layer]
        for row in rows:
            word = "" if row.checked else "off"
            times = [f"{row.ms:.3f}", f"{row.ms_median:.3f}", f"{rows[0].ms / row.ms:.2f}"]
            yield [layer, f"{row.engine} {row.algorithm}", *times, f"{row.max_error:.1e}", word]


def slower(report: Report) -> list[str]:
    """The fully-connected layers on which look-ups are not faster than the peer's dense layer: the goal is none."""
    ms = {(row.layer, row.engine, row.algorithm): row.ms for row in report.rows}
    layers = [name for name in report.layers if LAYERS.get(name) is FULLY_CONNECTED and (name, OWN, LOOKUP) in ms]
    return [name for name in layers if ms[name, OWN, LOOKUP] >= ms[name, "onnxruntime", DENSE]]
