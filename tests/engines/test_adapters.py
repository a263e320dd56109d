"""qref's own adapters, asked as every engine is."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import qref
from qref import ops
from qref.engines import catalogue, onnx_node, onnx_reference_engine, protocol, versions
from qref.engines.session import Session
from qref.errors import EngineError, InvalidInput, MissingExtra, Unsupported, UsageError
from qref.numerics.formats import FORMATS, format_of
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request


def quantize(dtype: str = "int8", opset: int = 13, x: str = "float32") -> Request:
    values = tensor(np.array([-2.5, 0.25, 0.75, 1.0, 1e4], np.float32), "float32")
    if x != "float32":
        values = tensor(np.array([0x3F80, 0xC020, 0x3E80], np.uint16), x)  # 1, -2.5, 0.25 in bfloat16
    scale = tensor(np.float32(0.5), "float32") if x == "float32" else tensor(np.uint16(0x3F00), x)
    return Request("QuantizeLinear", "", opset, {}, (values, scale, tensor(np.zeros((), np.int8), dtype)))


def convolution() -> Request:
    rng = np.random.default_rng(0)
    scale = tensor(np.float32([0.25, 0.125]), "float32")
    return Request(
        "QLinearConv",
        "",
        10,
        {"pads": [1, 1, 1, 1]},
        (
            tensor(rng.integers(-128, 128, (1, 3, 5, 5)), "int8"),
            tensor(np.float32(0.5), "float32"),
            tensor(3, "int8"),
            tensor(rng.integers(-128, 128, (2, 3, 3, 3)), "int8"),
            scale,
            tensor([0, 0], "int8"),
            tensor(np.float32(32), "float32"),
            tensor(-1, "int8"),
            tensor([100, -100], "int32"),
        ),
    )


def requantize(dtype: str = "int8") -> Request:
    scales = (tensor(np.float32(s), "float32") for s in (0.5, [1.0, 0.25], 1))
    zero_point = tensor(3, dtype)
    return Request("Requantize", "qref", 1, {"axis": 0}, (tensor([[5, -7], [301, -301]], "int32"), *scales, zero_point))


@pytest.fixture(scope="module")
def runtime() -> Session:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    session = Session(catalogue.command_of("onnxruntime"), 20)
    session.start()
    yield session
    session.finish()


@pytest.fixture(scope="module")
def evaluator() -> Session:
    for module in ("onnx", "ml_dtypes"):
        pytest.importorskip(module)
    session = Session(catalogue.command_of("onnx-reference"), 20)
    session.start()
    yield session
    session.finish()


@pytest.fixture(scope="module")
def reference() -> Session:
    session = Session(catalogue.command_of("reference"), 20)
    session.start()
    yield session
    session.finish()


@pytest.mark.parametrize("request_", [quantize(), convolution(), requantize(), quantize("float8e4m3fn", 19)])
def test_reference_answers_as_in_this_process(reference: Session, request_: Request) -> None:
    reply = reference.ask(request_, 5)
    assert reply.kind == "outputs"
    assert all(y.same(other) for y, other in zip(reply.outputs, ops.run(request_), strict=True))


def test_reference_obeys_a_profile(reference: Session) -> None:
    one = requantize()
    asked = Request(one.op, one.domain, one.opset, one.attributes, one.inputs, profile="tflite-double")
    (y,) = reference.ask(asked, 5).outputs
    assert y.same(ops.run(asked)[0])
    assert not y.same(ops.run(one)[0])


def test_reference_refuses(reference: Session) -> None:
    assert reference.ask(Request("Foo", "", 1, {}, ()), 5).kind == "unsupported"
    assert reference.ask(Request("QuantizeLinear", "", 13, {"axis": "x"}, quantize().inputs), 6).kind == "error"
    assert reference.ask(Request("QuantizeLinear", "", 13, {}, ()), 7).kind == "error"


# one of each kind of output type
QUANTIZED = (
    quantize(),
    quantize("uint8", 10),
    quantize("int16", 21),
    quantize("int4", 21),
    quantize("uint4", 23),
    quantize("int2", 25),
    quantize("uint2", 25),
    quantize("float8e4m3fn", 19),
    quantize("float8e5m2fnuz", 21),
)


@pytest.mark.parametrize(
    "request_",
    [
        *QUANTIZED,
        requantize(),
        requantize("uint8"),
    ],
    ids=lambda r: f"{r.op}-{r.opset}-{r.inputs[-1].dtype}",
)
def test_onnxruntime_agrees_with_the_reference(runtime: Session, request_: Request) -> None:
    reply = runtime.ask(request_, 5)
    assert reply.kind == "outputs", reply.words
    assert all(y.same(other) for y, other in zip(reply.outputs, ops.run(request_), strict=True))


def test_onnxruntime_convolution(runtime: Session) -> None:
    (y,) = runtime.ask(convolution(), 5).outputs
    (golden,) = ops.run(convolution())
    assert (y.dtype, y.shape) == (golden.dtype, golden.shape)
    assert np.abs(y.data.astype(int) - golden.data).max() <= 1


def test_onnxruntime_answers_several_outputs(runtime: Session) -> None:
    request = Request("DynamicQuantizeLinear", "", 11, {}, (tensor(np.float32([0, 1, 2.5, 3]), "float32"),), outputs=3)
    assert [y.dtype for y in runtime.ask(request, 5).outputs] == ["uint8", "float32", "uint8"]


@pytest.mark.parametrize(
    ("request_", "kind", "words"),
    [
        (Request("Foo", "", 13, {}, ()), "unsupported", "no Foo"),
        (Request("Foo", "com.example", 1, {}, ()), "unsupported", "com.example"),
        (quantize("float4e2m1", 23), "unsupported", "NOT_IMPLEMENTED"),
        (quantize("int16", 10), "unsupported", "Type Error"),
        (requantize("int16"), "unsupported", "int16"),
        (Request("QuantizeLinear", "", 13, {"foo": 1}, quantize().inputs), "error", "no attribute foo"),
        (Request("QuantizeLinear", "", 13, {"axis": "x"}, quantize().inputs), "error", "axis"),
        (Request("MatMulInteger", "", 10, {}, (tensor([[1]], "int8"), tensor([[1], [1]], "int8"))), "error", ""),
    ],
)
def test_onnxruntime_refuses(runtime: Session, request_: Request, kind: str, words: str) -> None:
    reply = runtime.ask(request_, 5)
    assert reply.kind == kind, reply
    assert words in reply.words


@pytest.mark.parametrize(
    "request_",
    [
        *QUANTIZED,
        quantize("float4e2m1", 23),
        quantize("int8", 21, "bfloat16"),
    ],
    ids=lambda r: f"{r.op}-{r.opset}-{r.inputs[0].dtype}-{r.inputs[-1].dtype}",
)
def test_onnx_reference_agrees_with_the_reference(evaluator: Session, request_: Request) -> None:
    reply = evaluator.ask(request_, 5)
    assert reply.kind == "outputs", reply.words
    assert all(y.same(other) for y, other in zip(reply.outputs, ops.run(request_), strict=True))


def test_onnx_reference_answers_several_outputs(evaluator: Session) -> None:
    request = Request("DynamicQuantizeLinear", "", 11, {}, (tensor(np.float32([0, 1, 2.5, 3]), "float32"),), outputs=3)
    assert [y.dtype for y in evaluator.ask(request, 5).outputs] == ["uint8", "float32", "uint8"]


@pytest.mark.parametrize("shape", [(4,), (2, 2), (1, 1, 1, 4)])
@pytest.mark.parametrize("session", ["runtime", "evaluator"])
def test_requantize_as_a_convolution(request: pytest.FixtureRequest, session: str, shape: tuple[int, ...]) -> None:
    """Ties and ends, with a zero point whose parity makes no difference to where the rounding stands."""
    accumulator = tensor(np.reshape([5, -7, 301, -301], shape), "int32")
    scales = (tensor(np.float32(s), "float32") for s in (0.5, 1, 1))
    one = Request("Requantize", "qref", 1, {}, (accumulator, *scales, tensor(2, "int8")))
    (y,) = request.getfixturevalue(session).ask(one, 5).outputs
    assert y.same(ops.run(one)[0])
    assert y.data.ravel().tolist() == [4, -2, 127, -128]


@pytest.mark.parametrize(
    ("request_", "kind", "words"),
    [
        (Request("Foo", "", 13, {}, ()), "unsupported", "no Foo"),
        (Request("Foo", "com.example", 1, {}, ()), "unsupported", "com.example"),
        (Request("DequantizeLinear", "", 10, {}, quantize().inputs), "unsupported", "No implementation"),
        (Request("Optional", "", 15, {}, (tensor([1], "int32"),)), "error", "a list"),
        (Request("Multinomial", "", 7, {"dtype": 9}, (tensor([[1.0]], "float64"),)), "unsupported", "Multinomial"),
        (requantize("int16"), "unsupported", "int16"),
        (Request("Requantize", "qref", 1, {}, requantize().inputs[:4]), "error", "Requantize takes"),
        (Request("QuantizeLinear", "", 13, {"foo": 1}, quantize().inputs), "error", "no attribute foo"),
        (Request("QuantizeLinear", "", 13, {"axis": "x"}, quantize().inputs), "error", "axis"),
        (Request("MatMulInteger", "", 10, {}, (tensor([[1]], "int8"), tensor([[1], [1]], "int8"))), "error", "matmul"),
        (Request("DynamicQuantizeLinear", "", 11, {}, (tensor(np.float32([]), "float32"),), outputs=3), "error", ""),
    ],
    ids=lambda value: f"{value.op}-{value.opset}" if isinstance(value, Request) else None,
)
def test_onnx_reference_refuses(evaluator: Session, request_: Request, kind: str, words: str) -> None:
    reply = evaluator.ask(request_, 5)
    assert reply.kind == kind, reply
    assert words in reply.words


@pytest.mark.parametrize("dtype", FORMATS)
def test_every_code_passes_the_arrays_of_the_evaluator(dtype: str) -> None:
    for module in ("onnx", "ml_dtypes"):
        pytest.importorskip(module)
    format = format_of(dtype)
    codes = np.arange(256 if format.bits >= 8 else 1 << min(format.bits, 8), dtype=np.uint8)
    if format.bits < 8:  # signed integers are held sign-extended
        bits = 8 - format.bits if dtype.startswith("int") else 0
        x = Tensor(dtype, ((codes << bits).view(format.storage) >> bits).astype(format.storage))
    elif dtype == "bool":
        x = tensor([True, False, True], "bool")
    else:
        size = np.dtype(format.storage).itemsize
        x = Tensor(dtype, np.resize(codes, 256 * size * 7).view(format.storage))
    assert onnx_reference_engine._tensor(onnx_reference_engine._array(x)).same(x)


@pytest.mark.parametrize("value", [[np.float32([1])], {"a": 1}, np.array(["x"]), np.complex64([1]), 1.0])
def test_what_is_no_tensor_of_a_case(value: object) -> None:
    pytest.importorskip("onnx")
    with pytest.raises(InvalidInput, match="output"):
        onnx_reference_engine._tensor(value)


@pytest.mark.parametrize("dtype", FORMATS)
def test_pack_and_unpack(dtype: str) -> None:
    bits = format_of(dtype).bits
    size = 5 if bits < 8 else 3
    codes = np.arange(size) % (1 << min(bits, 8))
    data = codes.astype(format_of(dtype).storage)
    if dtype.startswith("int") and bits < 8:
        data = data - np.int8(1 << (bits - 1))
    x = Tensor(dtype, data)
    assert onnx_node.unpack(onnx_node.pack(x), dtype, x.shape).same(x)


def test_packing_is_onnx_own() -> None:
    helper = pytest.importorskip("onnx.numpy_helper")
    onnx = pytest.importorskip("onnx")
    for dtype, code in (("int4", onnx.TensorProto.INT4), ("uint4", onnx.TensorProto.UINT4)):
        x = tensor([1, 2, 3, 4, 5] if dtype == "uint4" else [1, -2, 3, -4, 5], dtype)
        made = onnx.helper.make_tensor("x", code, [5], onnx_node.pack(x), raw=True)
        assert helper.to_array(made).astype(int).tolist() == x.data.tolist()


def test_a_constant_becomes_an_initializer() -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(onnx_node.one_node_model(quantize(), constants=(1, 2)))
    assert [x.name for x in model.graph.input] == ["x0"]
    assert [x.name for x in model.graph.initializer] == ["x1", "x2"]


def test_unknown_operators_and_attributes() -> None:
    pytest.importorskip("onnx")
    with pytest.raises(Unsupported):
        onnx_node.one_node_model(Request("QuantizeLinear", "", 5, {}, quantize().inputs))
    with pytest.raises(InvalidInput):
        onnx_node.one_node_model(Request("QuantizeLinear", "", 13, {"axis": [1.5]}, quantize().inputs))


def test_catalogue() -> None:
    names = [engine.name for engine in catalogue.listing()]
    assert names == ["reference", "numba", "onnxruntime", "onnx-reference"]
    assert catalogue.command_of("cmd:./sim --fast 'a b'").arguments == ["./sim", "--fast", "a b"]
    assert catalogue.command_of("reference").arguments[0] == sys.executable


@pytest.mark.parametrize("name", ["", "onnx", "cmd:", "cmd:  ", "cmd:'x"])
def test_engines_that_do_not_exist(name: str) -> None:
    with pytest.raises(UsageError):
        catalogue.command_of(name)


def test_missing_extra_names_its_command() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'qref-conformance\[fast\]'"):
        versions.require("a_module_that_is_not_there", "fast")


def test_a_missing_package_is_said_by_hello(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    # a package of the engine's that is not there: the child answers Hello with an error
    code = (
        "from qref.engines import numba_engine, versions; versions.find_spec = lambda name: None;"
        "from qref.engines.serve import serve; serve(numba_engine.hello, numba_engine.run)"
    )
    command = catalogue.Command("numba", [sys.executable, "-c", code], catalogue.command_of("numba").environment)
    with pytest.raises(EngineError, match="numba cannot run: numba is not installed: pip install"):
        Session(command, 5).start()


def test_request_line_and_back() -> None:
    request = Request(
        "Op", "d", 3, {"a": [1, 2], "b": "x"}, (tensor([1], "int4"), None, tensor(2.5, "float64")), 2, "p"
    )
    back = protocol.request_of(protocol.read_object(protocol.request_line(request, 9)))
    assert (back.op, back.domain, back.opset, back.attributes, back.outputs, back.profile) == (
        "Op", "d", 3, {"a": [1, 2], "b": "x"}, 2, "p",
    )  # fmt: skip
    assert back.inputs[1] is None
    assert back.inputs[0] is not None and back.inputs[0].same(tensor([1], "int4"))


@pytest.mark.slow  # compiles all loops
def test_numba_where_no_folder_can_be_written() -> None:
    pytest.importorskip("numba")
    code = (
        "from numba import config; from numba.core import caching as c\n"
        "c.CacheImpl._locator_classes = [c.UserProvidedCacheLocator]\n"
        "from qref.engines.numba_engine import hello; print(hello().name, config.CACHE_DIR)"
    )
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(qref.__file__).parent.parent)}
    environment.pop("NUMBA_CACHE_DIR", None)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    name, folder = ran.stdout.split()
    assert name == "numba" and not Path(folder).exists()
