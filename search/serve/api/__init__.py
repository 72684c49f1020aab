"""Addresses for programs: what may be asked there, and the bodies that answer."""
