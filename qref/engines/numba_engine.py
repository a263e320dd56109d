"""The Numba fast paths as an engine."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence

from qref.engines.protocol import Hello
from qref.engines.serve import serve
from qref.engines.versions import require, version
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def hello() -> Hello:
    require("numba", "fast")
    try:
        import qref.kernels  # compiled or loaded now, within Hello's minute, not within a case's seconds
    except RuntimeError:  # neither qref's own folder nor the home can be written
        _keep_code_for_now()
        import qref.kernels  # noqa: F401
    from qref.kernels.instructions import chosen

    # qref's own version stands in the report beside it
    return Hello("numba", f"{version('numba') or '0'} {chosen().name}")


def run(request: Request) -> Sequence[Tensor]:
    from qref.kernels import run as kernels_run

    return kernels_run(request)


def _keep_code_for_now() -> None:
    """Gives Numba's cache a folder that goes with the process."""
    from numba import config

    folder = tempfile.mkdtemp(prefix="qref-numba-")
    os.environ["NUMBA_CACHE_DIR"] = folder
    config.reload_config()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


if __name__ == "__main__":
    serve(hello, run)
