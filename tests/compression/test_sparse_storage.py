"""CSR and the relative index: examples of the papers, there and back, sizes, errors."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qref.compression.csr import csr, index_bits
from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.relative_index import RelativeIndex, sparse
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import tensor
from qref.ops import run
from qref.ops.request import Request
from qref.quantizers import CHANNEL, SCHEMES, TENSOR
from qref.quantizers.encoded import Coded, Scaled

ELEMENTS = st.sampled_from([0.0, 0.0, 0.0, 0.0, 1.5, -2.0, -0.0]).map(np.float32)
MATRIX = arrays(np.float32, st.tuples(st.integers(0, 6), st.integers(0, 40)), elements=ELEMENTS)


def at(size: int, **values: float) -> np.ndarray:
    """Zeros, but for numbers at the places p1, p4 …"""
    W = np.zeros(size, np.float32)
    for place, value in values.items():
        W[int(place[1:])] = value
    return W


@pytest.mark.requirement("QREF-ST-002")
@given(MATRIX)
def test_rows_are_scipys(W: np.ndarray) -> None:
    found, other = csr(W), scipy.sparse.csr_array(W)
    other.eliminate_zeros()
    assert found.row_pointers.tolist() == other.indptr.tolist()
    assert found.columns.tolist() == other.indices.tolist()
    assert found.values.tolist() == other.data.tolist()
    np.testing.assert_array_equal(found.decode(), W)


@pytest.mark.requirement("QREF-ST-003")
@given(MATRIX)
def test_the_size_of_rows_is_that_of_the_bytes(W: np.ndarray) -> None:
    found = csr(W)
    assert found.bits == 8 * len(found.packed())
    assert found.numbers == 2 * np.count_nonzero(W) + W.shape[0] + 1


@pytest.mark.requirement("QREF-ST-003")
def test_indices_have_the_bits_that_the_shape_can_need() -> None:
    assert index_bits((3, 4)) == (4, 2)
    assert index_bits((4, 4)) == (5, 2)
    assert index_bits((4, 5)) == (5, 3)
    assert index_bits((7, 1)) == (3, 0)
    assert index_bits((0, 3)) == (1, 2)
    with pytest.raises(InvalidInput, match="fewer than 2"):
        index_bits((1 << 16, 1 << 16))


@pytest.mark.requirement("QREF-ST-005")
def test_figure_2_of_deep_compression() -> None:
    found = sparse(at(16, p1=3.4, p4=0.9, p15=1.7), None, None, 3)
    assert found.gaps.tolist() == [1, 2, 7, 2]
    np.testing.assert_array_equal(found.values, np.array([3.4, 0.9, 0, 1.7], np.float32))
    assert np.diff(found.positions()).tolist() == [3, 8, 3]  # the figure's differences


@pytest.mark.requirement("QREF-ST-005")
def test_the_vectors_of_eie() -> None:
    found = sparse(at(23, p2=1, p3=2, p22=3), None, None, 4)
    assert (found.values.tolist(), found.gaps.tolist()) == ([1, 2, 0, 3], [2, 0, 15, 2])


@pytest.mark.requirement("QREF-ST-005")
@pytest.mark.parametrize(("zeros", "gaps"), [(7, [7]), (8, [7, 0]), (9, [7, 1]), (15, [7, 7]), (16, [7, 7, 0])])
def test_fillers_at_the_limit_of_three_bits(zeros: int, gaps: list[int]) -> None:
    found = sparse(at(zeros + 9, **{f"p{zeros}": 1}), None, None, 3)
    assert found.gaps.tolist() == gaps


@pytest.mark.requirement("QREF-ST-007")
@given(MATRIX, st.integers(1, 8))
def test_what_is_sparse_comes_back(W: np.ndarray, gap_bits: int) -> None:
    found = sparse(W, None, None, gap_bits)
    np.testing.assert_array_equal(found.decode(), W)
    assert found.bits == 8 * len(found.packed())
    assert HuffmanCoded(found).bits == 8 * len(HuffmanCoded(found).packed())
    fillers = found.gaps.size - np.count_nonzero(W)
    assert fillers == np.count_nonzero(found.values == 0)


@pytest.mark.requirement("QREF-ST-006")
def test_a_codebook_without_zero_gets_one_in_front_where_fillers_are() -> None:
    book = np.array([[-2, 1, 1.5, 3]], np.float32)

    def encode(row: np.ndarray) -> Coded:
        assert row.tolist() == [[1.5, -2]]
        return Coded(np.array([[2, 0]], np.uint8), book, TENSOR, 2)

    near = sparse(at(6, p1=1.5, p4=-2), None, encode, 3)
    assert isinstance(near.values, Coded)
    assert (near.values.width, near.values.codebooks.size) == (2, 4)
    far = sparse(at(16, p1=1.5, p14=-2), None, encode, 3)
    assert isinstance(far.values, Coded)
    assert (far.values.width, far.values.codebooks.tolist()) == (3, [[0, -2, 1, 1.5, 3]])
    assert far.values.codes.tolist() == [[3, 0, 1]]
    np.testing.assert_array_equal(far.decode(), at(16, p1=1.5, p14=-2))
    assert far.bits == 8 * (2 + 2 + 20 + 4)  # 3 gaps, 3 codes, 5 values, the number of entries


@pytest.mark.requirement("QREF-ST-006")
@pytest.mark.parametrize("name", ["uniform", "ternary", "logarithmic", "lloyd-max"])
def test_schemes_stand_for_what_is_left_and_pruned_weights_stay_zero(name: str) -> None:
    W = np.random.default_rng(2).standard_normal((20, 30)).astype(np.float32)
    mask = np.abs(W) > 1.5
    scheme = SCHEMES[name].of()
    found = sparse(W, mask, scheme.encode, 2)
    assert found.gaps.size > np.count_nonzero(mask)  # there are fillers
    assert not found.decode()[~mask].any()
    alone = type(scheme)(**{**vars(scheme), "granularity": TENSOR}).encode(W[mask].reshape(1, -1)).decode()
    np.testing.assert_array_equal(found.decode()[mask], alone[0])


def test_what_cannot_be_stored_is_refused() -> None:
    W = at(40, p0=1, p39=2)

    def signs(row: np.ndarray) -> Scaled:
        return Scaled(np.ones(row.shape, np.int8), np.ones(1, np.float32), TENSOR, 1)

    def a_codebook_each(row: np.ndarray) -> Coded:
        return Coded(np.zeros((2, 1), np.uint8), np.ones((2, 1), np.float32), CHANNEL, 1)

    def full(row: np.ndarray) -> Coded:
        return Coded(np.zeros(row.shape, np.uint8), np.arange(1, 257, dtype=np.float32)[np.newaxis], TENSOR, 8)

    def nothing(row: np.ndarray) -> RelativeIndex:
        return sparse(row, None, None, 8)

    cases = (
        (signs, 3, "one bit"), (a_codebook_each, 3, "2 scales or codebooks"), (full, 3, "256 values without 0"),
        (nothing, 3, "RelativeIndex of nonzero weights"), (None, 0, "gaps of 0 bits"), (None, 9, "gaps of 9 bits"),
    )  # fmt: skip
    for encode, gap_bits, complaint in cases:
        with pytest.raises(InvalidInput, match=complaint):
            sparse(W, None, encode, gap_bits)
    with pytest.raises(InvalidInput, match="mask is bool"):
        sparse(W, np.ones(3, np.bool_), None, 3)
    assert sparse(W, None, full, 8).values.codes.tolist() == [[0, 0]]  # no filler, no 0 needed


HUGE = ([1 << 40], [1 << 40, 4], [0, 1 << 62, 8], [1, 2, (1 << 63) - 1], [3, 256, 1 << 31])


@pytest.mark.parametrize("shape", HUGE, ids=str)
@pytest.mark.parametrize("op", ["UnpackCodes", "CsrDecode", "RelativeIndexDecode", "HuffmanDecode"])
def test_a_shape_that_no_memory_holds_is_refused(op: str, shape: list[int]) -> None:
    bytes, floats, pointers = tensor([], "uint8"), tensor([], "float32"), tensor([0, 0], "int64")
    inputs = {
        "UnpackCodes": (bytes,), "CsrDecode": (pointers, tensor([], "int64"), floats),
        "RelativeIndexDecode": (bytes, floats), "HuffmanDecode": (bytes, bytes),
    }  # fmt: skip
    with pytest.raises(Unsupported, match="at most 134217728 elements"):
        run(Request(op, "qref", 1, {"shape": shape}, inputs[op]))


@pytest.mark.requirement("QREF-ST-001")
@pytest.mark.parametrize(
    ("codes", "type", "bits"), [([[0, 4], [9, 1]], "uint8", 2), ([1, -3], "int8", 2), ([1, 2], "int8", 2)]
)
def test_a_code_that_does_not_fit_is_refused(codes: list[int], type: str, bits: int) -> None:
    with pytest.raises(InvalidInput, match=rf"in {bits} bits: .* fit"):
        run(Request("PackCodes", "qref", 1, {"bits": bits}, (tensor(codes, type),)))
