"""Demo townships: a real division with invented people and matters, loaded and removed as a whole.

`<name>.json` beside this file describes one; nothing about it stands in code.
"""

from grid_governance.setup.demo.load import accounts, load
from grid_governance.setup.demo.remove import remove

__all__ = ["accounts", "load", "remove"]
