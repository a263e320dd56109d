"""DoReFa-Net: Zhou 2016, sections 2.2 to 2.5; tanh by mpmath's intervals."""

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

from mpmath import iv, mp

from independent.binary_formats import BINARIES, encode
from independent.certain_rounding import correctly_rounded, end, interval
from independent.extended import ZERO, Value, real
from independent.refusal import refuse_unless
from independent.schemes.philox import word
from independent.schemes.scheme import float32, integers, numbers
from independent.schemes.ternary_weight import learning_rate
from independent.tensors import Tensor


def width(attributes: dict[str, Any], unchanged: bool) -> int:
    bits = int(attributes.get("bits", 2))
    refuse_unless(1 <= bits <= 8 or (unchanged and bits == 32), "1 to 8 bits")
    return bits


def nearest_integer(r: Fraction) -> int:
    """Half to even, as Python rounds."""
    return round(r)


def tanh(x: Fraction) -> Any:
    """An enclosure of tanh."""
    e = iv.exp(2 * interval(x))
    return 1 - 2 / (e + 1)


def certain_integer(compute: Callable[[], Any]) -> int:
    """The integer that both ends of an enclosure round to."""
    for digits in (80, 160, 320):
        mp.dps = iv.dps = digits
        low, high = (nearest_integer(end(e)) for e in compute()._mpi_)
        if low == high:
            return low
    raise ArithmeticError("undecided after 320 digits")


def dorefa_weight(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """n (tanh w / (2 max |tanh w|) + 1/2), rounded; for one bit w >= 0, and the mean of |w|."""
    bits, W = width(attributes, unchanged=False), numbers(inputs[0])
    assert inputs[0] is not None
    n = 2**bits - 1
    if bits == 1:
        mean = sum((abs(w) for w in W), Fraction(0)) / max(len(W), 1)
        return [integers("uint8", inputs[0].shape, [int(w >= 0) for w in W]), float32((1, 2), [-mean, mean])]
    largest = max((abs(w) for w in W), default=Fraction(0))

    def code(w: Fraction) -> int:
        if w == 0:
            return nearest_integer(Fraction(n, 2))
        return certain_integer(lambda: n * (tanh(w) / tanh(largest) / 2 + interval(Fraction(1, 2))))

    levels = [2 * Fraction(c, n) - 1 for c in range(n + 1)]
    return [integers("uint8", inputs[0].shape, [code(w) for w in W]), float32((1, n + 1), levels)]


def dorefa_weight_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """The chain rule in Jacobian form: dy_j/dw_i of y = tanh w / max |tanh w|, and sums over j."""
    bits, W, g = width(attributes, unchanged=True), numbers(inputs[0]), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "one gradient a weight")
    eta = learning_rate(attributes)
    shape = inputs[0].shape
    if bits in (1, 32) or not W:
        return [float32(shape, g), float32(shape, [w - eta * d for w, d in zip(W, g)])]
    largest = max(abs(w) for w in W)
    refuse_unless(largest > 0, "a layer of zeros has no derivative")
    reach = sum(abs(w) == largest for w in W)

    def slope(i: int) -> Any:
        m, found = tanh(largest), interval(Fraction(0))
        inner = 1 - tanh(W[i]) ** 2
        sign = (W[i] > 0) - (W[i] < 0)
        of_m = Fraction(sign, reach) if abs(W[i]) == largest else Fraction(0)
        for j, (w, d) in enumerate(zip(W, g)):
            partial = interval(Fraction(int(i == j))) / m - tanh(w) * interval(of_m) / m**2
            found = found + interval(d) * partial * inner
        return found

    # what is the maximum itself has the quotient 1 whatever it is, and no other quotient feels it: exactly 0
    alone = reach == 1 and all(abs(w) == largest or d == 0 or w == 0 for w, d in zip(W, g))
    still = [alone and abs(w) == largest for w in W]
    gradient: list[Value] = [
        ZERO if still[i] else correctly_rounded(lambda i=i: slope(i), "float32")  # type: ignore[misc]
        for i in range(len(W))
    ]
    moved: list[Value] = [
        correctly_rounded(
            lambda i=i: interval(W[i]) - interval(eta) * (0 if still[i] else slope(i)),  # type: ignore[misc]
            "float32",
        )
        for i in range(len(W))
    ]
    b = BINARIES["float32"]
    return [Tensor("float32", shape, [encode(v, b) for v in values]) for values in (gradient, moved)]


def dorefa_activation(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    bits, x = width(attributes, unchanged=True), numbers(inputs[0])
    assert inputs[0] is not None
    if bits == 32:
        return [float32(inputs[0].shape, x)]
    n = 2**bits - 1
    return [float32(inputs[0].shape, [Fraction(nearest_integer(n * min(max(v, ZERO), 1)), n) for v in map(real, x)])]


def dorefa_activation_backward(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    bits, x, g = width(attributes, unchanged=True), numbers(inputs[0]), numbers(inputs[1])
    assert inputs[0] is not None and inputs[1] is not None
    refuse_unless(inputs[0].shape == inputs[1].shape, "one gradient an activation")
    return [float32(inputs[0].shape, [d if bits == 32 or 0 <= v <= 1 else ZERO for v, d in zip(x, g)])]


def dorefa_gradient(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """2M (quantize(dr / 2M + 1/2 + sigma / n) - 1/2), sigma of the word of each element."""
    bits, dr = width(attributes, unchanged=True), numbers(inputs[0])
    assert inputs[0] is not None
    seed, tensor = attributes.get("seed", 0), attributes.get("tensor", 0)
    shape = inputs[0].shape
    if bits == 32:
        return [float32(shape, dr)]
    refuse_unless(0 <= seed < 2**64 and 0 <= tensor < 2**32, "a stream that there is")
    n, length = 2**bits - 1, max(prod(shape[1:]), 1)
    found = []
    for i, value in enumerate(dr):
        M = max(abs(v) for v in dr[i // length * length : (i // length + 1) * length])
        sigma = Fraction(word(seed, tensor, i), 2**32) - Fraction(1, 2)
        r = (value / (2 * M) if M else ZERO) + Fraction(1, 2) + sigma / n
        found.append(2 * M * (Fraction(nearest_integer(n * r), n) - Fraction(1, 2)))
    return [float32(shape, found)]
