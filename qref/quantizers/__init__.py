"""Fixed-point quantization: one scheme a file, to be read beside its paper, and this table of the weight schemes."""

from qref.quantizers.binary_connect import BINARY_CONNECT, BINARY_CONNECT_STOCHASTIC
from qref.quantizers.binary_weight import BINARY_WEIGHT
from qref.quantizers.encoded import Coded, Encoded, Scaled
from qref.quantizers.granularity import CHANNEL, TENSOR, Granularity
from qref.quantizers.optimal_scale import OPTIMAL_SCALE
from qref.quantizers.optimal_scale_global import OPTIMAL_SCALE_GLOBAL
from qref.quantizers.scheme import Scheme, WeightScheme
from qref.quantizers.sq_bwn import SQ_BWN

SCHEMES: dict[str, Scheme] = {
    one.name: one
    for one in (
        BINARY_CONNECT,
        BINARY_CONNECT_STOCHASTIC,
        BINARY_WEIGHT,
        SQ_BWN,
        OPTIMAL_SCALE,
        OPTIMAL_SCALE_GLOBAL,
    )
}
"""Every weight scheme by its name."""

__all__ = ["CHANNEL", "SCHEMES", "TENSOR", "Coded", "Encoded", "Granularity", "Scaled", "Scheme", "WeightScheme"]
