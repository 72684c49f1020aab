"""What holds the passages and carries out plans."""
