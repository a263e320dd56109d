"""Scalar codebooks by trying every partition, and Lloyd's algorithm and shared gradients from Han 2016."""

from fractions import Fraction
from functools import cache
from typing import Any

from independent.attribute_casts import as_type
from independent.extended import real
from independent.refusal import refuse_unless
from independent.schemes.philox import words
from independent.schemes.scheme import float32, integers, numbers, places, whole
from independent.tensors import Tensor

EVERY = (
    14  # distinct weights of which every partition is tried; of more the best of all beginnings, one after the other
)


def scalar_codebook(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    return assembled(attributes, inputs[0], lambda w, V, _: optimum(w, V))


def assembled(attributes: dict[str, Any], x: Tensor | None, clustered: Any) -> list[Tensor]:
    """clustered: the weights of a part, V and the part's number -> a value a weight's code, and the values in use."""
    W, bits = numbers(x), attributes.get("bits", 4)
    assert x is not None
    refuse_unless(1 <= bits <= 8, "1 to 8 bits")
    parts, V = places(x.shape, attributes, "tensor"), 2**bits
    codes, books = [0] * len(W), []
    for number, part in enumerate(parts):
        found, values = clustered([W[i] for i in part], V, number)
        for i, code in zip(part, found):
            codes[i] = code
        values = values or [Fraction(0)]
        books += values + [values[-1]] * (V - len(values))
    return [integers("uint8", x.shape, codes), float32((len(parts), V), books)]


def optimum(w: list[Fraction], V: int) -> tuple[list[int], list[Fraction]]:
    """Of all partitions into runs of neighbours that of the least error; of several, all whose runs begin lowest."""
    x = sorted(set(w))
    if len(x) <= V:
        return [x.index(v) for v in w], x
    ordered = sorted(w)
    first = [ordered.index(v) for v in x] + [len(ordered)]
    error = errors(ordered)
    if len(x) <= EVERY:
        found = [(sum(error(first[a], first[b]) for a, b in runs(cut, len(x))), cut) for cut in cuts(1, len(x), V - 1)]
        least = min(found)[0]
        best = [cut for e, cut in found if e == least]
        lowest = tuple(min(cut[k] for cut in best) for k in range(V - 1))
        assert lowest in best
    else:
        lowest = search(error, first, V)
    clusters = [ordered[first[a] : first[b]] for a, b in runs(lowest, len(x))]
    code = {v: k for k, cluster in enumerate(clusters) for v in cluster}
    return [code[v] for v in w], [sum(one) / len(one) for one in clusters]


def cuts(begin: int, end: int, count: int) -> Any:
    """Every rising choice of `count` places from begin to end - 1."""
    if count == 0:
        yield ()
        return
    for place in range(begin, end - count + 1):
        for others in cuts(place + 1, end, count - 1):
            yield (place, *others)


def runs(cut: tuple[int, ...], end: int) -> list[tuple[int, int]]:
    return list(zip((0, *cut), (*cut, end)))


def errors(ordered: list[Fraction]) -> Any:
    """The sum of (w - mean)^2 over a run, term by term."""

    @cache
    def error(i: int, j: int) -> Fraction:
        mean = sum(ordered[i:j]) / (j - i)
        return sum(((v - mean) ** 2 for v in ordered[i:j]), Fraction(0))

    return error


def search(error: Any, first: list[int], V: int) -> tuple[int, ...]:
    """The least error of what begins at a place, in so many runs, by recursion from the lowest weight on."""

    @cache
    def rest(place: int, count: int) -> tuple[Fraction, tuple[int, ...]]:
        end = len(first) - 1
        if count == 1:
            return error(first[place], first[end]), ()
        options = []
        for cut in range(place + 1, end - count + 2):
            later, others = rest(cut, count - 1)
            options.append((error(first[place], first[cut]) + later, (cut, *others)))
        return min(options)

    return rest(0, V)[1]


def scalar_codebook_lloyd(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    start, iterations = attributes.get("start", "linear"), attributes.get("iterations", 100)
    refuse_unless(start in ("linear", "density", "random") and iterations >= 1, "a start, and a step at least")
    seed, tensor = attributes.get("seed", 0), attributes.get("tensor", 0)
    refuse_unless(0 <= seed < 2**64 and 0 <= tensor < 2**32, "seed and tensor")

    def clustered(w: list[Fraction], V: int, number: int) -> tuple[list[int], list[Fraction]]:
        if not w:
            return [], []
        if start == "linear":
            C = [min(w) + (max(w) - min(w)) * Fraction(j, V - 1) for j in range(V)]
        elif start == "density":
            C = [quantile(w, Fraction(2 * j + 1, 2 * V)) for j in range(V)]
        else:
            C = drawn(w, V, words(seed, tensor, (number + 1) * V)[number * V :])
        return lloyd(w, sorted(set(C)), iterations)

    return assembled(attributes, inputs[0], clustered)


def quantile(w: list[Fraction], share: Fraction) -> Fraction:
    """The least weight at which the cumulative distribution is not below the share."""
    return min(v for v in w if sum(u <= v for u in w) >= share * len(w))


def drawn(w: list[Fraction], V: int, numbers_: list[int]) -> list[Fraction]:
    left, found = list(w), []
    for word in numbers_:
        if left:
            found.append(left.pop(int(Fraction(word, 2**32) * len(left))))
    return found


def lloyd(w: list[Fraction], C: list[Fraction], iterations: int) -> tuple[list[int], list[Fraction]]:
    codes: list[int] = []
    for _ in range(iterations):
        before, codes = codes, [min(range(len(C)), key=lambda k: (abs(v - C[k]), k)) for v in w]
        if codes == before:
            break
        members = [[v for v, code in zip(w, codes) if code == k] for k in range(len(C))]
        C = [sum(one) / len(one) if one else c for one, c in zip(members, C)]
    return codes, C


def shared_weight_gradient(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    sums = shared(attributes, inputs[0], inputs[1], attributes.get("values", 16))
    return [float32((len(sums), attributes.get("values", 16)), [one for row in sums for one in row])]


def shared(attributes: dict[str, Any], g: Tensor | None, codes: Tensor | None, V: int) -> list[list[Fraction]]:
    """Equation 3: the sum of dL/dW_ij where I_ij = k."""
    gradient, indices = numbers(g), whole(codes, "uint8")
    assert g is not None and codes is not None
    refuse_unless(g.shape == codes.shape and 1 <= V <= 256 and all(code < V for code in indices), "codes that fit")
    return [
        [sum((gradient[i] for i in part if indices[i] == k), Fraction(0)) for k in range(V)]
        for part in places(g.shape, attributes, "tensor")
    ]


def shared_weight_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    C, codes, g = inputs
    assert C is not None and codes is not None
    refuse_unless(C.rank == 2 and C.shape[0] == len(places(codes.shape, attributes, "tensor")), "a codebook a part")
    sums = shared(attributes, g, codes, C.shape[1])
    eta = real(as_type(Fraction(attributes.get("learning_rate", Fraction(1, 100))), "float32"))
    flat = [one for row in sums for one in row]
    return [float32(C.shape, [c - eta * one for c, one in zip(numbers(C), flat, strict=True)])]
