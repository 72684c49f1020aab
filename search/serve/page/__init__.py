"""Addresses for people: HTML made on the server, and what it is made of."""
