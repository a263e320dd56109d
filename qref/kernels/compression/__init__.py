"""Fast paths of compression: pruning, sparse storage, Huffman coding, low rank."""
