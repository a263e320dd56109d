"""What an operator's file returns."""

from dataclasses import dataclass, field
from fractions import Fraction

from independent.extended import MINUS_ZERO, Special, Value, magnitude, real, times, total
from independent.tensors import Tensor


@dataclass(frozen=True)
class Sum:
    """One output element as an exact sum of products, with what a tolerance needs.

    `products`, `addends`: how many of each. `size`: Σ|x||w| + Σ|addend|, all factors included.
    """

    exact: Value
    products: int
    addends: int
    size: Value


@dataclass(frozen=True)
class Answer:
    """`outputs` by the reading taken; `others` by each other reading of the text, which a case has to accept as well.

    `sums` and `scalings` (divisions, alpha, beta) are there for operators whose tolerance is a dot product's.
    """

    outputs: list[Tensor]
    sums: list[Sum] | None = None
    scalings: int = 0
    others: dict[str, list[Tensor]] = field(default_factory=dict)


def sum_of_products(pairs: list[tuple[Value, Value]], addends: list[Value]) -> Sum:
    """Σ x·w + Σ addend, exact."""
    finite = not any(isinstance(f, Special) and f is not MINUS_ZERO for pair in pairs for f in pair)
    if finite and not any(isinstance(a, Special) for a in addends):
        return finite_sum(pairs, addends)
    terms = [times(x, w) for x, w in pairs] + addends
    return Sum(total(terms), len(pairs), len(addends), total(magnitude(t) for t in terms))


def finite_sum(pairs: list[tuple[Value, Value]], addends: list[Value]) -> Sum:
    """The same on integers over one power of two: every denominator of a binary float is one."""
    terms = [(real(x), real(w)) for x, w in pairs]
    shift = max((x.denominator * w.denominator for x, w in terms), default=1).bit_length() - 1
    shift = max([shift] + [a.denominator.bit_length() - 1 for a in addends if isinstance(a, Fraction)])
    up = size = 0
    for x, w in terms:
        product = x.numerator * w.numerator << (shift + 2 - x.denominator.bit_length() - w.denominator.bit_length())
        up += product
        size += abs(product)
    exact = Fraction(up, 2**shift) + sum((real(a) for a in addends), Fraction(0))
    weight = Fraction(size, 2**shift) + sum((abs(real(a)) for a in addends), Fraction(0))
    if exact == 0 and weight == 0:  # only zeros: their signs decide
        zeros = [times(x, w) for x, w in pairs] + addends
        return Sum(total(zeros), len(pairs), len(addends), Fraction(0))
    return Sum(exact, len(pairs), len(addends), weight)


def scaled(s: Sum, factor: Fraction) -> Sum:
    """The sum times a factor."""
    value = times(s.exact, factor)
    return Sum(value, s.products, s.addends, times(s.size, abs(factor)))


def added(s: Sum, addend: Value) -> Sum:
    """The sum and one more addend."""
    return Sum(total((s.exact, addend)), s.products, s.addends + 1, total((s.size, magnitude(addend))))
