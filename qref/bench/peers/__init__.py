"""What the kernels are timed beside: one peer a file, each giving runs of one layer."""
