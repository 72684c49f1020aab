"""Care for an index: looking at every byte of it, and making a damaged one whole."""
