"""Households, residents and the other elements of a grid. Knows the structure."""
