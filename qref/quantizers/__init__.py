"""Fixed-point quantization: one scheme a file, to be read beside its paper, and this table of the weight schemes."""

from collections.abc import Callable

from qref.quantizers.binary_connect import BINARY_CONNECT, BINARY_CONNECT_STOCHASTIC
from qref.quantizers.binary_weight import BINARY_WEIGHT
from qref.quantizers.calibration.divergence import Divergence
from qref.quantizers.calibration.min_max import MinMax
from qref.quantizers.calibration.moving_average import MovingAverage
from qref.quantizers.calibration.percentile import Percentile
from qref.quantizers.calibration.squared_error import SquaredError
from qref.quantizers.calibrator import Calibrator
from qref.quantizers.dorefa import DOREFA
from qref.quantizers.encoded import Coded, Encoded, Scaled
from qref.quantizers.granularity import CHANNEL, TENSOR, Granularity
from qref.quantizers.incremental import INCREMENTAL
from qref.quantizers.inner_product_hashing import INNER_PRODUCT_HASHING
from qref.quantizers.lloyd_max_weights import LLOYD_MAX
from qref.quantizers.logarithmic_weights import LOGARITHMIC
from qref.quantizers.optimal_scale import OPTIMAL_SCALE
from qref.quantizers.optimal_scale_global import OPTIMAL_SCALE_GLOBAL
from qref.quantizers.scheme import Scheme, WeightScheme
from qref.quantizers.semidiscrete import SEMIDISCRETE
from qref.quantizers.sq_bwn import SQ_BWN
from qref.quantizers.ternary_weight import TERNARY, TERNARY_EXACT
from qref.quantizers.uniform_weights import UNIFORM

SCHEMES: dict[str, Scheme] = {
    one.name: one
    for one in (
        UNIFORM,
        LOGARITHMIC,
        LLOYD_MAX,
        BINARY_CONNECT,
        BINARY_CONNECT_STOCHASTIC,
        BINARY_WEIGHT,
        SQ_BWN,
        OPTIMAL_SCALE,
        OPTIMAL_SCALE_GLOBAL,
        INNER_PRODUCT_HASHING,
        SEMIDISCRETE,
        TERNARY,
        TERNARY_EXACT,
        DOREFA,
        INCREMENTAL,
    )
}
"""Every weight scheme by its name."""

CALIBRATORS: dict[str, Callable[[], Calibrator]] = {
    "min-max": MinMax,
    "moving-average": MovingAverage,
    "percentile": Percentile,
    "squared-error": SquaredError,
    "divergence": Divergence,
}
"""Every calibrator of activations by its name: called without arguments it has the usual ones."""

__all__ = [
    "CALIBRATORS",
    "CHANNEL",
    "SCHEMES",
    "TENSOR",
    "Calibrator",
    "Coded",
    "Encoded",
    "Granularity",
    "Scaled",
    "Scheme",
    "WeightScheme",
]
