"""The commands behind the Makefile: each is a row of steps, and each step knows whether it is done."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from . import assets_build, database, frappe_source, python_env, services, sites, system
from . import settings as setting
from .console import BootstrapError, say, timed
from .paths import Bench
from .settings import Settings
from .steps import Stamps, digest, files_below

BENCHMARK_SITE = "bench.localhost"
#: pytest-xdist: as many processes as there are test sites, each file whole and in its order, since the browser's
#: tests come last and leave their rows to the process that runs them. A process that dies has no successor on its site.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "0")
#: Seconds the login page gets to answer after the processes have started.
LOGIN_SECONDS = 90


@dataclass(frozen=True)
class Work:
	"""What every step needs to know."""

	bench: Bench
	settings: Settings
	stamps: Stamps


def up(bench: Bench) -> int:
	"""From whatever is there to a running site with the demo township."""
	begin = time.monotonic()
	with only_one(bench):
		work = begin_work(bench)
		build(work)
		start_stores(work)
		make_site(work)
		start_rest(work)
		_wait_for_login(work.settings.address)
		_introduce(work)
	say(f"\nUp in {time.monotonic() - begin:.0f} s.")
	return 0


def down(bench: Bench) -> int:
	"""Stop this bench's processes and no others."""
	with timed("stop"):
		stopped = services.stop(bench)
	say("Stopped." if stopped else "The bench was not running.")
	return 0


def restart(bench: Bench) -> int:
	"""Start web, realtime, worker and scheduler again, with the code as it is now."""
	if not services.is_running(bench):
		raise BootstrapError("The bench is not running: `make up`.")
	work = begin_work(bench)
	with timed("restart"):
		services.restart(bench, "bench")
		work.stamps.write("running-code", code(bench))
		_wait_for_login(work.settings.address)
	return 0


def status(bench: Bench) -> int:
	"""Show the processes, the address and where Frappe comes from."""
	running = services.show_status(bench)
	say(frappe_source.installed(bench))
	if running:
		say(setting.load(bench.settings_file).address)
	return 0


def logs(bench: Bench) -> int:
	"""Follow all logs."""
	services.follow_logs(bench)
	return 0


def assets(bench: Bench) -> int:
	"""Build the assets, also when nothing seems to have changed."""
	with only_one(bench):
		work = begin_work(bench)
		build(work)
		with timed("assets"):
			assets_build.build(bench, work.stamps, force=True)
	return 0


def test(bench: Bench, arguments: Sequence[str]) -> int:
	"""Run pytest on the tests' own sites, which are made and brought up to date first, with a process on each.

	A process takes one file after the other, in their order. `-n 0` among the arguments, or `--pdb`, keeps to the
	first site. A bench that does not run is started for this and stopped again. The exit code is pytest's.
	"""
	with own_sites(bench, lambda settings: settings.test_sites, allow_tests=True) as work, _test_web(work):
		found = {site: setting.address(port) for site, port in work.settings.test_sites.items()}
		environment = {
			"TEST_SITE": " ".join(found),
			"TEST_URL": " ".join(found.values()),
			"TEST_ADMIN_PASSWORD": work.settings.admin_password,
			"PYTEST_XDIST_AUTO_NUM_WORKERS": str(len(found)),
		}
		say(f"-> pytest on {', '.join(f'{site} ({address})' for site, address in found.items())}")
		return _call([str(bench.python), "-m", "pytest", *SIDE_BY_SIDE, *arguments], bench, environment)


def benchmark(bench: Bench, arguments: Sequence[str]) -> int:
	"""Run the benchmarks on a site of their own; a bench that does not run is started for this."""
	with own_sites(bench, lambda settings: {BENCHMARK_SITE: settings.test_port}, grid_benchmark=True) as work:
		environment = {
			"BENCH_SITE": BENCHMARK_SITE,
			"BENCH_URL": f"http://127.0.0.1:{work.settings.backend_port}",
		}
		return _call([str(bench.python), "-m", "benchmarks", *arguments], bench, environment)


def lint(bench: Bench) -> int:
	"""All checks of form and types; every one runs, the exit code says whether all passed."""
	with only_one(bench):
		prepare_tools(begin_work(bench))
	python = str(bench.python)
	checks = (
		[python, "-m", "ruff", "check", "."],
		[python, "-m", "ruff", "format", "--check", "."],
		[python, "-m", "mypy"],
		[_prettier(bench), "--check", *_scripts(bench)],
	)
	failed = [" ".join(check[:4]) for check in checks if _shown_call(check, bench)]
	say(f"Lint found something: {len(failed)} of {len(checks)} checks." if failed else "Lint found nothing.")
	return 1 if failed else 0


def format_code(bench: Bench) -> int:
	"""Let ruff and prettier write the form."""
	with only_one(bench):
		prepare_tools(begin_work(bench))
	python = str(bench.python)
	fixes = (
		[python, "-m", "ruff", "check", "--fix-only", "."],
		[python, "-m", "ruff", "format", "."],
		[_prettier(bench), "--write", *_scripts(bench)],
	)
	return max(_shown_call(fix, bench) for fix in fixes)


def clean(bench: Bench) -> int:
	"""Remove what can be built again: environments, Frappe, assets. Data, sites and settings stay."""
	with only_one(bench):
		services.stop(bench)
		removed = (
			bench.env,
			bench.frappe,
			bench.apps / python_env.APP / "node_modules",
			bench.tools,
			bench.private / "node",
			bench.cache,
			bench.sites / "assets",
		)
		for folder in removed:
			shutil.rmtree(folder, ignore_errors=True)
		stamps = Stamps(bench.private / "stamps")
		for name in ("tools", "env", "env-python", "frappe", "node-tools", "node-frappe", "assets"):
			stamps.drop(name)
	say("Removed environments, Frappe and assets; data, sites and settings are still there.")
	return 0


def begin_work(bench: Bench) -> Work:
	"""Read the settings, look at the ports before anything is started, and remember the settings.

	The source of Frappe is remembered when it has been obtained, so a wrong address is not kept.
	"""
	python_env.check_version()
	settings = setting.load(bench.settings_file)
	_refuse_to_move_while_running(bench, settings)
	services.check_ports(bench, settings)
	bench.private.mkdir(mode=0o700, exist_ok=True)
	present = setting.load(bench.settings_file, {})
	setting.save(bench.settings_file, replace(settings, frappe=present.frappe))
	return Work(bench, settings, Stamps(bench.private / "stamps"))


def prepare_tools(work: Work) -> None:
	"""Debian packages, both Python environments, Frappe's source, node tools."""
	bench, stamps = work.bench, work.stamps
	_step("Debian packages", lambda: system.prepare(bench))
	assets_build.check_node()
	_step("tools of the bench", lambda: python_env.make_tools(bench, stamps))
	_step("node tools", lambda: assets_build.install_tools(bench, stamps))
	_step("Frappe's source", lambda: frappe_source.obtain(bench, work.settings.frappe, stamps))
	setting.save(bench.settings_file, work.settings)
	say(f"   {frappe_source.installed(bench)}")
	_step(
		"Python packages of Frappe and the app",
		lambda: python_env.make_environment(bench, stamps, work.settings.frappe),
	)


def build(work: Work) -> None:
	"""Everything up to the assets; nothing runs yet."""
	bench, stamps = work.bench, work.stamps
	prepare_tools(work)
	_step("node packages of Frappe", lambda: assets_build.install_modules(bench, stamps, "frappe"))
	_step("node packages of the app", lambda: assets_build.install_modules(bench, stamps, python_env.APP))
	sites.configure_bench(bench, work.settings)
	changed = services.configure(bench, work.settings)
	if changed:
		services.apply_configuration(bench)
	_step("assets", lambda: assets_build.build(bench, stamps))
	_step("data folder of MariaDB", lambda: database.prepare(bench))


def start_stores(work: Work) -> None:
	"""MariaDB and Redis, and the supervisor that keeps everything running."""
	bench, settings = work.bench, work.settings

	def start() -> bool:
		if set(services.STORES) <= services.running(bench):
			return False
		services.start_supervisor(bench)
		services.start(bench, "stores")
		services.wait_for(lambda: database.is_ready(bench, settings), 60, "MariaDB")
		database.secure(bench, settings)
		return True

	_step("MariaDB and Redis", start)


def make_site(work: Work) -> None:
	"""The site with the app and the demo township, up to date with the code."""
	bench, settings, stamps = work.bench, work.settings, work.stamps
	site = settings.site
	_prepared_site(work, site)
	sites.configure(bench, site, settings.address)
	_step("scheduler", lambda: sites.enable_scheduler(bench, stamps, site))
	_step("demo township", lambda: sites.load_demo(bench, stamps, site))
	sites.set_admin_password(bench, settings, stamps, site)


def start_rest(work: Work) -> None:
	"""Front, web, realtime, worker and scheduler; those that run start again when the code has changed."""
	bench, stamps = work.bench, work.stamps
	present = code(bench)

	def start() -> bool:
		names = services.groups(services.processes(bench))["bench"]
		everything = set(names) <= services.running(bench)
		if everything and stamps.matches("running-code", present):
			return False
		if everything:
			services.restart(bench, "bench")
		services.start(bench, "bench")
		stamps.write("running-code", present)
		return True

	_step("web, realtime, worker, scheduler", start)


def code(bench: Bench) -> str:
	"""Digest of the code and settings that the running processes have loaded."""
	parts: list[str | bytes] = [Stamps(bench.private / "stamps").read("frappe") or ""]
	for folder in (bench.apps / python_env.APP / python_env.APP, bench.root / "config"):
		for file in files_below(folder, skip=("node_modules", "__pycache__", "pids")):
			if file.suffix in (".py", ".conf"):
				parts += [file.relative_to(bench.root).as_posix(), file.read_bytes()]
	settings = (
		bench.root / "Procfile",
		bench.private / "nginx.conf",
		bench.sites / "common_site_config.json",
	)
	return digest(*parts, *(file.read_bytes() for file in settings))


@contextmanager
def own_sites(
	bench: Bench, wanted: Callable[[Settings], Mapping[str, int]], **marks: object
) -> Iterator[Work]:
	"""A running bench with sites of their own for a purpose, each with its port, marked in their configuration.

	What was started for this is stopped at the end; a bench that ran before stays as it is.
	"""
	ran = services.is_running(bench)
	try:
		with only_one(bench):
			work = begin_work(bench)
			build(work)
			start_stores(work)
			for site, port in wanted(work.settings).items():
				_prepared_site(work, site)
				sites.configure(bench, site, setting.address(port), developer_mode=0, **marks)
			start_rest(work)
		yield work
	finally:
		if not ran and services.is_running(bench):
			with timed("stop"):
				services.stop(bench)


@contextmanager
def only_one(bench: Bench) -> Iterator[None]:
	"""Keep two commands from building the same bench at once."""
	bench.private.mkdir(mode=0o700, exist_ok=True)
	with (bench.private / "lock").open("w") as lock:
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError as error:
			raise BootstrapError("Another command is building this bench; wait for its end.") from error
		yield


def _prepared_site(work: Work, site: str) -> None:
	bench, settings, stamps = work.bench, work.settings, work.stamps
	_step(f"site {site}", lambda: sites.make(bench, settings, stamps, site))
	_step(f"the app on {site}", lambda: sites.install_app(bench, stamps, site))
	_step(f"migration of {site}", lambda: sites.migrate(bench, stamps, site))


def _step(title: str, action: Callable[[], bool]) -> None:
	"""Run a step and show its time, or that it was done already."""
	begin = time.monotonic()
	say(f"-> {title}")
	try:
		ran = action()
	except BaseException:
		say(f"   {title}: failed after {time.monotonic() - begin:.1f} s")
		raise
	say(f"   {'done' if ran else 'was done'} ({time.monotonic() - begin:.1f} s)")


def _refuse_to_move_while_running(bench: Bench, settings: Settings) -> None:
	if not services.is_running(bench):
		return
	present = setting.load(bench.settings_file, {})
	front = services.has_front()
	if services.ports(present, front) != services.ports(settings, front):
		raise BootstrapError(f"The bench runs on port {present.port}. Other ports need `make down` first.")


def _wait_for_login(address: str) -> None:
	"""Wait until the login page answers, past any proxy of the machine."""
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

	def answers() -> bool:
		try:
			with opener.open(f"{address}/login", timeout=20) as answer:
				return bool(answer.status == 200)
		except (urllib.error.URLError, OSError):
			return False

	with timed("login page"):
		services.wait_for(answers, LOGIN_SECONDS, f"{address}/login")


def _introduce(work: Work) -> None:
	"""Print where the site is and who can log in."""
	bench, settings = work.bench, work.settings
	say(f"\n{frappe_source.installed(bench)}")
	say(f"Address: {settings.address}   (site {settings.site})")
	people = [{"user": "Administrator", "password": settings.admin_password}]
	if sites.has_demo(bench) and work.stamps.read(f"demo-{settings.site}") == "made":
		people += sites.accounts(bench, settings.site)
	columns = ("user", "password", "full_name", "post", "grid_name")
	for line in table([[str(person.get(column) or "") for column in columns] for person in people]):
		say(f"  {line}")


def table(rows: Sequence[Sequence[str]]) -> list[str]:
	"""Lines of aligned columns; a Chinese character takes two places on a terminal."""

	def width(text: str) -> int:
		return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)

	widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
	return [
		"  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
		for row in rows
	]


@contextmanager
def _test_web(work: Work) -> Iterator[None]:
	"""The tests' web addresses: the front server's; without nginx a web server for each during this run."""
	with ExitStack() as until_the_end:
		for site, port in work.settings.test_sites.items():
			if not services.has_front():
				until_the_end.enter_context(_web_of(work.bench, site, port))
			_wait_for_login(setting.address(port))
		yield


@contextmanager
def _web_of(bench: Bench, site: str, port: int) -> Iterator[None]:
	command = [
		str(bench.env / "bin" / "gunicorn"),
		"--config",
		"../config/gunicorn.conf.py",
		"--bind",
		f"127.0.0.1:{port}",
		"bootstrap.wsgi:application",
	]
	environment = {**os.environ, "DEFAULT_SITE": site}
	with (bench.logs / "web_test.log").open("ab") as log:
		web = subprocess.Popen(command, cwd=bench.sites, env=environment, stdout=log, stderr=log)
	try:
		yield
	finally:
		web.terminate()
		web.wait(timeout=30)


def _call(command: Sequence[str], bench: Bench, environment: dict[str, str]) -> int:
	"""Run a command to its end in view of the terminal; its exit code is returned.

	When this program is told to end, the command is interrupted and may tidy up first.
	"""
	process = subprocess.Popen(command, cwd=bench.root, env={**os.environ, **environment})
	try:
		return process.wait()
	except BaseException as error:
		if not isinstance(error, KeyboardInterrupt):  # the terminal interrupts both
			process.send_signal(signal.SIGINT)
		try:
			process.wait(timeout=60)
		except BaseException:
			process.kill()
			process.wait()
		raise


def _shown_call(command: Sequence[str], bench: Bench) -> int:
	say("-> " + " ".join(command[1:5]))
	return _call(command, bench, {})


def _prettier(bench: Bench) -> str:
	return str(bench.private / "node" / "node_modules" / ".bin" / "prettier")


def _scripts(bench: Bench) -> list[str]:
	"""Patterns of our own JavaScript, relative to the bench."""
	return ["apps/grid_governance/**/*.js", "bootstrap/assets/**/*.{js,mjs,cjs}", "tests/**/*.{js,mjs}"]
