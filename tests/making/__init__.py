"""Makers of documents, a module for each family of formats."""
