"""DoReFa-Net: codes of weights, activations and gradients of few bits, and the way of gradients back.

qref's own operators (domain "qref", opset 1): DoReFaWeight, DoReFaWeightStep, DoReFaActivation,
DoReFaActivationBackward, DoReFaGradient.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from math import fsum, inf

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import decode, float_format
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.numerics.transcendental import WIDE, tangent
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.encoded import tensors
from qref.quantizers import dorefa
from qref.quantizers.descent import RATE
from qref.quantizers.dorefa import UNCHANGED, DoReFa, maxima, noisy
from qref.quantizers.encoded import Coded, Scaled
from qref.quantizers.granularity import matrix

FLOAT32 = float_format("float32")
TANH = 2.0**-20  # relative error of an approximated tanh, as operator Tanh has it
BITS = {"bits": Attribute("int", 2)}


def dorefa_weight(W: Tensor, *, bits: int = 2, opset: int = 1) -> tuple[Tensor, Tensor]:
    """Codes uint8 of W's shape, 0 … 2^bits − 1, and the codebook float32 [1, 2^bits] that they index.

    Of one bit code 1 is w ≥ 0, and the codebook −E|w|, E|w|. CodebookDecode with granularity "tensor" leads back.

    Args:
        W: finite float32, one layer. bits: 1 to 8.

    Raises:
        InvalidInput: another type or width, NaN or infinity.
    """
    dtype("W", W, ("float32",))
    dorefa.widths(bits)
    encoded = DoReFa(bits).encode(W.data)
    if isinstance(encoded, Scaled):
        alpha = encoded.scales[0]
        return Tensor("uint8", (encoded.codes > 0).astype(np.uint8)), Tensor("float32", np.array([[-alpha, alpha]]))
    assert isinstance(encoded, Coded)
    return tensors(encoded)


def dorefa_weight_bound(W: Tensor, *, bits: int = 2, opset: int = 1) -> list[Bound]:
    """None for the codes; for one bit that of the mean of |w|, else of 2 (c/n) − 1."""
    codes, codebook = dorefa_weight(W, bits=bits)
    if bits == 1:
        return [bound.none(codes), bound.of_mean(codebook, W.data.size)]
    return [bound.none(codes), bound.of_dot(codebook, 3, np.ones(codebook.shape))]


def dorefa_weight_margin(W: Tensor, *, bits: int = 2, opset: int = 1) -> float:
    """The smallest distance of tanh w / (2 max |tanh w|) + 1/2 to a boundary; ∞ for one bit. A zero decides exactly."""
    highest = float(np.abs(W.data).max(initial=0.0))
    if bits == 1 or not highest:
        return inf
    n = dorefa.widths(bits)
    with localcontext(WIDE):
        M = tangent(highest)
        return min(_distance(Fraction(tangent(w) / M / 2 + Decimal("0.5")), n) for w in W.data.ravel().tolist() if w)


def _distance(r: Fraction, n: int) -> float:
    """How far r, of [0, 1], lies from the nearest number at which round(n·r) changes."""
    place = n * r
    below, above = place // 1 - Fraction(1, 2), place // 1 + Fraction(1, 2)
    inside = [b for b in (below, above, above + 1) if 0 < b < n]
    return float(min(abs(place - b) for b in inside) / n) if inside else inf


def dorefa_weight_step(
    W: Tensor, g: Tensor, *, bits: int = 2, learning_rate: float = RATE, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """∂C/∂W of g = ∂C/∂(quantized W), and W' = W − η ∂C/∂W, each rounded once.

    Args:
        W, g: finite float32 of one shape. bits: 1 to 8, or 32 for weights that are not quantized. learning_rate: η.

    Raises:
        InvalidInput: types, shapes or bits that do not fit, NaN or infinity, or zeros alone where bits are 2 to 8.
    """
    dtype("W", W, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "W", W)
    gradient, moved = dorefa.weight_step(W.data, g.data, bits, learning_rate)
    return Tensor("float32", gradient), Tensor("float32", moved)


def dorefa_weight_step_bound(
    W: Tensor, g: Tensor, *, bits: int = 2, learning_rate: float = RATE, opset: int = 1
) -> list[Bound]:
    """Sum, quotients and products of the rule, and four times the error of an approximated tanh; two more of the step.

    M = |gᵢ|/m + [|tᵢ| = m] Σ |gⱼ||tⱼ| / m², without the factor 1 − tᵢ², in whose cancellation tanh's error stays.
    """
    gradient, moved = dorefa_weight_step(W, g, bits=bits, learning_rate=learning_rate)
    w, d = np.abs(decode(W)), np.abs(decode(g))
    if bits in (1, UNCHANGED) or not w.size:
        exact = Bound(np.zeros(gradient.shape))
        return [exact, bound.of_dot(moved, 3, w + abs(learning_rate) * d)]
    with localcontext(WIDE):  # libm's tanh is not the same everywhere, and the tolerance is published
        t = np.array([float(tangent(x)) for x in w.ravel().tolist()]).reshape(w.shape)
    M = d / t.max() + np.where(w == w.max(), fsum((d * t).ravel().tolist()) / t.max() ** 2, 0.0)
    # of_dot counts roundings of 2⁻²⁴: an error of tanh is as good as 2⁻²⁰ / 2⁻²⁴ of them
    terms = w.size + 8 + int(4 * TANH * 2**24)
    # what a subnormal gradient loses grows with the rate
    lost = abs(learning_rate) * terms * FLOAT32.smallest_subnormal
    of_step = bound.widened(bound.of_dot(moved, terms + 2, w + abs(learning_rate) * M), lost)
    return [bound.of_dot(gradient, terms, M), of_step]


def dorefa_weight_step_margin(
    W: Tensor, g: Tensor, *, bits: int = 2, learning_rate: float = RATE, opset: int = 1
) -> float:
    """How far the largest |tanh w| lies above the next other one, relative to it.

    0 where the square of the largest is no normal float32: m² of the rule.
    """
    others = sorted(set(np.abs(W.data).ravel().tolist()))
    if bits in (1, UNCHANGED) or not others:
        return inf
    if others[-1] ** 2 < FLOAT32.smallest_normal:
        return 0.0
    if len(others) < 2:
        return inf
    with localcontext(WIDE):
        return float(1 - tangent(others[-2]) / tangent(others[-1]))


def dorefa_activation(x: Tensor, *, bits: int = 2, opset: int = 1) -> Tensor:
    """quantizeₖ(clip(x, 0, 1)), rounded once; x for 32 bits.

    Args:
        x: finite float32. bits: 1 to 8, or 32.

    Raises:
        InvalidInput: another type or width, NaN or infinity.
    """
    dtype("x", x, ("float32",))
    return Tensor("float32", dorefa.activation(x.data, bits))


def dorefa_activation_bound(x: Tensor, *, bits: int = 2, opset: int = 1) -> list[Bound]:
    """Two roundings: the quotient, or the reciprocal of n and a product."""
    y = dorefa_activation(x, bits=bits)
    return [bound.none(y) if bits == UNCHANGED else bound.of_dot(y, 2, np.abs(decode(y)))]


def dorefa_activation_margin(x: Tensor, *, bits: int = 2, opset: int = 1) -> float:
    """The smallest distance of clip(x, 0, 1) to a boundary; 1/2, a tie of every width, decides exactly."""
    if bits == UNCHANGED:
        return inf
    n = dorefa.widths(bits)
    inside = (Fraction(v) for v in x.data.ravel().tolist() if 0 < v < 1 and v != 0.5)
    return min((_distance(v, n) for v in inside), default=inf)


def dorefa_activation_backward(x: Tensor, g: Tensor, *, bits: int = 2, opset: int = 1) -> Tensor:
    """∂C/∂x = g where 0 ≤ x ≤ 1, else 0; g for 32 bits. g: ∂C/∂(quantized x).

    Raises:
        InvalidInput: types, shapes or bits that do not fit, NaN or infinity.
    """
    dtype("x", x, ("float32",))
    dtype("g", g, ("float32",))
    same_shape("g", g, "x", x)
    return Tensor("float32", dorefa.activation_gradient(x.data, g.data, bits))


def dorefa_gradient(dr: Tensor, *, bits: int = 2, seed: int = 0, tensor: int = 0, opset: int = 1) -> Tensor:
    """2M [quantizeₖ(dr / 2M + 1/2 + N(k)) − 1/2], rounded once, M = max |dr| of each index of the first axis.

    Args:
        dr: finite float32, instances of a minibatch first. bits: 1 to 8, or 32 for dr itself. seed, tensor: the stream
        of the noise, a word an element in C order.

    Raises:
        InvalidInput: another type or width, NaN or infinity, a seed or number beyond the stream's.
    """
    dtype("dr", dr, ("float32",))
    return Tensor("float32", dorefa.gradient(dr.data, bits, Stream(seed, tensor)))


def dorefa_gradient_bound(dr: Tensor, *, bits: int = 2, seed: int = 0, tensor: int = 0, opset: int = 1) -> list[Bound]:
    """Five roundings of numbers up to M: the quotient, the difference that cancels, two products."""
    y = dorefa_gradient(dr, bits=bits, seed=seed, tensor=tensor)
    return [bound.none(y) if bits == UNCHANGED else bound.of_dot(y, 5, _of_instances(dr))]


def _of_instances(dr: Tensor) -> NDArray[np.float64]:
    M = maxima(dr.data).astype(np.float64)
    return np.broadcast_to(M[:, np.newaxis], matrix(dr.shape)).reshape(dr.shape)


def dorefa_gradient_margin(dr: Tensor, *, bits: int = 2, seed: int = 0, tensor: int = 0, opset: int = 1) -> float:
    """The smallest distance of dr / 2M + 1/2 + N(k) to a boundary; in an instance of zeros the result hangs on none.

    0 where float32 does not hold 2M.
    """
    if bits == UNCHANGED:
        return inf
    n, least = dorefa.widths(bits), inf
    if dr.data.size and 2 * float(np.abs(dr.data).max()) > FLOAT32.highest:
        return 0.0
    words = Stream(seed, tensor).words(dr.data.size).tolist()
    for value, M, word in zip(decode(dr).ravel().tolist(), _of_instances(dr).ravel().tolist(), words, strict=True):
        if M:
            least = min(least, _distance(noisy(Fraction(value), Fraction(M), n, word), n))
    return least


OPERATORS = (
    Operator(
        "DoReFaWeight",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=BITS,
        function=dorefa_weight,
        bound=dorefa_weight_bound,
        margin=dorefa_weight_margin,
    ),
    Operator(
        "DoReFaWeightStep",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=2,
        attributes={**BITS, "learning_rate": Attribute("float", RATE)},
        function=dorefa_weight_step,
        bound=dorefa_weight_step_bound,
        margin=dorefa_weight_step_margin,
    ),
    Operator(
        "DoReFaActivation",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes=BITS,
        function=dorefa_activation,
        bound=dorefa_activation_bound,
        margin=dorefa_activation_margin,
    ),
    Operator(
        "DoReFaActivationBackward",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes=BITS,
        function=dorefa_activation_backward,
    ),
    Operator(
        "DoReFaGradient",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={**BITS, "seed": Attribute("int", 0), "tensor": Attribute("int", 0)},
        function=dorefa_gradient,
        bound=dorefa_gradient_bound,
        margin=dorefa_gradient_margin,
    ),
)
