"""Convolution by every algorithm, as plain loops that Numba compiles; mirrors `qref.conv`.

The table is in `qref.kernels.conv.table`. What the loops have in common: the innermost one adds multiples of contiguous
rows to a contiguous row (`rows`), which a compiler turns into vector instructions of whatever machine it meets.
"""
