"""The calibrators, CalibrateMinMax to CalibrateDivergence, and ScaleOfRange.

From batches of activations to a range, and from a range to scale and zero point. qref's own operators (domain "qref",
opset 1).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import decode, float_format, nearest
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, require, scalar
from qref.ops.operator import Attribute, Operator
from qref.quantizers.calibration.divergence import Divergence, best, divergence, exact_divergence, terms
from qref.quantizers.calibration.histogram import Histogram
from qref.quantizers.calibration.min_max import MinMax
from qref.quantizers.calibration.moving_average import MovingAverage
from qref.quantizers.calibration.percentile import Percentile
from qref.quantizers.calibration.scale_of_range import LIMITS, scale_of_range
from qref.quantizers.calibration.squared_error import SquaredError, errors
from qref.quantizers.weights import finite

MOST = 256  # batches of a request
MOST_TRIED = 1 << 28  # bins times the thresholds that are tried
FLOAT32 = float_format("float32")

Counts = NDArray[np.int64]


def calibrate_min_max(*batches: Tensor, opset: int = 1) -> tuple[Tensor, Tensor]:
    """lowest and highest (float32 scalars) of all batches and zero.

    Args:
        batches: finite float32, each of any shape, also empty.

    Raises:
        InvalidInput: another type, NaN or infinity.
    """
    calibrator = MinMax()
    for batch in _batches(batches):
        calibrator = calibrator.update(batch)
    return _range(calibrator.range())


def calibrate_moving_average(*batches: Tensor, constant: float = 0.01, opset: int = 1) -> tuple[Tensor, Tensor]:
    """lowest and highest: moving averages of the batches' ends, widened to hold zero.

    Args:
        batches: as of `calibrate_min_max`; an empty one changes nothing. constant: weight of a new batch, 0 < c ≤ 1.

    Raises:
        InvalidInput: as `calibrate_min_max`, or a constant that there is not.
    """
    calibrator = MovingAverage(constant)
    for batch in _batches(batches):
        calibrator = calibrator.update(batch)
    return _range(calibrator.range())


def calibrate_percentile(
    *batches: Tensor, percentile: float = 99.99, bins: int = 2048, opset: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """lowest, highest, and the histogram's counts (int64 [bins]): p per cent of all magnitudes are inside.

    Raises:
        InvalidInput: as `calibrate_min_max`, or a percentile or a number of bins that there is not.
    """
    calibrator = Percentile(percentile, _histogram(batches, bins))
    return *_range(calibrator.range()), Tensor("int64", calibrator.histogram.found)


def calibrate_squared_error(
    *batches: Tensor, highest: int = 127, bins: int = 2048, opset: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """lowest, highest and counts: the end of a bin for which codes 0 to `highest` leave the least squared error.

    Raises:
        InvalidInput: as `calibrate_min_max`, or a highest code or a number of bins that there is not.
        Unsupported: more than 2^14 bins.
    """
    calibrator = SquaredError(highest, _histogram(batches, bins))
    _computable(bins, bins)
    return *_range(calibrator.range()), Tensor("int64", calibrator.histogram.found)


def calibrate_divergence(
    *batches: Tensor, levels: int = 128, bins: int = 2048, opset: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """lowest, highest and counts: the number of bins of least Kullback–Leibler divergence.

    Raises:
        InvalidInput: as `calibrate_min_max`, or levels or a number of bins that there are not.
        Unsupported: more than 2^28 bins times thresholds, of which there are bins − levels + 1.
    """
    calibrator = Divergence(levels, _histogram(batches, bins))
    _computable(bins, bins - levels + 1)
    return *_range(calibrator.range()), Tensor("int64", calibrator.histogram.found)


def scale_and_zero_point(
    lowest: Tensor, highest: Tensor, *, type: str = "uint8", symmetric: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """scale (float32 scalar) and zero point (scalar of `type`) of a range, zero represented exactly.

    Args:
        lowest, highest: finite float32 scalars, lowest ≤ highest. type: "uint8" or "int8". symmetric: 0 or 1.

    Raises:
        InvalidInput: other types or shapes, NaN or infinity, lowest above highest.
    """
    low, high = _ends(lowest, highest)
    require(symmetric in (0, 1), f"symmetric is {symmetric}: give 0 or 1")
    scale, zero_point = scale_of_range(low, high, type, bool(symmetric))
    return _scalar(scale), Tensor(type, np.array(zero_point, type))


def _batches(batches: Sequence[Tensor]) -> list[NDArray[np.float32]]:
    for i, batch in enumerate(batches):
        require(batch is not None, f"batch {i} is absent: give it, empty if need be")
        dtype(f"batch {i}", batch, ("float32",))
    return [finite(f"batch {i}", batch.data) for i, batch in enumerate(batches)]


def _histogram(batches: Sequence[Tensor], bins: int) -> Histogram:
    histogram = Histogram(bins)
    for batch in _batches(batches):
        histogram = histogram.update(batch)
    return histogram


def _computable(bins: int, thresholds: int) -> None:
    if bins * thresholds > MOST_TRIED:
        raise Unsupported(f"{bins} bins, {thresholds} thresholds to try: give fewer bins, {MOST_TRIED} in all")


def _scalar(value: float) -> Tensor:
    return Tensor("float32", np.array(value, np.float32))


def _range(ends: tuple[float, float]) -> tuple[Tensor, Tensor]:
    return _scalar(ends[0]), _scalar(ends[1])


def _ends(lowest: Tensor, highest: Tensor) -> tuple[float, float]:
    for name, x in (("lowest", lowest), ("highest", highest)):
        dtype(name, x, ("float32",))
        scalar(name, x)
    return float(finite("lowest", lowest.data)), float(finite("highest", highest.data))


def moving_average_bound(*batches: Tensor, constant: float = 0.01, opset: int = 1) -> list[Bound]:
    """Four roundings a batch, of numbers up to twice the largest."""
    answer = calibrate_moving_average(*batches, constant=constant)
    largest = max((float(np.abs(batch.data).max(initial=0.0)) for batch in batches), default=0.0)
    return [_without_overflow(bound.of_dot(y, 4 * len(batches) + 1, np.array(2 * largest))) for y in answer]


def _without_overflow(found: Bound) -> Bound:
    """An average lies between the ends of its batches, whatever bound its differences have."""
    return replace(found, overflow=None)


def histogram_bound(answer: Tensor) -> Bound:
    """Of an end of a range that is a multiple of a bin's width: a product and a quotient."""
    return bound.of_dot(answer, 3, np.abs(decode(answer)))


def percentile_bound(*batches: Tensor, percentile: float = 99.99, bins: int = 2048, opset: int = 1) -> list[Bound]:
    """Two roundings for the ends, none for counts."""
    lowest, highest, counts = calibrate_percentile(*batches, percentile=percentile, bins=bins)
    return [histogram_bound(lowest), histogram_bound(highest), bound.none(counts)]


def squared_error_bound(*batches: Tensor, highest: int = 127, bins: int = 2048, opset: int = 1) -> list[Bound]:
    """As `percentile_bound`."""
    low, high, counts = calibrate_squared_error(*batches, highest=highest, bins=bins)
    return [histogram_bound(low), histogram_bound(high), bound.none(counts)]


def divergence_bound(*batches: Tensor, levels: int = 128, bins: int = 2048, opset: int = 1) -> list[Bound]:
    """As `percentile_bound`."""
    low, high, counts = calibrate_divergence(*batches, levels=levels, bins=bins)
    return [histogram_bound(low), histogram_bound(high), bound.none(counts)]


def scale_bound(
    lowest: Tensor, highest: Tensor, *, type: str = "uint8", symmetric: int = 0, opset: int = 1
) -> list[Bound]:
    """A difference and a quotient for the scale, none for the zero point."""
    scale, zero_point = scale_and_zero_point(lowest, highest, type=type, symmetric=symmetric)
    return [bound.of_dot(scale, 3, np.abs(decode(scale))), bound.none(zero_point)]


def percentile_margin(*batches: Tensor, percentile: float = 99.99, bins: int = 2048, opset: int = 1) -> float:
    """The least distance of 100·count to p·total, relative to it, count that of the first 1, 2, … bins.

    A tie is none where float32 holds both.
    """
    histogram, p = _histogram(batches, bins), Fraction(float(np.float32(percentile)))
    if not histogram.width:
        return inf
    counts = histogram.found
    wanted = p * int(counts.sum())
    exact = nearest(wanted, FLOAT32) == wanted and wanted <= 2**24
    distances = (abs(100 * n - wanted) / wanted for n in np.unique(np.cumsum(counts)).tolist())
    return min((float(d) for d in distances if d or not exact), default=inf)


def squared_error_margin(*batches: Tensor, highest: int = 127, bins: int = 2048, opset: int = 1) -> float:
    """The distance of the least error to the next, relative to that; of equal ones none where float32 holds them all.

    It does where steps are the width of a bin over a power of two.
    """
    histogram = _histogram(batches, bins)
    if not histogram.width:
        return inf
    least, *others = sorted(errors(histogram.found, highest))
    exact = _power_of_two(bins) and _power_of_two(highest) and max(others) <= 2**24
    return min((float(Fraction(e - least, e)) for e in others if e > least or (e and not exact)), default=inf)


def _power_of_two(n: int) -> bool:
    return n & (n - 1) == 0


def divergence_margin(*batches: Tensor, levels: int = 128, bins: int = 2048, opset: int = 1) -> float:
    """The distance of the least D to the next, in nats; of several that are 0 none where float32 holds P and Q."""
    histogram = _histogram(batches, bins)
    if not histogram.width:
        return inf
    counts = histogram.found
    m = best(counts, levels)
    least = exact_divergence(*terms(counts, m, levels))
    others = [terms(counts, i, levels) for i in range(levels, bins + 1) if i != m]
    found = [(exact_divergence(*other) - least, other) for other in others if divergence(*other) < inf]
    return min((float(d) for d, other in found if d or least or not _whole(*other)), default=inf)


def _whole(P: Counts, M: Counts, z: Counts) -> bool:
    """Whether every P and Q = M/z is an integer of 24 bits."""
    return not (M % z).any() and int(P.sum()) <= 2**24


def scale_margin(lowest: Tensor, highest: Tensor, *, type: str = "uint8", symmetric: int = 0, opset: int = 1) -> float:
    """The distance of q_min − lowest/S to the nearest half, relative to lowest/S; a tie is none where S is exact."""
    low, high = (Fraction(end) for end in _ends(lowest, highest))
    low, high = min(low, Fraction(0)), max(high, Fraction(0))
    scale = Fraction(scale_of_range(float(low), float(high), type, bool(symmetric))[0])
    if symmetric or not low or scale == 1 != (high - low) / 255:
        return inf
    ratio = LIMITS[type][0] - low / scale
    distance = abs(ratio - (ratio // 1) - Fraction(1, 2))
    return float(distance * scale / -low) if distance or scale != (high - low) / 255 else inf


def _operator(
    name: str,
    function: Callable[..., tuple[Tensor, ...]],
    outputs: int,
    attributes: dict[str, Attribute],
    limits: Callable[..., list[Bound]] | None,
    margin: Callable[..., float] | None,
    inputs: tuple[int, int] = (1, MOST),
) -> Operator:
    return Operator(
        name,
        "qref",
        opsets=(1,),
        inputs=inputs,
        outputs=outputs,
        attributes=attributes,
        function=function,
        bound=limits,
        margin=margin,
    )


BINS = {"bins": Attribute("int", 2048)}
CONSTANT, PERCENTILE = {"constant": Attribute("float", 0.01)}, {"percentile": Attribute("float", 99.99)}
TYPE = {"type": Attribute("string", "uint8"), "symmetric": Attribute("int", 0)}

OPERATORS = (
    _operator("CalibrateMinMax", calibrate_min_max, 2, {}, None, None),
    _operator("CalibrateMovingAverage", calibrate_moving_average, 2, CONSTANT, moving_average_bound, None),
    _operator("CalibratePercentile", calibrate_percentile, 3, PERCENTILE | BINS, percentile_bound, percentile_margin),
    _operator(
        "CalibrateSquaredError",
        calibrate_squared_error,
        3,
        {"highest": Attribute("int", 127)} | BINS,
        squared_error_bound,
        squared_error_margin,
    ),
    _operator(
        "CalibrateDivergence",
        calibrate_divergence,
        3,
        {"levels": Attribute("int", 128)} | BINS,
        divergence_bound,
        divergence_margin,
    ),
    _operator("ScaleOfRange", scale_and_zero_point, 2, TYPE, scale_bound, scale_margin, inputs=(2, 2)),
)
