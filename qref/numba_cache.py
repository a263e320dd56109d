"""Importing the fast paths where Numba's cache may not be writable: a read-only install, a user without a home."""

import atexit
import os
import shutil
import tempfile


def import_kernels() -> None:
    """Imports qref.kernels, compiled now or loaded; what is compiled goes with the process where no folder keeps it."""
    try:
        import qref.kernels
    except RuntimeError:  # neither qref's own folder nor the home can be written
        _keep_code_for_now()
        import qref.kernels  # noqa: F401


def _keep_code_for_now() -> None:
    """Gives Numba's cache a folder that goes with the process."""
    from numba import config

    folder = tempfile.mkdtemp(prefix="qref-numba-")
    os.environ["NUMBA_CACHE_DIR"] = folder
    config.reload_config()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
