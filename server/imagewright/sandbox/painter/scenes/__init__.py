"""Compositions, one module a kind of place."""
