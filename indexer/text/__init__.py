"""Texts -> terms: the analysis that texts and queries share, languages, inversion."""
