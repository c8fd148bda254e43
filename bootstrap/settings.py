"""What can be set: ports, site, password and the source of Frappe.

A setting comes from the environment (``make up PORT=8100`` puts it there), else from the last run,
else from its default. What was chosen is remembered in a file only the owner can read.
"""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .console import BootstrapError
from .steps import write_whole

#: Ports of the processes, as distance from PORT. With PORT=8000 these are the ones a bench usually has.
PORT_OFFSETS = {
	"backend_port": 1,
	"test_port": 2,
	"second_test_port": 3,
	"socketio_port": 1000,
	"redis_queue_port": 3000,
	"redis_cache_port": 5000,
	"db_port": -4690,
}
DEFAULT_PORT = 8000
SITE_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True)
class Settings:
	"""One bench's settings; ports are TCP ports on 127.0.0.1."""

	port: int
	backend_port: int
	test_port: int
	second_test_port: int
	socketio_port: int
	redis_queue_port: int
	redis_cache_port: int
	db_port: int
	site: str
	test_site: str
	admin_password: str
	db_root_password: str
	frappe: str

	@property
	def address(self) -> str:
		"""Where a browser finds the site."""
		return address(self.port)

	@property
	def test_sites(self) -> dict[str, int]:
		"""The tests' own sites, one for each process that runs tests, and the ports where browsers find them."""
		return {self.test_site: self.test_port, f"second.{self.test_site}": self.second_test_port}


def address(port: int) -> str:
	"""Where a browser finds what listens on a port."""
	return f"http://127.0.0.1:{port}"


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
	"""Settings from the environment, the remembered file and the defaults, in this order.

	Raises BootstrapError when a value is no port or no site name, or two processes share a port.
	"""
	remembered = _remembered(path)

	def chosen(name: str, default: str = "") -> str:
		return environment.get(name.upper(), "").strip() or str(remembered.get(name, "")) or default

	given = {name: environment.get(name.upper(), "").strip() for name in ("port", *PORT_OFFSETS)}
	ports = {"port": _port("PORT", chosen("port", str(DEFAULT_PORT)))}
	moved = bool(given["port"]) and ports["port"] != remembered.get("port")
	for name, offset in PORT_OFFSETS.items():
		follows = str(ports["port"] + offset)
		value = (given[name] or follows) if moved else chosen(name, follows)
		ports[name] = _port(name.upper(), value)
	_no_port_twice(ports)
	return Settings(
		**ports,
		site=_site("SITE", chosen("site", "grid.localhost")),
		test_site=_site("TEST_SITE", chosen("test_site", "test.localhost")),
		admin_password=chosen("admin_password") or secrets.token_urlsafe(9),
		db_root_password=str(remembered.get("db_root_password", "")) or secrets.token_urlsafe(18),
		frappe=chosen("frappe", "snapshot"),
	)


def save(path: Path, settings: Settings) -> None:
	"""Remember the settings for the next command; readable by their owner only."""
	write_whole(path, json.dumps(asdict(settings), indent="\t") + "\n", mode=0o600)


def _remembered(path: Path) -> dict:
	try:
		found = json.loads(path.read_text())
	except FileNotFoundError:
		return {}
	except ValueError as error:
		raise BootstrapError(f"{path} is damaged ({error}). Delete it and set what you had set.") from error
	names = {field.name for field in fields(Settings)}
	return {name: value for name, value in found.items() if name in names}


def _port(name: str, value: str) -> int:
	if not value.isdigit() or not 1 <= int(value) <= 65535:
		raise BootstrapError(f"{name}={value} is no port: give a number between 1 and 65535.")
	return int(value)


def _site(name: str, value: str) -> str:
	if not SITE_PATTERN.fullmatch(value):
		raise BootstrapError(f"{name}={value} is no site name: give a host name like grid.localhost.")
	return value


def _no_port_twice(ports: Mapping[str, int]) -> None:
	seen: dict[int, str] = {}
	for name, port in ports.items():
		if port in seen:
			raise BootstrapError(
				f"{name.upper()} and {seen[port].upper()} are both {port}: give one of them another."
			)
		seen[port] = name
