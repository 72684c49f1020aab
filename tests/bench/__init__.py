"""Measurements against real pages and collections, run by hand with the path of a folder."""
