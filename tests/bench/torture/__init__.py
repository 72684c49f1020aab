"""Attacks on an index, and how many of them it withstands."""
