"""The onnx package's own evaluator, onnx.reference.ReferenceEvaluator, as an engine.

Each request is a model of one node, evaluated once; all inputs are inputs of the graph. Tensors go in and out by ONNX's
raw bytes: onnx.numpy_helper makes of them the arrays that the evaluator wants (of ml_dtypes where NumPy lacks the
type), and of its arrays the bytes again. The evaluator alone is judged: it does not check models, and neither
onnx.checker nor shape inference is asked before it.

`qref:Requantize` is asked as a QLinearConv (requantize_node.py).
"""

from typing import Any

import numpy as np

from qref.engines.protocol import Hello, excerpt
from qref.engines.requantize_node import as_convolution, from_convolution, is_requantize
from qref.engines.serve import serve
from qref.engines.versions import require
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

UNSUPPORTED = (
    "No implementation for operator",
    "No default implementation for operator",
    "Not registered implementation for operator",
    "is not a supported quantized type",
)


def hello() -> Hello:
    for module in ("onnx", "ml_dtypes"):
        require(module, "models")
    import onnx

    return Hello("onnx-reference", onnx.__version__)


def run(request: Request) -> list[Tensor]:
    if is_requantize(request):
        (y,) = run_node(as_convolution(request))
        return [from_convolution(request, y)]
    if request.domain != "":
        raise Unsupported(f"the evaluator is asked for the domain of ONNX only, not for {request.domain!r}")
    return run_node(request)


def run_node(request: Request) -> list[Tensor]:
    """Evaluates the request's one-node model."""
    from onnx.reference import ReferenceEvaluator

    from qref.engines import onnx_node

    model = onnx_node.one_node_model(request)
    feeds = {onnx_node.input_name(k): _array(x) for k, x in enumerate(request.inputs) if x is not None}
    names = [onnx_node.output_name(k) for k in range(request.outputs)]
    try:
        values = ReferenceEvaluator(model).run(names, feeds)
    except NotImplementedError as error:
        raise Unsupported(excerpt(str(error)) or "not implemented") from None
    except Exception as error:  # whatever NumPy raises
        words = excerpt(f"{type(error).__name__}: {error}")
        if any(sign in words for sign in UNSUPPORTED):
            raise Unsupported(words) from None
        raise InvalidInput(words) from None
    return [_tensor(value) for value in values]


def _array(tensor: Tensor) -> Any:
    """The array that holds the tensor for the evaluator.

    Raises:
        Unsupported: the installed onnx package has no such type.
    """
    from onnx import helper, numpy_helper

    from qref.engines import onnx_node

    raw, shape = onnx_node.pack(tensor), list(tensor.shape)
    try:
        made = helper.make_tensor("x", onnx_node.ONNX_TYPES[tensor.dtype], shape, raw, raw=True)
        return numpy_helper.to_array(made).copy()  # its own, for operators that write into their inputs
    except (KeyError, TypeError, ValueError) as error:
        raise Unsupported(f"no {tensor.dtype} tensor: {excerpt(str(error))}") from None


def _tensor(value: Any) -> Tensor:
    """The tensor in an array of the evaluator's.

    Raises:
        InvalidInput: it is no tensor, or one of a type that no case has.
    """
    from onnx import numpy_helper

    from qref.engines import onnx_node

    if not isinstance(value, np.ndarray | np.generic):
        raise InvalidInput(f"an output is a {type(value).__name__}, not a tensor")
    array = np.asarray(value)
    try:
        made = numpy_helper.from_array(array)
        dtype = onnx_node.DTYPES[made.data_type]
    except (KeyError, TypeError, ValueError, NotImplementedError):
        raise InvalidInput(f"an output of type {array.dtype}") from None
    return onnx_node.unpack(made.raw_data, dtype, array.shape)


if __name__ == "__main__":
    serve(hello, run)
