"""The goals of the fast paths, as ratios of one run, and whether reports of that run meet them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qref.bench.algorithms import CHOICE, TO_UINT8
from qref.bench.ratios import (
    Speedups,
    error_ratios,
    executed_shares,
    fastest_peer,
    geometric_mean,
    own,
    speedups,
)
from qref.bench.report import Report, Row
from qref.conv.ten_layers import TEN_LAYERS
from qref.errors import UsageError

TRANSFORMED = (("ncnn", "Convolution"),)
"""Peers that are known to take Winograd's algorithm for float32 where it applies."""
INT8_SUMS = (("onnxruntime", "ConvInteger"), ("openvino", "Convolution"))
"""The rows of ONNX Runtime and OpenVINO that give sums of 32 bits."""
INT8_TO_UINT8 = (("onnxruntime", "QLinearConv"), ("openvino", "Convolution-to-uint8"))
"""Those that give uint8."""
SPARSE = (50, 75, 90)
FEW_CHANNELS = ("conv1", "conv5")
BINARY_LAYERS = ("conv3", "conv4", "conv7", "conv9", "conv10")


@dataclass(frozen=True)
class Goal:
    """One goal. figure: what was reached, None where it was not measured.

    bound: what it should be at least; with `at_most`, at most; None: shown for comparison, no goal. detail: the layer
    that decides, or what is missing.
    """

    name: str
    figure: float | None
    bound: float | None
    detail: str = ""
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """met, missed, not measured; a dash where there is no bound."""
        if self.figure is None:
            return "not measured"
        if self.bound is None:
            return "–"
        return "met" if (self.figure <= self.bound if self.at_most else self.figure >= self.bound) else "missed"

    @property
    def cells(self) -> tuple[str, str, str]:
        """The verdict, what was reached, what is wanted."""
        figure = "" if self.figure is None else f"{self.figure:.2f}"
        bound = "" if self.bound is None else f"{'≤' if self.at_most else '≥'} {self.bound:.2f}"
        return self.verdict, figure, bound

    def __str__(self) -> str:
        verdict, figure, bound = self.cells
        end = f" ({self.detail})" if self.detail else ""
        return f"{verdict:12}  {figure:>6}  {bound:6}  {self.name}{end}"


def goals(reports: Sequence[Report], seed: Speedups) -> list[Goal]:
    """Every goal that is a ratio of times or errors.

    Args:
        reports: of `qref bench layers`, one or more dtypes, all of one machine.
        seed: the seed's speed-ups of sparse convolution.

    Raises:
        UsageError: the reports are of different machines or numbers of threads.
    """
    for report in reports:
        if (report.cpu, report.threads) != (reports[0].cpu, reports[0].threads):
            raise UsageError(
                f"reports of {report.cpu}, {report.threads} threads, and of {reports[0].cpu}, {reports[0].threads}"
                " threads: ratios are of one machine"
            )
    rows = [row for report in reports for row in report.rows]
    return [*of_float32(rows), *of_default_choice(rows), *of_int8(rows), *of_sparse(rows, seed), *of_binary(rows)]


def of_float32(rows: Sequence[Row]) -> Iterator[Goal]:
    """Direct convolution against peers, the peak, and its own alternatives."""
    direct = own(rows, "direct")
    name = "float32 direct over the fastest peer"
    over = speedups(direct, fastest_peer(rows, "float32"))
    yield mean(name, over, 1.0)
    yield least(name, over, 0.95)
    over = speedups(direct, fastest_peer(rows, "float32", without=TRANSFORMED))
    yield mean("float32 direct over the fastest peer that is not known to take Winograd's algorithm", over, None)
    yield least("float32 direct, share of the FMA peak by executed MACs", executed_shares(direct), 0.95)
    for other in ("mec", "im2col"):
        yield least(f"float32 direct over {other}", speedups(direct, own(rows, other)), 1.0)


def of_default_choice(rows: Sequence[Row]) -> Iterator[Goal]:
    """What the choice among kernels takes: time, and error, against the fastest peer."""
    chosen, peers = own(rows, CHOICE), fastest_peer(rows, "float32")
    yield mean("float32 default choice over the fastest peer", speedups(chosen, peers), 1.5)
    yield most("float32 default choice, error over the fastest peer's", error_ratios(chosen, peers), 1.0)


def of_int8(rows: Sequence[Row]) -> Iterator[Goal]:
    """Direct int8 against two peers, whatever they give and like with like, and against own float32."""
    int8 = own(rows, "int8-direct", "int8")
    over = speedups(int8, fastest_peer(rows, "int8", only=(*INT8_SUMS, *INT8_TO_UINT8)))
    yield mean("int8 direct over the fastest of ONNX Runtime and OpenVINO, sums or uint8", over, 1.05)
    over = speedups(int8, fastest_peer(rows, "int8", only=INT8_SUMS))
    yield mean("int8 direct over their faster one that gives sums, as it does", over, None)
    over = speedups(own(rows, TO_UINT8, "int8"), fastest_peer(rows, "int8", only=INT8_TO_UINT8))
    yield mean("int8 direct to uint8 over their faster one that gives uint8", over, 1.05)
    over = speedups(int8, own(rows, "direct"))
    kept = {layer: ratio for layer, ratio in over.items() if layer not in FEW_CHANNELS}
    wanted = tuple(layer for layer in TEN_LAYERS if layer not in FEW_CHANNELS)
    yield least("int8 direct over own float32 direct", kept, 3.0, wanted)


def of_sparse(rows: Sequence[Row], seed: Speedups) -> Iterator[Goal]:
    """Sparse over dense direct: the speed-up over the seed's."""
    direct = own(rows, "direct")
    for zeros in SPARSE:
        label = f"sparse-direct@{zeros}"
        over, printed = speedups(own(rows, label), direct), seed.get(label, {})
        shares = {layer: ratio / printed[layer] for layer, ratio in over.items() if layer in printed}
        yield least(f"sparse direct at {zeros} % over own direct, over the seed's speed-up", shares, 1.0)


def of_binary(rows: Sequence[Row]) -> Iterator[Goal]:
    """XNOR over own float32 on layers of many channels."""
    over = speedups(own(rows, "xnor", "binary"), own(rows, "direct"))
    kept = {layer: ratio for layer, ratio in over.items() if layer in BINARY_LAYERS}
    yield least("xnor over own float32 direct", kept, 15.0, BINARY_LAYERS)


def mean(name: str, values: Mapping[str, float], bound: float | None) -> Goal:
    """The geometric mean over the ten layers."""
    figure = geometric_mean(values.values()) if values else None
    return Goal(f"{name}, geometric mean", figure, bound, missing(values, tuple(TEN_LAYERS)))


def least(name: str, values: Mapping[str, float], bound: float, layers: Sequence[str] = tuple(TEN_LAYERS)) -> Goal:
    """On the layer where it is least; all that miss the bound are told."""
    if not values:
        return Goal(name, None, bound)
    layer = min(values, key=lambda layer: values[layer])
    below = [f"{one} {values[one]:.2f}" for one in values if values[one] < bound]
    detail = ", ".join(below) if below else layer
    return Goal(f"{name}, least", values[layer], bound, "; ".join(filter(None, (detail, missing(values, layers)))))


def most(name: str, values: Mapping[str, float], bound: float) -> Goal:
    """On the layer where it is most; all that miss the bound are told."""
    if not values:
        return Goal(name, None, bound, at_most=True)
    layer = max(values, key=lambda layer: values[layer])
    above = [f"{one} {values[one]:.2f}" for one in values if values[one] > bound]
    detail = ", ".join(above) if above else layer
    end = "; ".join(filter(None, (detail, missing(values, tuple(TEN_LAYERS)))))
    return Goal(f"{name}, most", values[layer], bound, end, at_most=True)


def missing(values: Mapping[str, float], layers: Sequence[str]) -> str:
    """Which layers were not measured, where some were."""
    absent = [layer for layer in layers if layer not in values]
    return f"without {', '.join(absent)}" if values and absent else ""
