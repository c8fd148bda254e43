"""The bench's own MariaDB: its data folder, its root account and nobody else's."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .console import BootstrapError, run
from .paths import Bench
from .settings import Settings
from .steps import built_beside


def prepare(bench: Bench) -> bool:
	"""Make the data folder unless it is there; True when it was made."""
	target = bench.data / "mariadb"
	if (target / "mysql").is_dir():
		return False
	if target.exists() and any(target.iterdir()):
		raise BootstrapError(f"{target} holds something that is no MariaDB data folder; move it away.")
	installer = shutil.which("mariadb-install-db")
	if not installer:
		raise BootstrapError("mariadb-install-db is not installed (Debian package mariadb-server-core).")
	with built_beside(target) as folder:
		run(
			[
				installer,
				"--no-defaults",
				f"--user={_user()}",
				f"--datadir={folder}",
				"--skip-test-db",
				"--auth-root-authentication-method=normal",
			],
			log=bench.build_log,
		)
	return True


def secure(bench: Bench, settings: Settings) -> None:
	"""Give root its password and remove accounts without a name; harmless when done before.

	A fresh data folder has ``''@localhost``, which would stand before a site's own account.
	"""
	if _answers(bench, settings, settings.db_root_password):
		return
	if not _answers(bench, settings, ""):
		raise BootstrapError(
			"MariaDB's root password is not the one in .bench/settings.json. "
			"Put the settings file back that belongs to data/mariadb, or move data/mariadb away."
		)
	statements = "\n".join(
		(
			"DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost'));",
			"FLUSH PRIVILEGES;",
			f"ALTER USER root@localhost IDENTIFIED BY '{settings.db_root_password}';",
			f"CREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY '{settings.db_root_password}';",
			"GRANT ALL PRIVILEGES ON *.* TO root@127.0.0.1 WITH GRANT OPTION;",
		)
	)
	result = _client(bench, "", ["--batch"], statements)
	if result.returncode:
		raise BootstrapError(f"MariaDB could not be set up: {result.stderr.strip()}")


def is_ready(bench: Bench, settings: Settings) -> bool:
	"""Whether MariaDB takes connections."""
	return _answers(bench, settings, settings.db_root_password) or _answers(bench, settings, "")


def _answers(bench: Bench, settings: Settings, password: str) -> bool:
	return _client(bench, password, ["--execute", "SELECT 1"]).returncode == 0


def _client(
	bench: Bench, password: str, arguments: list[str], statements: str = ""
) -> subprocess.CompletedProcess:
	socket_file: Path = bench.run / "mariadb.sock"
	return subprocess.run(
		["mariadb", "--no-defaults", "--user=root", f"--socket={socket_file}", *arguments],
		input=statements,
		capture_output=True,
		text=True,
		check=False,
		env={**os.environ, "MYSQL_PWD": password},
	)


def _user() -> str:
	return pwd.getpwuid(os.geteuid()).pw_name
