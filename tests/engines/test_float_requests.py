"""Requests with every kind of attribute and tensor that the float operators have, to both engines that run models.

The answers are worked out by hand. x is [[0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15]], which every format holds.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from qref.engines import catalogue, onnx_node
from qref.engines.session import Session
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request

FORMATS = ("float32", "float16", "bfloat16")
X = np.arange(16.0).reshape(1, 1, 4, 4)

Make = Callable[[str], tuple[Request, object]]


def real(values: object, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def longs(*values: int) -> Tensor:
    return tensor(list(values), "int64")


def conv(dtype: str) -> tuple[Request, object]:
    """Sums of 2×2 windows, every second of a row and column, with zeros above and to the left; bias a half."""
    attributes = {"auto_pad": "NOTSET", "pads": [1, 1, 0, 0], "strides": [2, 2], "group": 1}
    inputs = real(X, dtype), real(np.ones((1, 1, 2, 2)), dtype), real([0.5], dtype)
    return Request("Conv", "", 22, attributes, inputs), [[[[0.5, 3.5], [12.5, 30.5]]]]


def max_pool(dtype: str) -> tuple[Request, object]:
    """With the flat indices of the maxima."""
    attributes = {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 0, "storage_order": 0}
    return Request("MaxPool", "", 22, attributes, (real(X, dtype),), outputs=2), [[[[5, 7], [13, 15]]]]


def resize_by_scales(dtype: str) -> tuple[Request, object]:
    """Input roi is absent in the middle; two attributes are strings and two floats, one written as an integer."""
    attributes = {
        "mode": "nearest",
        "coordinate_transformation_mode": "asymmetric",
        "nearest_mode": "floor",
        "cubic_coeff_a": -0.5,
        "extrapolation_value": 1,
    }
    rows = [[0, 0, 1, 1, 2, 2, 3, 3], [8, 8, 9, 9, 10, 10, 11, 11]]
    return Request("Resize", "", 19, attributes, (real(X, dtype), None, real([1, 1, 0.5, 2]))), [[rows]]


def resize_to_sizes(dtype: str) -> tuple[Request, object]:
    """Two inputs absent in the middle."""
    attributes = {"mode": "linear", "coordinate_transformation_mode": "align_corners"}
    request = Request("Resize", "", 19, attributes, (real(X[..., :1, :], dtype), None, None, longs(1, 1, 1, 7)))
    return request, [[[[0, 0.5, 1, 1.5, 2, 2.5, 3]]]]


def pad(dtype: str) -> tuple[Request, object]:
    inputs = real(X[0, 0, :2, :2], dtype), longs(0, 1, 1, 0), real(9, dtype)
    return Request("Pad", "", 19, {"mode": "constant"}, inputs), [[9, 0, 1], [9, 4, 5], [9, 9, 9]]


def pad_an_axis(dtype: str) -> tuple[Request, object]:
    inputs = real(X[0, 0, :2, :2], dtype), longs(1, 0), None, longs(-1)
    return Request("Pad", "", 19, {"mode": "edge"}, inputs), [[0, 0, 1], [4, 4, 5]]


def reshape(dtype: str) -> tuple[Request, object]:
    return Request("Reshape", "", 14, {"allowzero": 0}, (real(X[0, 0], dtype), longs(0, 2, -1))), X.reshape(4, 2, 2)


def clip(dtype: str) -> tuple[Request, object]:
    return Request("Clip", "", 13, {}, (real(X[0, 0, 0], dtype), None, real(1.5, dtype))), [0, 1, 1.5, 1.5]


def clip_by_attributes(dtype: str) -> tuple[Request, object]:
    return Request("Clip", "", 6, {"min": 1, "max": 2.5}, (real(X[0, 0, 0], dtype),)), [1, 1, 2, 2.5]


MAKERS = (
    conv, max_pool, resize_by_scales, resize_to_sizes, pad, pad_an_axis, reshape, clip, clip_by_attributes,
)  # fmt: skip
# Clip-6 has no bfloat16; ONNX Runtime moves bfloat16, but has no kernels that reckon in it
ASKED = [(make, dtype) for make in MAKERS for dtype in FORMATS if (make, dtype) != (clip_by_attributes, "bfloat16")]
REFUSED = {("onnxruntime", "bfloat16", make) for make in MAKERS if make is not reshape}


@pytest.fixture(scope="module", params=["onnxruntime", "onnx-reference"])
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Session]]:
    for module in catalogue.ADAPTERS[request.param].needs:
        pytest.importorskip(module)
    session = Session(catalogue.command_of(request.param), 20)
    session.start()
    yield request.param, session
    session.finish()


@pytest.mark.parametrize(("make", "dtype"), ASKED, ids=[f"{make.__name__}-{dtype}" for make, dtype in ASKED])
def test_answers_as_by_hand(engine: tuple[str, Session], make: Make, dtype: str) -> None:
    name, session = engine
    request, wanted = make(dtype)
    reply = session.ask(request, 5)
    if (name, dtype, make) in REFUSED:
        assert reply.kind == "unsupported", reply
        return
    assert reply.kind == "outputs", reply.words
    assert [y.dtype for y in reply.outputs] == [dtype, "int64"][: request.outputs]
    assert decode(reply.outputs[0]).tolist() == np.asarray(wanted).tolist()
    if request.outputs == 2:
        assert reply.outputs[1].data.tolist() == [[[[5, 7], [13, 15]]]]


@pytest.mark.parametrize(
    "x",
    [
        tensor([True, False, True, True], "bool"),
        tensor([1, -2, 2**62 + 1, -(2**63)], "int64"),
        tensor(np.array([0, 1, 2**64 - 1, 2**63], np.uint64), "uint64"),
        Tensor("float32", np.array([1, 0x7FC00001, 0xFF800000, 0x80000000], np.uint32).view(np.float32)),
        Tensor("float16", np.array([1, 0x7E01, 0xFC00, 0x8000], np.uint16).view(np.float16)),
        Tensor("bfloat16", np.array([1, 0x7FC1, 0xFF80, 0x8000], np.uint16)),
    ],
    ids=lambda x: x.dtype,
)
def test_every_bit_comes_back(engine: tuple[str, Session], x: Tensor) -> None:
    """Subnormals, payloads of NaN and the sign of zero, through an operator that only moves."""
    reply = engine[1].ask(Request("Reshape", "", 14, {}, (x, longs(2, 2))), 5)
    assert reply.kind == "outputs", reply.words
    assert reply.outputs[0].same(Tensor(x.dtype, x.data.reshape(2, 2)))


def test_pad_of_bools(engine: tuple[str, Session]) -> None:
    x = tensor([True, False], "bool")
    (y,) = engine[1].ask(Request("Pad", "", 13, {}, (x, longs(1, 1), tensor(True, "bool"))), 5).outputs
    assert (y.dtype, y.data.tolist()) == ("bool", [True, True, False, True])


@pytest.mark.parametrize(
    ("op", "opset", "attributes", "field"),
    [
        ("LeakyRelu", 16, {"alpha": 1}, ("f", 1.0)),
        ("LeakyRelu", 16, {"alpha": 0.10000000149011612}, ("f", 0.10000000149011612)),
        ("Upsample", 7, {"scales": [1, 1.5]}, ("floats", [1.0, 1.5])),
        ("RNN", 14, {"activations": ["Relu", "Tanh"]}, ("strings", [b"Relu", b"Tanh"])),
        ("RNN", 14, {"activations": []}, ("strings", [])),
        ("Resize", 19, {"mode": "nearest"}, ("s", b"nearest")),
        ("Resize", 19, {"axes": []}, ("ints", [])),
        ("Softmax", 13, {"axis": -1}, ("i", -1)),
    ],
)
def test_attributes_are_typed_by_the_schema(
    op: str, opset: int, attributes: dict[str, object], field: tuple[str, object]
) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(onnx_node.one_node_model(Request(op, "", opset, attributes, (real(X),))))
    (attribute,) = model.graph.node[0].attribute
    value = getattr(attribute, field[0])
    assert (value if isinstance(field[1], float | int | bytes) else list(value)) == field[1]
    assert attribute.type == int(onnx.defs.get_schema(op, opset).attributes[attribute.name].type)
