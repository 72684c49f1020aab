"""Makers of documents in each format, for tests and benchmarks."""
