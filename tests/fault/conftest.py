"""A MariaDB and a site of their own, for tests that take both down: nobody else's are touched.

The site is the test site as it is, copied. Whatever is done on it is done by processes (`tests/fault/at_work.py`), so that they
can be killed; what has become of it is looked up here over the server's root account.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import MySQLdb
import pytest
from cryptography.fernet import Fernet

from tests.conftest import ROOT, SITES, site_to_test_on

SITE, DATABASE, PASSWORD = "fault.localhost", "_fault", "fault"
TABLE_FULL = 1114
SECONDS = 300
"""How long anything here may take before it counts as hanging."""


class Server:
	"""A MariaDB in *folder*, with one tablespace for all tables, whose size can be limited."""

	def __init__(self, folder: Path) -> None:
		self.folder, self.port = folder, _free_port()
		self._process: subprocess.Popen[bytes] | None = None
		installer = shutil.which("mariadb-install-db")
		subprocess.run(
			[
				*(installer, "--no-defaults", f"--datadir={self.data}", "--skip-test-db", _as_user()),
				"--auth-root-authentication-method=normal",
			],
			check=True,
			capture_output=True,
		)
		self.start()

	@property
	def data(self) -> Path:
		return self.folder / "data"

	@property
	def pid(self) -> int:
		return self._process.pid

	def start(self, most: int | None = None) -> None:
		"""Start it, and wait until it answers. *most*: megabytes that its tables may take."""
		limit = f":max:{most}M" if most else ""
		self._process = subprocess.Popen(
			[
				shutil.which("mariadbd") or "/usr/sbin/mariadbd",
				"--no-defaults",
				_as_user(),
				f"--datadir={self.data}",
				f"--socket={self.folder}/socket",
				f"--port={self.port}",
				"--bind-address=127.0.0.1",
				"--skip-log-bin",
				"--character-set-server=utf8mb4",
				"--collation-server=utf8mb4_unicode_ci",
				"--innodb-file-per-table=0",
				"--innodb-autoextend-increment=1",
				f"--innodb-data-file-path=ibdata1:12M:autoextend{limit}",
				"--innodb-flush-log-at-trx-commit=2",
			],
			stdout=subprocess.DEVNULL,
			stderr=(self.folder / "log").open("ab"),
		)
		until = time.monotonic() + SECONDS
		while not self._answers():
			assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
			assert time.monotonic() < until
			time.sleep(0.1)

	def kill(self) -> None:
		"""Kill it, as a failing machine would."""
		self._process.send_signal(signal.SIGKILL)
		self.wait_until_dead()

	def stop(self) -> None:
		"""Let it end in order."""
		self._process.terminate()
		self.wait_until_dead()

	def wait_until_dead(self) -> None:
		"""Wait until somebody has ended it."""
		self._process.wait(SECONDS)

	@contextmanager
	def limited(self, left: int) -> Iterator[None]:
		"""Let its tables have *left* megabytes more and no other room until the end of the block."""
		most = ((self.data / "ibdata1").stat().st_size >> 20) + 1
		self._restart(most)
		self._fill()
		self._restart(most + left)
		try:
			yield
		finally:
			self._restart()

	def _restart(self, most: int | None = None) -> None:
		self.stop()
		self.start(most)

	def _fill(self) -> None:
		"""Write into a table of its own until there is no more room."""
		self.sql("create table if not exists filling (id int auto_increment primary key, text longtext)")
		with pytest.raises(MySQLdb.OperationalError) as told:
			while True:
				self.sql("insert into filling (text) values (repeat('x', 200000))")
		assert told.value.args[0] == TABLE_FULL

	def sql(
		self, statement: str, values: Sequence[Any] = (), database: str = DATABASE
	) -> list[tuple[Any, ...]]:
		"""Execute *statement* with *values* as root and return what it answers."""
		with self._connected(database) as connection:
			cursor = connection.cursor()
			cursor.execute(statement, values or None)
			connection.commit()
			return list(cursor.fetchall() or ())

	@contextmanager
	def holding(self, statement: str, values: Sequence[Any]) -> Iterator[None]:
		"""Hold the rows that *statement* locks, in a transaction that is taken back in the end."""
		with closing(self._connected(DATABASE)) as connection:
			cursor = connection.cursor()
			cursor.execute(statement, values)
			assert cursor.fetchall(), "nothing is held"
			yield
			connection.rollback()

	def _connected(self, database: str = "") -> MySQLdb.Connection:
		return MySQLdb.connect(
			unix_socket=f"{self.folder}/socket", user="root", database=database, charset="utf8mb4"
		)

	def _answers(self) -> bool:
		try:
			self._connected().close()
		except MySQLdb.OperationalError:
			return False
		return True


class AtWork:
	"""Runs `tests/fault/at_work.py` on the site in *sites*, in processes of its own."""

	def __init__(self, sites: Path, server: Server) -> None:
		self.sites, self.server = sites, server

	def begin(self, *command: str, **settings: str) -> subprocess.Popen[str]:
		"""Start *command*; *settings* are told to it."""
		told = {f"FAULT_{key.upper()}": value for key, value in settings.items()}
		return subprocess.Popen(
			[sys.executable, str(ROOT / "tests" / "fault" / "at_work.py"), SITE, *command],
			cwd=self.sites,
			env={**os.environ, **told, "PYTHONPATH": str(ROOT), "FAULT_SERVER": str(self.server.pid)},
			stdout=subprocess.PIPE,
			stderr=subprocess.PIPE,
			text=True,
		)

	def do(self, *command: str, code: int = 0, **settings: str) -> Any:
		"""Do *command* to its end, which is *code* (-9 for one that is killed), and return what it said."""
		return ended(self.begin(*command, **settings), code)


def ended(process: "subprocess.Popen[str]", code: int = 0) -> Any:
	"""Wait for *process* to end with *code*, and return what it said."""
	said, error = process.communicate(timeout=SECONDS)
	assert process.returncode == code, error[-3000:]
	return json.loads(said) if said.strip() else None


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
	"""A MariaDB that holds a copy of the test site."""
	own = Server(tmp_path_factory.mktemp("mariadb"))
	try:
		own.sql(f"create database {DATABASE}", database="mysql")
		own.sql(f"create user {DATABASE}@'%' identified by '{PASSWORD}'", database="mysql")
		own.sql(f"grant all on {DATABASE}.* to {DATABASE}@'%'", database="mysql")
		_copy(own)
		yield own
	finally:
		own.kill()


@pytest.fixture(scope="session")
def at_work(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AtWork:
	"""What does things on the copied site."""
	bench = tmp_path_factory.mktemp("bench")
	sites = bench / "sites"
	for folder in ("private/files", "public/files", "logs", "locks"):
		(sites / SITE / folder).mkdir(parents=True)
	(bench / "logs").mkdir()
	for name in ("apps.txt", "apps.json"):
		if (SITES / name).exists():
			shutil.copy(SITES / name, sites)
	shared = json.loads((SITES / "common_site_config.json").read_text())
	(sites / "common_site_config.json").write_text(
		json.dumps(shared | {"db_host": "127.0.0.1", "db_port": server.port})
	)
	(sites / SITE / "site_config.json").write_text(
		json.dumps(
			{
				"db_name": DATABASE,
				"db_password": PASSWORD,
				"db_type": "mariadb",
				"encryption_key": Fernet.generate_key().decode(),
			}
		)
	)
	return AtWork(sites, server)


def _copy(server: Server) -> None:
	config = json.loads((SITES / "common_site_config.json").read_text())
	config |= json.loads((SITES / site_to_test_on() / "site_config.json").read_text())
	dump = subprocess.Popen(
		[
			shutil.which("mariadb-dump"),
			"--no-defaults",
			f"--host={config.get('db_host') or '127.0.0.1'}",
			f"--port={config.get('db_port') or 3306}",
			f"--user={config['db_name']}",
			"--single-transaction",
			"--skip-lock-tables",
			config["db_name"],
		],
		stdout=subprocess.PIPE,
		env={**os.environ, "MYSQL_PWD": config["db_password"]},
	)
	subprocess.run(
		[
			shutil.which("mariadb"),
			"--no-defaults",
			f"--socket={server.folder}/socket",
			"--user=root",
			"--init-command=set unique_checks = 0, foreign_key_checks = 0",
			DATABASE,
		],
		stdin=dump.stdout,
		check=True,
		timeout=SECONDS,
	)
	assert dump.wait(SECONDS) == 0


def _free_port() -> int:
	with socket.socket() as free:
		free.bind(("127.0.0.1", 0))
		return free.getsockname()[1]


def _as_user() -> str:
	import getpass

	return f"--user={getpass.getuser()}"
