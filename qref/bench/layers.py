"""Convolution layer by layer: every algorithm and peer, outputs checked before a time counts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.algorithms import CHOICE, CODES, DEFAULT, PEAKS, TO_UINT8, Timed, operands, pruned, timed
from qref.bench.peers.litert import LITERT
from qref.bench.peers.mnn import MNN
from qref.bench.peers.naive_c import NAIVE_C
from qref.bench.peers.ncnn import NCNN
from qref.bench.peers.onnxruntime import ONNXRUNTIME
from qref.bench.peers.openvino import OPENVINO
from qref.bench.peers.peer import Peer, Requantizing, Run
from qref.bench.peers.requantization import ZERO_POINT, output_scale, rule
from qref.bench.peers.torch import TORCH
from qref.bench.report import OWN, Report, Row
from qref.conv import ALGORITHMS
from qref.conv.direct import direct
from qref.conv.exact import exact
from qref.conv.ten_layers import TEN_LAYERS, Layer
from qref.engines.versions import qref_version, require, version
from qref.errors import UsageError
from qref.judge.machine import this_machine
from qref.numerics.formats import Float, format_of

PEERS: dict[str, Peer] = {peer.name: peer for peer in (ONNXRUNTIME, OPENVINO, TORCH, NCNN, MNN, LITERT, NAIVE_C)}
ROUNDOFF = 2.0**-24
REPEAT = 30
ENOUGH, SECONDS = 5, 2.0
"""A contender that has run so many times for so long in all runs no more on that layer."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Contender:
    """One row to be: who runs what, on which zero weights; of qref's, the kernel, within whose bound it has to be."""

    engine: str
    algorithm: str
    run: Run
    zeros: int = 0
    kernel: str = ""


def measure(
    layers: Sequence[str] = tuple(TEN_LAYERS),
    algorithms: Sequence[str] | None = None,
    *,
    dtype: str = "float32",
    peers: Sequence[str] = (),
    repeat: int = REPEAT,
    threads: int = 1,
    tune: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Times algorithms and peers side by side.

    All contenders of a layer take turns in a drawn order, `repeat` times (the slow ones fewer, see SECONDS), after one
    run each that is not timed and whose output is compared with the golden result. Weights are packed before, as they
    are in a network.

    Args:
        layers: names of `qref.conv.ten_layers`. algorithms: names of `qref.conv.ALGORITHMS`, "sparse-direct@75" for
            75 % zero weights, "default" for what `qref.kernels.conv.choice` says; None: all of the dtype, that apply
            to the layer. dtype: float32, int8, binary, 2-bit, powers.
        peers: names of PEERS. tune: `qref.kernels.conv.tuner` decides each layer anew before it is timed, and what it
            decides is kept. progress: told what is timed now, steps done, steps in all.

    Raises:
        MissingExtra: Numba or a peer is not installed.
        UsageError: a name that does not exist, or tuning of another dtype than float32.
    """
    require("numba", "fast")
    if dtype not in DEFAULT:
        raise UsageError(f"dtype {dtype} is not one of {', '.join(DEFAULT)}")
    if tune and dtype != "float32":
        raise UsageError(f"tuning for {dtype}: there is a choice among kernels for float32 only")
    chosen = [timed(label, dtype) for label in (DEFAULT[dtype] if algorithms is None else algorithms)]
    known_layers = [named(TEN_LAYERS, "layer", name) for name in layers]
    known_peers = [named(PEERS, "peer", name) for name in peers]
    for peer in known_peers:
        peer.check()
    from qref.bench.peak import peak_gops
    from qref.kernels import instructions
    from qref.kernels.conv.tuner import tune as decide

    tell = progress or (lambda what, done, total: None)
    steps = len(known_layers) * (repeat + 1)
    tell("the peak", 0, steps)
    machine, date, peak = this_machine(), datetime.now(UTC), (0.0, "")
    rows: list[Row] = []
    for i, layer in enumerate(known_layers):
        peak = max(peak, peak_gops(PEAKS.get(dtype, dtype), threads))

        def tell_of_layer(done: int, layer: Layer = layer, first: int = i * (repeat + 1)) -> None:
            tell(layer.name, first + done, steps)

        if tune:
            decide(layer.shapes, threads)
        rows += measure_layer(layer, dtype, chosen, known_peers, repeat, threads, tell_of_layer)
    gops, peak_instruction = peak
    tell("", steps, steps)
    return Report(
        cpu=machine.cpu,
        features=list(machine.features),
        threads=threads,
        peak_gops=gops,
        rows=[replace(row, share_of_peak=row.gops / gops) for row in rows],
        peak_instruction=peak_instruction,
        instructions=instructions.chosen().name,
        versions=versions(known_peers),
        date=date.isoformat(timespec="seconds"),
    )


def versions(peers: Sequence[Peer]) -> dict[str, str]:
    """What is compared, and what compiled qref's kernels."""
    own = {"qref": qref_version(), "numba": version("numba"), "llvmlite": version("llvmlite")}
    return {name: found or "" for name, found in (own | {peer.name: peer.version() for peer in peers}).items()}


def named(table: dict[str, Any], kind: str, name: str) -> Any:
    """An entry of a table. Raises UsageError with what there is."""
    if name not in table:
        raise UsageError(f"{kind} {name} is not one of {', '.join(table)}")
    return table[name]


def measure_layer(
    layer: Layer,
    dtype: str,
    algorithms: Sequence[Timed],
    peers: Sequence[Peer],
    repeat: int,
    threads: int,
    tell: Callable[[int], None],
) -> list[Row]:
    """The rows of one layer, their shares of the peak still missing."""
    tell(0)
    x, w = operands(layer, dtype)
    contenders = list(own(layer, dtype, w, algorithms, threads))
    for peer in peers:
        runs = peer.prepare(w, layer.geometry, dtype, layer.x, threads)
        contenders += [Contender(peer.name, name, run) for name, run in runs.items()]
    golden = {zeros: golden_result(layer, dtype, x, pruned(w, zeros)) for zeros in {c.zeros for c in contenders}}
    checks = [check(layer, dtype, x, w, c, golden[c.zeros]) for c in contenders]
    seconds: list[list[float]] = [[] for _ in contenders]
    draw = np.random.default_rng(0)
    for turn in range(repeat):
        tell(1 + turn)
        # in another order each turn: what ran before decides what is in the caches
        for i in draw.permutation(len(contenders)):
            contender, times = contenders[i], seconds[i]
            if len(times) >= ENOUGH and sum(times) > SECONDS:
                continue
            begin = time.perf_counter()
            contender.run(x)
            times.append(time.perf_counter() - begin)
    return [
        row(layer, dtype, contender, times, *checked) for contender, times, checked in zip(contenders, seconds, checks)
    ]


def row(layer: Layer, dtype: str, contender: Contender, seconds: Sequence[float], error: float, passed: bool) -> Row:
    """A row from the times of all runs and the outcome of the check; the peak is known when all layers have run."""
    gops = 2 * layer.shapes.macs / min(seconds) / 1e9
    return Row(
        layer=layer.name,
        dtype=dtype,
        engine=contender.engine,
        algorithm=contender.algorithm,
        ms=min(seconds) * 1e3,
        ms_median=median(seconds) * 1e3,
        gops=gops,
        share_of_peak=float("nan"),
        max_error=error,
        checked=passed,
        kernel=contender.kernel,
    )


def own(layer: Layer, dtype: str, w: NDArray[Any], algorithms: Sequence[Timed], threads: int) -> list[Contender]:
    """qref's kernels of those algorithms that apply to the layer; weights packed, workspace and result placed."""
    from qref.kernels.conv.choice import choice
    from qref.kernels.conv.int8_direct import Fp32
    from qref.kernels.conv.table import KERNELS

    def kernel_of(one: Timed) -> str:
        if one.name == CHOICE:
            return choice(layer.shapes, threads)
        return "int8-direct" if one.name == TO_UINT8 else one.name

    def contender(one: Timed, name: str) -> Contender:
        kernel = KERNELS[name]
        more: dict[str, Any] = {}
        if dtype in CODES:
            more["x_code"], w_code = CODES[dtype]
            packed = kernel.pack(w, layer.geometry, w_code)
        else:
            packed = kernel.pack(pruned(w, one.zeros), layer.geometry)
        if kernel.workspace:
            more["workspace"] = np.empty(kernel.workspace(layer.shapes, threads), np.uint8)
        if kernel.places:
            of_sums = np.float32 if w.dtype == np.float32 else np.int32
            more["out"] = np.empty(layer.shapes.output, np.uint8 if one.name == TO_UINT8 else of_sums)

        scale, ends = output_scale(w), {}
        if one.name == TO_UINT8:
            ends["end"] = Fp32(np.full(len(w), 1 / scale, np.float32), ZERO_POINT, 0, 255, "uint8")
        prepared = kernel.prepare and kernel.prepare(layer.x, np.uint8, packed, layer.geometry, threads, **ends)

        def run(x: NDArray[Any]) -> NDArray[Any]:
            if prepared:
                return prepared(x, **more)
            return kernel.run(x, packed, layer.geometry, threads, **ends, **more)

        if one.name == TO_UINT8:
            return Contender(OWN, one.label, Requantizing(run, rule(scale, ZERO_POINT, np.uint8)), kernel=name)
        return Contender(OWN, one.label, run, one.zeros, name)

    meant = [(one, kernel_of(one)) for one in algorithms]
    return [contender(one, name) for one, name in meant if not ALGORITHMS[name].applies(layer.shapes)]


def golden_result(layer: Layer, dtype: str, x: NDArray[Any], w: NDArray[Any]) -> NDArray[np.float64]:
    """The exact convolution, floats rounded once; integers in float64, where their sums are exact."""
    wide_x, wide_w = x.astype(np.float64), w.astype(np.float64)
    if dtype != "float32":
        return direct(wide_x, wide_w, layer.geometry)
    format = format_of("float32")
    assert isinstance(format, Float)
    return exact(wide_x, wide_w, layer.geometry, format)


def check(
    layer: Layer, dtype: str, x: NDArray[Any], w: NDArray[Any], contender: Contender, golden: NDArray[np.float64]
) -> tuple[float, bool]:
    """The largest error over the golden result's standard deviation, and whether all are within the bound."""
    y = contender.run(x).astype(np.float64)
    if y.shape != golden.shape:
        return float("inf"), False
    if isinstance(contender.run, Requantizing):
        golden = contender.run.rule(golden)
    error = np.abs(y - golden)
    allowed: Any = 0.0
    if dtype == "float32":
        # what algorithm a peer takes is its own affair: any order of summing up, or Winograd's
        names = [contender.kernel] if contender.kernel else ["direct", "winograd-4x4"]
        weights = pruned(w, contender.zeros)
        bounds = [
            ALGORITHMS[name].bound(x, weights, layer.geometry)
            for name in names
            if not ALGORITHMS[name].applies(layer.shapes)
        ]
        allowed = np.maximum.reduce(bounds) * ROUNDOFF
    return float(error.max() / golden.std()), bool((error <= allowed).all())
