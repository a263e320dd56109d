"""Fast paths of scalar codebooks against the reference, bit for bit."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.codebooks.optimal_scalar import ScalarCodebook, optimal
from qref.codebooks.scalar import STARTS, ScalarCodebookLloyd
from qref.numerics.exact_totals import total
from qref.numerics.floats import decode
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.numerics.whole_numbers import STEP
from qref.ops import bounds
from qref.ops import run as reference
from qref.ops.request import Request
from qref.quantizers import CHANNEL, TENSOR, Granularity

pytest.importorskip("numba")
from qref.kernels import run
from qref.kernels.codebooks import optimal_scalar, partition_cells
from qref.kernels.codebooks.exact_prefix import ExactPrefix
from qref.kernels.quantizers import encode

FLOATS = st.floats(-4, 4, width=32).map(np.float32)
COARSE = st.integers(-9, 9).map(lambda n: np.float32(n / 4))
ANY = st.floats(allow_nan=False, allow_infinity=False, width=32).map(np.float32)
LONG = st.integers(17, 60).flatmap(
    lambda n: arrays(np.float32, n, elements=FLOATS) | arrays(np.float32, n, elements=COARSE | FLOATS)
)
WEIGHTS = arrays(np.float32, st.tuples(st.integers(0, 3), st.integers(0, 24)), elements=FLOATS | COARSE)
GRAINS = st.sampled_from([CHANNEL, TENSOR, Granularity("group", 3), Granularity("group", 18)])


def same(scheme: Any, W: np.ndarray, **given_: Any) -> None:
    fast, slow = encode(scheme, W, **given_), scheme.encode(W, **given_)
    assert np.array_equal(fast.codes, slow.codes)  # type: ignore[attr-defined]
    assert np.array_equal(fast.codebooks, slow.codebooks)  # type: ignore[attr-defined]
    assert fast.packed() == slow.packed()


@pytest.fixture(params=[2, 3, 8], autouse=True)
def few_cells(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So few cells that small parts are pruned and cut, too."""
    monkeypatch.setattr(partition_cells, "CELLS", request.param)


@pytest.mark.requirement("QREF-SC-001", "QREF-SC-002")
@given(LONG, st.integers(1, 3))
@example(w=np.arange(20, dtype=np.float32), bits=1)
@example(w=np.arange(33, dtype=np.float32), bits=2)  # many partitions of the same error
@example(w=np.repeat(np.arange(7, dtype=np.float32), 3), bits=2)
def test_the_optimum_is_the_reference_s(w: np.ndarray, bits: int) -> None:
    same(ScalarCodebook(bits), w)


@given(arrays(np.float32, st.integers(17, 24), elements=ANY), st.integers(1, 2))
@example(w=np.array([1e30] * 9 + [1e-30] * 9 + [3e30, 3e-30, -1e30, 0], np.float32), bits=2)
@example(w=np.array([16777216 + 2 * (i * i % 17) for i in range(20)], np.float32), bits=2)  # far from zero
def test_numbers_of_any_size(w: np.ndarray, bits: int) -> None:
    same(ScalarCodebook(bits), w)


@given(WEIGHTS, st.integers(1, 3), GRAINS)
def test_parts(W: np.ndarray, bits: int, grain: Granularity) -> None:
    same(ScalarCodebook(bits, grain), W)


@given(WEIGHTS, st.integers(1, 3), GRAINS, st.sampled_from(STARTS), st.sampled_from([1, 2, 100]))
def test_lloyd(W: np.ndarray, bits: int, grain: Granularity, start: str, iterations: int) -> None:
    same(ScalarCodebookLloyd(bits, grain, start, iterations), W, stream=Stream(7, 1))


@given(arrays(np.float32, st.integers(1, 20), elements=ANY))
def test_sums_are_exact(w: np.ndarray) -> None:
    x = np.sort(w)
    P = ExactPrefix(x)
    for p in (x.size, 0, x.size // 2, x.size // 3, x.size - 1):
        assert P(p) * STEP == total(x[:p])


@given(LONG, st.integers(1, 3))
def test_what_is_left_of_the_places_holds_the_optimum(w: np.ndarray, bits: int) -> None:
    x, V = np.sort(w), 1 << bits
    m = partition_cells.number_of_distinct(x)
    if m <= V:
        return
    left = partition_cells.boundaries(x, V, m)
    for least, places in zip(optimal(w, V).least, left, strict=True):
        assert int(np.searchsorted(x, np.float32(least))) in places.tolist()


@pytest.mark.parametrize(("shape", "bits"), [((300, 300), 4), ((4, 20_000), 2), ((20_000,), 8)])
def test_no_boundary_of_a_large_part_can_be_moved_to_a_smaller_error(shape: tuple[int, ...], bits: int) -> None:
    """By exact sums: moving a boundary past one distinct weight either way never lowers the error."""
    W = np.random.default_rng(3).standard_normal(shape, np.float32) * np.float32(0.01)
    codes = encode(ScalarCodebook(bits), W).codes.reshape(-1)  # type: ignore[attr-defined]
    x = np.sort(W.reshape(-1))
    begins = np.searchsorted(np.sort(codes), np.arange((1 << bits) + 1)).tolist()
    P = ExactPrefix(x)
    for a, p, b in zip(begins, begins[1:], begins[2:]):
        moved = [q for q in (p - 1, p, p + 1) if a < q < b]
        gain = {q: sum(Fraction((P(j) - P(i)) ** 2, j - i) for i, j in ((a, q), (q, b))) for q in moved}
        assert max(gain, key=lambda q: (gain[q], -q)) == p


def test_many_weights_in_whatever_cells_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    w = np.random.default_rng(5).standard_normal(100_000, np.float32)
    found = []
    for cells in (64, 1024):
        monkeypatch.setattr(partition_cells, "CELLS", cells)
        found.append(optimal_scalar.clusters(w, 16))
    assert found[0] == found[1]


@given(
    arrays(np.float32, (3, 4), elements=st.floats(-4, 4, width=32)),
    arrays(np.uint8, (3, 4), elements=st.integers(0, 3)),
    st.sampled_from(["tensor", "channel"]),
)
def test_gradients_of_shared_weights(g: np.ndarray, codes: np.ndarray, grain: str) -> None:
    C = np.zeros((1 if grain == "tensor" else 3, 4), np.float32)
    for op, inputs, attributes in (
        ("SharedWeightGradient", (g, codes), {"values": 4}),
        ("SharedWeightStep", (C, codes, g), {"learning_rate": 0.5}),
    ):
        tensors = tuple(Tensor(str(x.dtype), x) for x in inputs)
        request = Request(op, "qref", 1, {**attributes, "granularity": grain}, tensors, 1)
        limits = bounds(request)
        assert limits is not None
        [own], [golden] = run(request), reference(request)
        assert (np.abs(decode(own) - decode(golden)) <= limits[0].tolerance).all()


@pytest.mark.parametrize("op", ["ScalarCodebook", "ScalarCodebookLloyd"])
def test_operators(op: str) -> None:
    W = np.random.default_rng(1).standard_normal((3, 40), np.float32)
    W.flags.writeable = False
    for attributes in ({"bits": 2}, {"bits": 2, "granularity": "channel"}):
        request = Request(op, "qref", 1, attributes, (Tensor("float32", W),), 2)
        for own, golden in zip(run(request), reference(request), strict=True):
            assert np.array_equal(own.data, golden.data)
