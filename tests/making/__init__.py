"""Makers of documents, for tests and benchmarks."""
