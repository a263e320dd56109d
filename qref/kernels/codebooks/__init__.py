"""Fast paths of codebooks."""
