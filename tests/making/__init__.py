"""Makers of documents of each format, for the tests and the benchmarks of formats."""
