"""Sites: made once, kept up to date with the app, and configured for this bench."""

import json
from pathlib import Path

from .console import BootstrapError, run
from .console import output as printed_by
from .paths import Bench
from .python_env import APP
from .services import has_front
from .settings import Settings
from .steps import Stamps, digest, files_below, write_whole

#: A step that was begun and not finished; the next run starts it afresh.
BEGUN = "begun"
#: Files of an app that change its tables or its records.
SCHEMA_SUFFIXES = (".json", ".py", ".txt", ".csv")


def configure_bench(bench: Bench, settings: Settings) -> bool:
	"""Put ports and default site into sites/common_site_config.json; other entries stay. True when changed."""
	redis_queue = f"redis://127.0.0.1:{settings.redis_queue_port}"
	redis_cache = f"redis://127.0.0.1:{settings.redis_cache_port}"
	return merge(
		bench.sites / "common_site_config.json",
		{
			"db_host": "127.0.0.1",
			"db_port": settings.db_port,
			"default_site": settings.site,
			"redis_cache": redis_cache,
			"redis_queue": redis_queue,
			"redis_socketio": redis_queue,
			"socketio_port": settings.socketio_port,
			"webserver_port": settings.backend_port if has_front() else settings.port,
		},
	)


def merge(path: Path, values: dict[str, object]) -> bool:
	"""Set entries of a JSON file, which keeps its order, its mode and everything else; True when it changed."""
	before = json.loads(path.read_text()) if path.exists() else {}
	after = {**before, **values}
	if after == before:
		return False
	mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
	write_whole(path, json.dumps(after, indent="\t", ensure_ascii=False) + "\n", mode=mode)
	return True


def configure(bench: Bench, site: str, address: str, **values: object) -> None:
	"""Set a site's address and other entries of its site_config.json."""
	merge(bench.sites / site / "site_config.json", {"host_name": address, **values})


def make(bench: Bench, settings: Settings, stamps: Stamps, site: str) -> bool:
	"""Make a site with Frappe unless it is there; True when it was made.

	A site whose making was interrupted is made afresh. One that somebody made without this command is
	taken as it is.
	"""
	begun = stamps.read(f"site-{site}") == BEGUN
	if (bench.sites / site / "site_config.json").exists() and not begun:
		return False
	stamps.write(f"site-{site}", BEGUN)
	for step in ("app", "migrated", "scheduler", "demo", "admin"):
		stamps.drop(f"{step}-{site}")
	frappe(
		bench,
		"new-site",
		site,
		"--no-mariadb-socket",
		"--force",
		"--admin-password",
		settings.admin_password,
		"--mariadb-root-password",
		settings.db_root_password,
		secrets=(settings.admin_password, settings.db_root_password),
	)
	(bench.sites / site / "site_config.json").chmod(0o600)
	stamps.write(f"site-{site}", "made")
	return True


def install_app(bench: Bench, stamps: Stamps, site: str) -> bool:
	"""Install the app on a site unless it is there; True when it was installed."""
	done = stamps.read(f"app-{site}")
	if done == "made":
		return False
	installed = APP in json.loads(output(bench, site, "frappe.get_installed_apps"))
	if not installed or done == BEGUN:
		stamps.write(f"app-{site}", BEGUN)
		frappe(bench, "--site", site, "install-app", APP, "--force")
		stamps.write(f"migrated-{site}", schema(bench, stamps))
	stamps.write(f"app-{site}", "made")
	return not installed


def enable_scheduler(bench: Bench, stamps: Stamps, site: str) -> bool:
	"""Turn a new site's scheduled jobs on but the one that asks a public host; True when turned on.

	Done once: an administrator may turn them off.
	"""
	if stamps.read(f"scheduler-{site}") == "made":
		return False
	frappe(bench, "--site", site, "enable-scheduler")
	execute(bench, site, "bootstrap.quiet.stop_update_check")
	stamps.write(f"scheduler-{site}", "made")
	return True


def migrate(bench: Bench, stamps: Stamps, site: str) -> bool:
	"""Bring a site's tables and records up to the code when that has changed since; True when it ran."""
	wanted = schema(bench, stamps)
	if stamps.matches(f"migrated-{site}", wanted):
		return False
	frappe(bench, "--site", site, "migrate")
	stamps.write(f"migrated-{site}", wanted)
	return True


def schema(bench: Bench, stamps: Stamps) -> str:
	"""Digest of everything a migration brings into a site: Frappe's tree and the app's files."""
	app = bench.apps / APP / APP
	parts: list[str | bytes] = [stamps.read("frappe") or ""]
	for file in files_below(app):
		if file.suffix in SCHEMA_SUFFIXES:
			parts += [file.relative_to(app).as_posix(), file.read_bytes()]
	return digest(*parts)


def set_admin_password(bench: Bench, settings: Settings, stamps: Stamps, site: str) -> bool:
	"""Give the Administrator the password of the settings when another was set before; True when changed."""
	wanted = digest("admin", settings.admin_password)
	known = stamps.read(f"admin-{site}")
	if known is not None and known != wanted:
		frappe(
			bench,
			"--site",
			site,
			"set-admin-password",
			settings.admin_password,
			secrets=(settings.admin_password,),
		)
	stamps.write(f"admin-{site}", wanted)
	return known is not None and known != wanted


def load_demo(bench: Bench, stamps: Stamps, site: str) -> bool:
	"""Fill a new site with the demo township once; a site it was removed from stays without. True when filled."""
	if stamps.read(f"demo-{site}") == "made" or not has_demo(bench):
		return False
	execute(bench, site, f"{APP}.setup.demo.load")
	stamps.write(f"demo-{site}", "made")
	return True


def has_demo(bench: Bench) -> bool:
	"""Whether the app brings a demo township."""
	setup = bench.apps / APP / APP / "setup"
	return (setup / "demo.py").exists() or (setup / "demo" / "__init__.py").exists()


def accounts(bench: Bench, site: str) -> list[dict[str, str]]:
	"""The demo township's users as the app lists them: user, name, password, and what they are."""
	found = json.loads(output(bench, site, f"{APP}.setup.demo.accounts"))
	if not isinstance(found, list):
		raise BootstrapError(f"{APP}.setup.demo.accounts gave no list.")
	return found


def execute(bench: Bench, site: str, method: str) -> None:
	"""Call a function of the app on a site; its changes are committed."""
	run(_call(bench, site, method), log=bench.build_log, cwd=bench.sites, env=_environment(bench))


def output(bench: Bench, site: str, method: str) -> str:
	"""What a function returns on a site, as JSON."""
	printed = printed_by(_call(bench, site, method), cwd=bench.sites, env=_environment(bench))
	return printed.strip().splitlines()[-1]


def frappe(bench: Bench, *arguments: str, secrets: tuple[str, ...] = ()) -> None:
	"""Run one of Frappe's commands, as the bench command does; the log does not show the ``secrets``."""
	run(
		_command(bench, *arguments),
		log=bench.build_log,
		cwd=bench.sites,
		env=_environment(bench),
		secrets=secrets,
	)


def _command(bench: Bench, *arguments: str) -> list[str | Path]:
	return [bench.python, "-m", "frappe.utils.bench_helper", "frappe", *arguments]


def _call(bench: Bench, site: str, method: str) -> list[str | Path]:
	return [bench.python, "-m", "bootstrap.call", site, method]


def _environment(bench: Bench) -> dict[str, str]:
	"""CI=1 keeps Frappe from asking a public host for ready-made assets."""
	return {"CI": "1", "PYTHONPATH": str(bench.root)}
