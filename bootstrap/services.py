"""The processes of the bench, kept running by supervisor and described by the Procfile."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .console import BootstrapError, run, say
from .paths import Bench
from .settings import Settings
from .steps import write_whole

PROCFILE_LINE = re.compile(r"(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>\S.*)")
#: Databases and queues: started first, stopped last, everything else needs them.
STORES = ("mariadb", "redis_cache", "redis_queue")
#: Seconds a process gets for an orderly end.
STOP_SECONDS = {"mariadb": 60, "worker": 30, "long_worker": 30}
#: Folders where Debian keeps servers and which a user's PATH may lack.
SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True)
class Process:
	"""One line of the Procfile: a name and a shell command, run in the bench's folder."""

	name: str
	command: str


def parse_procfile(text: str) -> list[Process]:
	"""The processes in their order. Raises BootstrapError for a line that is none, or a name twice."""
	found: dict[str, Process] = {}
	for number, line in enumerate(text.splitlines(), start=1):
		if not line.strip() or line.lstrip().startswith("#"):
			continue
		match = PROCFILE_LINE.fullmatch(line.strip())
		if not match:
			raise BootstrapError(f"Procfile, line {number}: expected `name: command`, found: {line.strip()}")
		if match["name"] in found:
			raise BootstrapError(f"Procfile, line {number}: {match['name']} stands there twice.")
		found[match["name"]] = Process(match["name"], match["command"])
	return list(found.values())


def processes(bench: Bench) -> list[Process]:
	"""The processes of this bench. Without nginx there is no front server, and the web server takes
	its port."""
	every = parse_procfile((bench.root / "Procfile").read_text())
	return [process for process in every if process.name != "front" or has_front()]


def has_front() -> bool:
	"""Whether nginx is installed on this machine."""
	return Path("/usr/sbin/nginx").exists()


def environment(settings: Settings, front: bool) -> dict[str, str]:
	"""What the Procfile's commands read from their environment."""
	return {
		"DB_PORT": str(settings.db_port),
		"REDIS_CACHE_PORT": str(settings.redis_cache_port),
		"REDIS_QUEUE_PORT": str(settings.redis_queue_port),
		"BACKEND_PORT": str(settings.backend_port if front else settings.port),
		"SOCKETIO_PORT": str(settings.socketio_port),
	}


def ports(settings: Settings, front: bool) -> dict[str, int]:
	"""Every port the processes listen on, by the name of its setting."""
	found = {
		"PORT": settings.port,
		"SOCKETIO_PORT": settings.socketio_port,
		"DB_PORT": settings.db_port,
		"REDIS_CACHE_PORT": settings.redis_cache_port,
		"REDIS_QUEUE_PORT": settings.redis_queue_port,
	}
	if front:
		found |= {
			"BACKEND_PORT": settings.backend_port,
			"TEST_PORT": settings.test_port,
			"SECOND_TEST_PORT": settings.second_test_port,
		}
	return found


def taken(port: int) -> bool:
	"""Whether something on this machine already holds the port, on loopback or on all addresses."""
	with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind(("127.0.0.1", port))
		except OSError:
			return True
	return False


def check_ports(bench: Bench, settings: Settings) -> None:
	"""Refuse to start when another program holds a port; our own processes may hold theirs.

	Raises BootstrapError that names every taken port and how to choose another.
	"""
	if is_running(bench):
		return
	busy = {name: port for name, port in ports(settings, has_front()).items() if taken(port)}
	if not busy:
		return
	lines = [f"  port {port} ({name}) is taken by another program" for name, port in busy.items()]
	raise BootstrapError(
		"Nothing was started:\n" + "\n".join(lines) + "\nStop that program, or choose other ports: "
		f"`make up PORT={settings.port + 100}` moves all of them, `make up "
		+ " ".join(f"{name}=..." for name in busy)
		+ "` only these."
	)


def configure(bench: Bench, settings: Settings) -> bool:
	"""Write the files supervisor, nginx and `bench start` read; True when one of them changed."""
	front = has_front()
	values = environment(settings, front)
	for folder in (bench.run, bench.logs, bench.root / "config" / "pids", bench.data / "redis"):
		folder.mkdir(parents=True, exist_ok=True)
	bench.private.chmod(0o700)
	written = {
		bench.private / "supervisord.conf": supervisor_config(bench, values),
		bench.private / "nginx.conf": front_config(bench, settings),
		bench.root / ".env": "".join(f"{name}={value}\n" for name, value in values.items()),
	}
	changed = False
	for path, text in written.items():
		if not path.exists() or path.read_text() != text:
			write_whole(path, text)
			changed = True
	return changed


def supervisor_config(bench: Bench, values: dict[str, str]) -> str:
	"""Supervisor's configuration for the processes of the Procfile."""
	path = os.pathsep.join([*_own_path(), *SYSTEM_PATH])
	settings = {
		"PATH": path,
		"PYTHONPATH": str(bench.root),
		"PYTHONUNBUFFERED": "1",
		"NODE_ENV": "production",
		"NO_UPDATE_NOTIFIER": "1",
		**values,
	}
	assignments = ",".join(f'{name}="{_escaped(value)}"' for name, value in settings.items())
	parts = [
		f"""[unix_http_server]
file={_escaped(str(bench.run / "supervisor.sock"))}
chmod=0600

[supervisord]
logfile={_escaped(str(bench.logs / "supervisord.log"))}
logfile_maxbytes=5MB
logfile_backups=2
pidfile={_escaped(str(supervisor_pid_file(bench)))}
directory={_escaped(str(bench.root))}
identifier=grid-bench
umask=022
nocleanup=true
environment={assignments}
{"user=root" if os.geteuid() == 0 else ""}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{_escaped(str(bench.run / "supervisor.sock"))}
"""
	]
	every = processes(bench)
	for group, members in groups(every).items():
		parts.append(f"\n[group:{group}]\nprograms={','.join(members)}\n")
	for place, process in enumerate(every):
		parts.append(
			f"""
[program:{process.name}]
command=/bin/sh -c '{_escaped(process.command)}'
directory={_escaped(str(bench.root))}
priority={place + 1}
autostart=false
autorestart=true
startsecs=1
startretries=20
stopwaitsecs={STOP_SECONDS.get(process.name, 15)}
stopasgroup={"false" if process.name in STORES else "true"}
killasgroup=true
redirect_stderr=true
stdout_logfile={_escaped(str(bench.logs / f"{process.name}.log"))}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""
		)
	return "".join(parts)


def front_config(bench: Bench, settings: Settings) -> str:
	"""The front server's configuration: one server for the site, one for each of the tests' own."""
	config = bench.root / "config"
	server = (config / "nginx-server.conf").read_text()
	values = {
		"ROOT": str(bench.root),
		"USER_LINE": "user root;" if os.geteuid() == 0 else "",
		"BACKEND_PORT": str(settings.backend_port),
		"SOCKETIO_PORT": str(settings.socketio_port),
	}
	servers = [
		fill(server, {**values, "PORT": str(port), "SITE": site})
		for site, port in {settings.site: settings.port, **settings.test_sites}.items()
	]
	return fill((config / "nginx.conf").read_text(), {**values, "SERVERS": "".join(servers)})


def fill(template: str, values: dict[str, str]) -> str:
	"""Put values in for their names between ``@`` in a template; a name without a value is an error."""
	return re.sub(r"@([A-Z][A-Z_]*)@", lambda match: values[match[1]], template)


def supervisor_pid_file(bench: Bench) -> Path:
	"""Where supervisord notes its process id."""
	return bench.run / "supervisord.pid"


def supervisor_pid(bench: Bench) -> int | None:
	"""The process id of this bench's supervisord, None when it does not run.

	A number left by a crash may belong to another program by now, so the process has to name this
	bench's own configuration on its command line.
	"""
	try:
		pid = int(supervisor_pid_file(bench).read_text())
	except (FileNotFoundError, ValueError):
		return None
	return pid if str(bench.private / "supervisord.conf") in _command_line(pid) else None


def is_running(bench: Bench) -> bool:
	"""Whether this bench's supervisor runs."""
	return supervisor_pid(bench) is not None


def start_supervisor(bench: Bench) -> None:
	"""Start supervisord in the background; it starts nothing by itself."""
	if is_running(bench):
		return
	for leftover in ("supervisor.sock", "supervisord.pid"):
		(bench.run / leftover).unlink(missing_ok=True)
	run(
		[bench.tools / "bin" / "supervisord", "-c", bench.private / "supervisord.conf"],
		log=bench.build_log,
		cwd=bench.root,
	)
	wait_for(lambda: is_running(bench) and (bench.run / "supervisor.sock").exists(), 15, "supervisor")


def control(bench: Bench, *arguments: str) -> str:
	"""Ask the supervisor; its answer is returned, also when a process is not running."""
	result = subprocess.run(
		[bench.tools / "bin" / "supervisorctl", "-c", bench.private / "supervisord.conf", *arguments],
		cwd=bench.root,
		capture_output=True,
		text=True,
		check=False,
	)
	return result.stdout + result.stderr


def groups(every: list[Process]) -> dict[str, list[str]]:
	"""The processes by when they start: ``stores`` first, then ``bench``."""
	return {
		"stores": [process.name for process in every if process.name in STORES],
		"bench": [process.name for process in every if process.name not in STORES],
	}


def running(bench: Bench) -> set[str]:
	"""Names of the processes that run or are about to."""
	return {name for name, state in states(bench).items() if state in ("RUNNING", "STARTING")}


def states(bench: Bench) -> dict[str, str]:
	"""Each process's state in supervisor's words; empty when the supervisor does not run."""
	if not is_running(bench):
		return {}
	lines = [line.split() for line in control(bench, "status").splitlines()]
	return {words[0].rpartition(":")[2]: words[1] for words in lines if len(words) > 1}


def start(bench: Bench, group: str) -> None:
	"""Start the processes of a group that do not run yet, all at once, and wait until they stand.

	Raises BootstrapError with the last lines of a process's log when it does not stay up.
	"""
	names = groups(processes(bench))[group]
	if set(names) <= running(bench):
		return
	control(bench, "start", f"{group}:*")
	failed = [name for name in names if name not in running(bench)]
	if failed:
		ends = "\n".join(f"Last lines of {name}:\n{last_lines(bench, name)}" for name in failed)
		raise BootstrapError(f"Did not start: {', '.join(failed)}.\n{ends}")


def restart(bench: Bench, group: str) -> None:
	"""Stop and start the processes of a group."""
	if is_running(bench):
		control(bench, "restart", f"{group}:*")


def apply_configuration(bench: Bench) -> None:
	"""Let a running supervisor take over a changed configuration, stopping what it no longer knows."""
	if is_running(bench):
		control(bench, "update")


def stop(bench: Bench) -> bool:
	"""Stop every process of this bench, stores last; False when nothing ran.

	Raises BootstrapError when the supervisor does not end.
	"""
	pid = supervisor_pid(bench)
	if pid is None:
		return False
	control(bench, "stop", "bench:*")
	os.kill(pid, signal.SIGTERM)
	wait_for(lambda: not _command_line(pid), 90, "the end of the supervisor")
	return True


def last_lines(bench: Bench, name: str, count: int = 15) -> str:
	"""The last lines of a process's log."""
	log = bench.logs / f"{name}.log"
	if not log.exists():
		return "  (no log)"
	lines = log.read_text(errors="replace").splitlines()[-count:]
	return "\n".join(f"  {line}" for line in lines)


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
	"""Wait until the condition holds; BootstrapError after the given time."""
	end = time.monotonic() + seconds
	while not condition():
		if time.monotonic() > end:
			raise BootstrapError(f"Waited {seconds:.0f} s in vain for {what}. See `make logs`.")
		time.sleep(0.1)


def show_status(bench: Bench) -> bool:
	"""Print what runs and since when; False when nothing does."""
	if not is_running(bench):
		say("The bench is not running.")
		return False
	say(control(bench, "status").rstrip())
	return True


def follow_logs(bench: Bench) -> None:
	"""Show the logs of all processes as they grow, until interrupted."""
	logs = sorted(bench.logs.glob("*.log"))
	if not logs:
		raise BootstrapError("There are no logs yet: `make up` starts the bench.")
	os.execvp("tail", ["tail", "-n", "20", "-F", *map(str, logs)])


def _command_line(pid: int) -> list[str]:
	"""A process's command and arguments; empty when it has ended."""
	try:
		found = Path(f"/proc/{pid}/cmdline").read_bytes()
	except (FileNotFoundError, ProcessLookupError):
		return []
	return [part.decode(errors="replace") for part in found.split(b"\0") if part]


def _own_path() -> list[str]:
	"""Folders of the programs that the processes call and that may lie outside the system's folders."""
	found = []
	for program in ("node", "redis-server"):
		place = shutil.which(program)
		folder = str(Path(place).parent) if place else ""
		if folder and folder not in SYSTEM_PATH and folder not in found:
			found.append(folder)
	return found


def _escaped(value: str) -> str:
	return value.replace("%", "%%")
