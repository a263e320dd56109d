"""ONNX's own single-node tests of the quantized operators, on the reference."""

import sys
from collections.abc import Mapping

import numpy as np
import pytest

from qref.errors import InvalidInput
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import run
from qref.vectors import data

pytest.importorskip("onnx")
sys.path.append(str(data.checkout()))
from tools.onnx_suite_catches import catches, markdown, similar, suite

TESTS = {test.name: test for test in suite()}

# The tests that the reference refuses as they are published, by the text that they contradict. All of them agree once
# the vector of one element is the scalar that the text asks for; no expected output is contradicted.
MUST_MATCH = '"Shape must match y_scale" (x_scale): the scale is a scalar, the zero point a vector of one element'
PER_ROW = '"a scalar or N-D tensor … an M element vector": M is 4, the zero point a vector of one element'
SCALAR = (
    "\"must be either scalar (per tensor) or N-D tensor (per row for 'a' and per column for 'b')\": the scales "
    "and zero points, the output's among them, are vectors of one element"
)
EXCEPTIONS: Mapping[str, str] = {
    "test_dequantizelinear_e4m3fn_zero_point": MUST_MATCH,
    "test_dequantizelinear_float4e2m1": MUST_MATCH,
    "test_dequantizelinear_int2": MUST_MATCH,
    "test_dequantizelinear_int4": MUST_MATCH,
    "test_dequantizelinear_uint2": MUST_MATCH,
    "test_dequantizelinear_uint4": MUST_MATCH,
    "test_quantizelinear_e4m3fn": MUST_MATCH,
    "test_quantizelinear_e5m2": MUST_MATCH,
    "test_matmulinteger": PER_ROW,
    **{
        f"test_qlinearmatmul_{rank}_{dtype}_{scale}": SCALAR
        for rank in ("2D", "3D") for dtype in ("int8", "uint8") for scale in ("float16", "float32")
    },
}  # fmt: skip


def test_every_operator_is_among_them() -> None:
    assert {test.request.op for test in TESTS.values()} == {
        "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "QLinearConv", "MatMulInteger",
        "QLinearMatMul",
    }  # fmt: skip
    assert len(TESTS) >= 40
    assert set(EXCEPTIONS) <= set(TESTS)


@pytest.mark.parametrize("name", TESTS)
def test_the_reference_agrees(name: str) -> None:
    """Bit for bit, where the package's own runner would allow 1e-3."""
    test = TESTS[name]
    if name in EXCEPTIONS:
        with pytest.raises(InvalidInput, match=r"has shape \[1\]|_zero_point \[1\]"):
            run(test.published)
    else:
        run(test.published)
    for ours, theirs in zip(run(test.request), test.outputs, strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_array_equal(decode(ours), decode(theirs))


def test_similar_is_what_their_runner_allows() -> None:
    x = tensor([1.0, 1000.0, np.nan], "float32")
    assert similar([x], [tensor([1.0009, 1000.9, np.nan], "float32")])
    assert not similar([x], [tensor([1.0011, 1000.0, np.nan], "float32")])
    assert not similar([x], [tensor([1.0, 1000.0, 0.0], "float32")])
    assert not similar([x], [Tensor("float32", x.data[:2])])
    assert not similar([x], [x, x])
    assert not similar([tensor([1], "int8")], [tensor([1], "uint8")])
    assert similar([tensor([2000], "int32")], [tensor([2001], "int32")])  # an off-by-one that passes


def test_what_the_suite_catches_is_counted() -> None:
    caught = catches()
    found = [name for name, by in caught.items() if by]
    assert 0 < len(found) < len(caught)
    page = markdown(caught)
    assert f"catch {len(found)} of {len(caught)} mistakes" in page
