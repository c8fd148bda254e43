"""What the bench takes from Debian, and how it gets there."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .console import BootstrapError, run, say
from .paths import Bench

POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True)
class Package:
	"""A Debian package, how to see that what it brings is there, and what is lost without it."""

	name: str
	present: Callable[[], bool]
	serves: str
	needed: bool = True


def program(name: str) -> Callable[[], bool]:
	"""Whether a program is there, also in the system folders that a user's PATH may lack."""
	return lambda: bool(shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin"))


def file(pattern: str) -> Callable[[], bool]:
	"""Whether a file that matches the pattern is there."""
	return lambda: any(Path("/").glob(pattern.lstrip("/")))


def _python_headers() -> bool:
	return Path(sysconfig.get_paths()["include"], "Python.h").exists()


def _virtual_environments() -> bool:
	try:
		import ensurepip  # noqa: F401
	except ImportError:
		return False
	return True


def packages() -> tuple[Package, ...]:
	"""Everything the bench wants from Debian 12."""
	version = f"{sys.version_info[0]}.{sys.version_info[1]}"
	debian = sys.executable.startswith("/usr/bin/")
	venv, headers = (
		(f"python{version}-venv", f"python{version}-dev") if debian else ("python3-venv", "python3-dev")
	)
	return (
		Package("git", program("git"), "the bench command"),
		Package("ca-certificates", file("/etc/ssl/certs/ca-certificates.crt"), "the package registries"),
		Package(venv, _virtual_environments, "the Python environments"),
		Package(headers, _python_headers, "building MariaDB's Python connector"),
		Package("gcc", program("gcc"), "building MariaDB's Python connector"),
		Package("pkg-config", program("pkg-config"), "building MariaDB's Python connector"),
		Package(
			"libmariadb-dev", file("/usr/include/mariadb/mysql.h"), "building MariaDB's Python connector"
		),
		Package("mariadb-server", program("mariadbd"), "the database"),
		Package("mariadb-client", program("mysql"), "backup and restore"),
		Package("redis-server", program("redis-server"), "cache and queue"),
		Package("nodejs", program("node"), "the assets and realtime"),
		Package("npm", program("npm"), "the assets and realtime"),
		Package("nginx-light", program("nginx"), "compressed pages and live updates", needed=False),
		Package("wkhtmltopdf", program("wkhtmltopdf"), "PDF files", needed=False),
		Package("libpango-1.0-0", file("/usr/lib/*/libpango-1.0.so.0"), "PDF files", needed=False),
		Package("libpangoft2-1.0-0", file("/usr/lib/*/libpangoft2-1.0.so.0"), "PDF files", needed=False),
		Package("libpangocairo-1.0-0", file("/usr/lib/*/libpangocairo-1.0.so.0"), "PDF files", needed=False),
		Package(
			"fonts-noto-cjk",
			file("/usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc"),
			"Chinese in PDF files",
			needed=False,
		),
		Package("chromium", program("chromium"), "the browser tests", needed=False),
	)


def missing(wanted: tuple[Package, ...]) -> list[Package]:
	"""Those of the packages whose content is not on this machine, from wherever it came."""
	return [package for package in wanted if not package.present()]


def prepare(bench: Bench) -> bool:
	"""Install what is missing when that is possible (root, apt); else say in one line what is missing.

	True when something was installed. Raises BootstrapError when something is missing that the bench
	cannot do without.
	"""
	lacking = missing(packages())
	installed = False
	if lacking and os.geteuid() == 0 and shutil.which("apt-get"):
		_install(bench, [package.name for package in lacking])
		lacking, installed = missing(packages()), True
	if lacking:
		names = " ".join(package.name for package in lacking)
		lost = ", ".join(dict.fromkeys(package.serves for package in lacking))
		say(f"   missing Debian packages (apt-get install {names}), used for: {lost}")
	needed = [package.name for package in lacking if package.needed]
	if needed:
		raise BootstrapError(f"The bench cannot be built without: {' '.join(needed)}.")
	return installed


def _install(bench: Bench, names: list[str]) -> None:
	say(f"   installing {' '.join(names)}")
	options = {"DEBIAN_FRONTEND": "noninteractive"}
	with no_services_started():
		run(["apt-get", "update", "-q"], log=bench.build_log, env=options)
		run(
			["apt-get", "install", "-q", "-y", "--no-install-recommends", *names],
			log=bench.build_log,
			env=options,
			hint="Debian's packages could not be installed; see the lines above.",
		)


@contextmanager
def no_services_started() -> Iterator[None]:
	"""Keep Debian from starting the machine's own MariaDB, Redis and nginx when it installs them.

	The bench runs servers of its own; the machine's would hold their usual ports on their first start.
	"""
	made = not POLICY.exists()
	if made:
		POLICY.write_text("#!/bin/sh\nexit 101\n")
		POLICY.chmod(0o755)
	try:
		yield
	finally:
		if made:
			POLICY.unlink(missing_ok=True)
