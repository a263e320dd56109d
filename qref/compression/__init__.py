"""Compression beside quantization: pruning, sparse storage, Huffman coding, low rank; one method a file."""
