"""Convolution by every algorithm of `qref.conv`, compiled; the table is in `qref.kernels.conv.table`.

A kernel lays images out where its algorithm does, makes a plan for a shape, and runs a program around the tiles of
`qref.kernels.tile`. Integers of any size, FFT, transposed convolution and gradients are plain loops (`rows`).
"""
