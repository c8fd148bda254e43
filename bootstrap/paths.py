"""Where things are in the bench."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bench:
	"""The folders of one bench. Everything below ``private`` is made here and never tracked."""

	root: Path

	@property
	def private(self) -> Path:
		return self.root / ".bench"

	@property
	def settings_file(self) -> Path:
		return self.private / "settings.json"

	@property
	def cache(self) -> Path:
		return self.private / "cache"

	@property
	def run(self) -> Path:
		return self.private / "run"

	@property
	def tools(self) -> Path:
		"""Environment of the bench command and the supervisor, apart from Frappe's own."""
		return self.private / "tools"

	@property
	def env(self) -> Path:
		"""Environment of Frappe, the app and the tests."""
		return self.root / "env"

	@property
	def python(self) -> Path:
		return self.env / "bin" / "python"

	@property
	def apps(self) -> Path:
		return self.root / "apps"

	@property
	def frappe(self) -> Path:
		return self.apps / "frappe"

	@property
	def sites(self) -> Path:
		return self.root / "sites"

	@property
	def logs(self) -> Path:
		return self.root / "logs"

	@property
	def data(self) -> Path:
		return self.root / "data"

	@property
	def build_log(self) -> Path:
		return self.logs / "bootstrap.log"


def here() -> Bench:
	"""The bench this package lies in."""
	return Bench(Path(__file__).resolve().parent.parent)
