"""Real divisions: townships and villages under their statistical codes, and grids drawn by rule below them."""
