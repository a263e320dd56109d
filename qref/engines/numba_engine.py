"""The Numba fast paths as an engine."""

from collections.abc import Sequence

from qref.engines.protocol import Hello
from qref.engines.serve import serve
from qref.engines.versions import require, version
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def hello() -> Hello:
    require("numba", "fast")
    import qref.kernels  # noqa: F401  compiled or loaded now, within Hello's minute, not within a case's seconds

    return Hello("numba", version("numba") or "0")  # qref's own version stands in the report beside it


def run(request: Request) -> Sequence[Tensor]:
    from qref.kernels import run as kernels_run

    return kernels_run(request)


if __name__ == "__main__":
    serve(hello, run)
