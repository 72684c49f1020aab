"""Bytes in, articles out: one module a format, one table of formats."""
