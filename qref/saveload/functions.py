"""The model-local functions that decode weights, and how a model gets those it calls."""

from typing import Any

from qref.errors import Unsupported
from qref.saveload import decode_nodes, hashed_nodes, huffman_nodes, relative_index_nodes, subvector_nodes, symbol_nodes
from qref.saveload.decoding import DOMAIN, IR_VERSIONS

FUNCTIONS = {
    **decode_nodes.FUNCTIONS,
    **symbol_nodes.FUNCTIONS,
    **subvector_nodes.FUNCTIONS,
    **relative_index_nodes.FUNCTIONS,
    **huffman_nodes.FUNCTIONS,
    **hashed_nodes.FUNCTIONS,
}
"""Each function's body, of operators that opset 11 has."""
CALLS = {"UnpackSigns": ("UnpackCodes",), **huffman_nodes.CALLS, **hashed_nodes.CALLS}
"""The functions that a function calls."""


def add_functions(model: Any, names: set[str], opset: int) -> None:
    """Adds the functions and those that they call; raises the file's version to one that has them.

    Raises:
        Unsupported: the model has another function of such a name.
    """
    import onnx
    import onnx_ir as ir

    wanted = sorted(names.union(*(CALLS.get(name, ()) for name in names)))
    for name in wanted:
        head = f'<domain: "{DOMAIN}", opset_import: ["" : {opset}, "{DOMAIN}" : 1]>'
        function = ir.serde.deserialize_function(onnx.parser.parse_function(head + FUNCTIONS[name]))
        there = model.functions.get(function.identifier())
        if there is not None and _written(there) != _written(function):
            raise Unsupported(f"the model has a function {DOMAIN}.{name} of its own: rename it first")
        model.functions[function.identifier()] = function
    if wanted:
        model.graph.opset_imports[DOMAIN] = 1
    model.ir_version = max(model.ir_version, *(ir for since, ir in IR_VERSIONS.items() if opset >= since))


def _written(function: Any) -> list[tuple[str, list[str], list[str]]]:
    """The nodes of a function, to compare."""
    return [(node.op_type, [i.name for i in node.inputs], [o.name for o in node.outputs]) for node in function]
