"""Codebooks of rows, columns and sub-vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref import kernels, ops
from qref.codebooks import SCHEMES
from qref.codebooks.kmeans import kmeans
from qref.codebooks.product import ProductCodebook
from qref.codebooks.subvectors import LAYOUTS, as_matrix
from qref.codebooks.vector import VectorCodebook
from qref.errors import InvalidInput, UsageError
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers import Granularity

NAMES = ("vector-codebook", "vector-codebook-column", "product-codebook", "product-codebook-column")


def weights(shape: tuple[int, ...], number: int = 0) -> np.ndarray:
    return np.random.default_rng(number).standard_normal(shape).astype(np.float32)


@pytest.mark.requirement("QREF-VC-009")
def test_rows_and_columns_become_codewords() -> None:
    W = np.array([[1, 2, 3], [9, 9, 9], [1, 2, 3], [1, 2, 3]], np.float32)
    found = VectorCodebook(1).encode(W, stream=Stream(0))
    assert found.codes.shape == (4, 1) and np.array_equal(found.decode(), W) and found.bits == 8 + 32 * 6
    assert VectorCodebook(1, "columns").encode(W, stream=Stream(0)).codebooks.shape == (2, 4)


@pytest.mark.requirement("QREF-VC-010")
def test_each_submatrix_has_a_codebook_of_its_own() -> None:
    W = weights((10, 5))
    found = ProductCodebook(2, 2).encode(W, stream=Stream(7, 3))
    drawing = Stream(7, 3).words(12).reshape(3, 4)
    for s, columns in enumerate((slice(0, 2), slice(2, 4), slice(4, 5))):
        alone = kmeans(np.ascontiguousarray(W[:, columns]), drawing[s])
        assert np.array_equal(found.codes[:, s], alone.codes)
        assert np.array_equal(found.codebooks[:, columns], alone.centroids)


@pytest.mark.requirement("QREF-VC-011")
def test_equal_submatrices_draw_otherwise() -> None:
    W = np.tile(weights((12, 2)), 3)
    found = ProductCodebook(2, 2, iterations=0).encode(W, stream=Stream(1)).codebooks
    assert not np.array_equal(found[:, :2], found[:, 2:4])


@pytest.mark.requirement("QREF-VC-012")
def test_the_size_is_that_of_the_papers_rate() -> None:
    R, L, d, n = 64, 8, 4, 4
    found = ProductCodebook(n, d).encode(weights((R, L)), stream=Stream(0))
    assert found.bits == 32 * 2**n * L + n * R * (L // d) == 8 * len(found.packed())


@given(
    shape=st.lists(st.integers(0, 5), max_size=4).map(tuple),
    layout=st.sampled_from(LAYOUTS),
    d=st.integers(1, 5),
    bits=st.integers(1, 8),
)
def test_what_comes_back_is_made_of_codewords(shape: tuple[int, ...], layout: str, d: int, bits: int) -> None:
    W = weights(shape)
    found = ProductCodebook(bits, d, layout, iterations=2).encode(W, stream=Stream(0))
    assert found.decode().shape == shape and 8 * len(found.packed()) == found.bits
    if 2**bits >= as_matrix(W, layout).shape[0]:
        assert np.array_equal(found.decode(), W)  # a centroid for every vector


@pytest.mark.parametrize("name", NAMES)
def test_schemes_of_the_table(name: str) -> None:
    W = weights((6, 3, 2, 2))
    found = SCHEMES[name].of().encode(W, stream=Stream(0))
    assert found.decode().shape == W.shape and found.width == 4
    assert found.layout == ("columns" if "column" in name else "rows")
    assert found.d == ({"vector-codebook": 12, "vector-codebook-column": 6}.get(name, 4))
    with pytest.raises(InvalidInput, match="give a stream"):
        SCHEMES[name].of().encode(W)
    with pytest.raises(UsageError, match="goes by"):
        SCHEMES[name].of(None, Granularity("channel"))


@pytest.mark.requirement("QREF-VC-013")
def test_what_is_refused_is_named() -> None:
    for given_, complaint in (((4, 0), "length 0"), ((4, 2, "rows", -1), "-1 iterations")):
        with pytest.raises(InvalidInput, match=complaint):
            ProductCodebook(*given_)
    with pytest.raises(InvalidInput, match="codes of 9 bits"):
        ProductCodebook(9, 2).encode(weights((3, 4)), stream=Stream(0))
    with pytest.raises(InvalidInput, match="layout 'blocks'"):
        VectorCodebook(2, "blocks").encode(weights((3, 4)), stream=Stream(0))


@pytest.mark.parametrize(("shape", "layout"), [((0, 2**40), "rows"), ((0, 2**40), "channels"), ((2**40, 0), "columns")])
def test_no_rows_take_no_time(shape: tuple[int, ...], layout: str) -> None:
    request = Request("ProductCodebook", "qref", 1, {"layout": layout}, (Tensor("float32", np.empty(shape, "f4")),), 2)
    for run in (ops.run, kernels.run):
        codes, books = run(request)
        assert codes.shape == (0, 2**38) and books.shape == (0, 2**40)
    assert ops.margin(request) == np.inf
    encoded = ProductCodebook(4, 4, layout).encode(np.empty(shape, np.float32), stream=Stream(0))
    assert encoded.decode().shape == shape


@pytest.mark.requirement("QREF-VC-009")
def test_rows_without_weights_have_no_codes() -> None:
    found = VectorCodebook(1).encode(np.empty((3, 0), np.float32), stream=Stream(0))
    assert found.codes.shape == (3, 0) and found.codebooks.shape == (2, 0)
