"""The Numba fast paths as an engine."""

from collections.abc import Sequence

from qref.engines.protocol import Hello
from qref.engines.serve import serve
from qref.engines.versions import require, version
from qref.numba_cache import import_kernels
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def hello() -> Hello:
    require("numba", "fast")
    import_kernels()  # now, within Hello's minute, not within a case's seconds
    from qref.kernels.instructions import chosen

    # qref's own version stands in the report beside it
    return Hello("numba", f"{version('numba') or '0'} {chosen().name}")


def run(request: Request) -> Sequence[Tensor]:
    from qref.kernels import run as kernels_run

    return kernels_run(request)


if __name__ == "__main__":
    serve(hello, run)
