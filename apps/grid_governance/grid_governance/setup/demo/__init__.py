"""Demo townships: real divisions with invented people and matters, loaded and removed as a whole.

`townships/<name>.json` describes one; nothing about it stands in code. README.md beside this file says how.
"""

from grid_governance.setup.demo.load import accounts, description, load, names
from grid_governance.setup.demo.remove import remove

DEFAULT = ("tulingdi",)
"""What the commands load and remove when no demo is named."""

__all__ = ["DEFAULT", "accounts", "description", "load", "names", "remove"]
