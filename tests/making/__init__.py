"""Makers of documents in the formats that are read."""
