"""Processes: the Procfile, the ports, and supervisor's and nginx's configuration."""

import configparser
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from bootstrap import services, settings
from bootstrap.console import BootstrapError
from bootstrap.paths import Bench, here


@pytest.fixture
def bench(tmp_path):
	root = tmp_path / "100% bench"
	for folder in (".bench/run", "logs", "config", "sites"):
		(root / folder).mkdir(parents=True)
	for name in ("Procfile", "config/nginx.conf", "config/nginx-server.conf"):
		(root / name).write_text((here().root / name).read_text())
	return Bench(root)


@pytest.fixture
def ports(tmp_path):
	"""Settings with ports that nobody holds."""
	names = ("PORT", *(name.upper() for name in settings.PORT_OFFSETS))
	probes = [socket.socket() for _ in names]
	for probe in probes:
		probe.bind(("127.0.0.1", 0))
	environment = {name: str(probe.getsockname()[1]) for name, probe in zip(names, probes, strict=True)}
	for probe in probes:
		probe.close()
	return settings.load(tmp_path / "settings.json", environment)


def parsed(text: str) -> configparser.ConfigParser:
	found = configparser.ConfigParser(interpolation=None)
	found.read_string(text)
	return found


def test_a_procfile_is_read_in_its_order():
	found = services.parse_procfile("# comment\n\nweb: serve --port $PORT\nworker:  work: hard\n")
	assert found == [
		services.Process("web", "serve --port $PORT"),
		services.Process("worker", "work: hard"),
	]


@pytest.mark.parametrize("line", ["web", "web:", ": serve", "two words: serve"])
def test_a_line_that_is_no_process_is_named(line):
	with pytest.raises(BootstrapError, match="line 2"):
		services.parse_procfile(f"web: serve\n{line}\n")


def test_a_name_twice_is_an_error():
	with pytest.raises(BootstrapError, match="web stands there twice"):
		services.parse_procfile("web: a\nweb: b\n")


def test_our_procfile_holds_the_stores_and_the_rest():
	groups = services.groups(services.parse_procfile((here().root / "Procfile").read_text()))
	assert groups["stores"] == list(services.STORES)
	assert groups["bench"] == ["front", "web", "socketio", "worker", "long_worker", "schedule"]


def test_every_variable_of_the_procfile_has_a_value(ports):
	text = (here().root / "Procfile").read_text()
	known = {**services.environment(ports, front=True), "PWD": ""}
	assert set(re.findall(r"\$([A-Z_]+)", text)) <= set(known)


def test_a_taken_port_is_named_before_anything_starts(bench, ports):
	with socket.socket() as other:
		other.bind(("127.0.0.1", ports.db_port))
		other.listen()
		with pytest.raises(BootstrapError, match="Nothing was started") as caught:
			services.check_ports(bench, ports)
	assert f"port {ports.db_port} (DB_PORT) is taken" in str(caught.value)
	assert str(ports.socketio_port) not in str(caught.value)


def test_a_port_taken_on_all_addresses_counts(ports):
	with socket.socket() as other:
		other.bind(("0.0.0.0", ports.port))
		other.listen()
		assert services.taken(ports.port)


def test_free_ports_pass(bench, ports):
	services.check_ports(bench, ports)


def test_supervisor_restarts_every_process_and_listens_for_its_owner_only(bench, ports):
	text = services.supervisor_config(bench, services.environment(ports, front=True))
	found = parsed(text)
	names = [name.removeprefix("program:") for name in found.sections() if name.startswith("program:")]
	assert names == [process.name for process in services.processes(bench)]
	for name in names:
		assert found[f"program:{name}"]["autorestart"] == "true"
		assert found[f"program:{name}"]["autostart"] == "false"
	assert found["unix_http_server"]["chmod"] == "0600"
	assert "inet_http_server" not in found.sections()


def test_a_percent_sign_in_the_path_is_escaped(bench, ports):
	found = parsed(services.supervisor_config(bench, services.environment(ports, front=True)))
	assert "100%% bench" in found["supervisord"]["logfile"]


def test_the_commands_stand_in_the_configuration_as_in_the_procfile(bench, ports):
	found = parsed(services.supervisor_config(bench, services.environment(ports, front=True)))
	for process in services.processes(bench):
		assert "'" not in process.command
		assert process.command in found[f"program:{process.name}"]["command"]


def test_a_number_left_by_a_crash_is_not_our_supervisor(bench):
	services.supervisor_pid_file(bench).write_text(str(os.getpid()))
	assert services.supervisor_pid(bench) is None
	services.supervisor_pid_file(bench).write_text("not a number")
	assert services.supervisor_pid(bench) is None


def test_nothing_is_stopped_when_nothing_runs(bench):
	assert services.stop(bench) is False


def test_configuring_twice_changes_nothing(bench, ports):
	assert services.configure(bench, ports) is True
	assert services.configure(bench, ports) is False
	assert (bench.root / ".env").read_text().startswith("DB_PORT=")


def test_a_name_without_a_value_in_a_template_is_an_error():
	assert services.fill("listen @PORT@; try_files $uri @web;", {"PORT": "1"}) == (
		"listen 1; try_files $uri @web;"
	)
	with pytest.raises(KeyError):
		services.fill("@PORT@", {})


def test_the_front_server_listens_on_loopback_for_the_site_and_the_tests_sites(bench, ports):
	text = services.front_config(bench, ports)
	listens = [line.split()[1] for line in text.splitlines() if line.strip().startswith("listen ")]
	assert listens == [f"127.0.0.1:{port};" for port in (ports.port, ports.test_port, ports.second_test_port)]
	for site in ("grid.localhost", "test.localhost", "second.test.localhost"):
		assert f"X-Frappe-Site-Name {site};" in text


@pytest.mark.skipif(not services.has_front(), reason="nginx is not installed")
def test_nginx_accepts_its_configuration(ports, tmp_path):
	root = tmp_path / "bench"
	(root / ".bench" / "run").mkdir(parents=True)
	(root / "config" / "pids").mkdir(parents=True)
	for name in ("nginx.conf", "nginx-server.conf"):
		(root / "config" / name).write_text((here().root / "config" / name).read_text())
	config = tmp_path / "nginx.conf"
	config.write_text(services.front_config(Bench(root), ports))
	result = subprocess.run(
		["/usr/sbin/nginx", "-t", "-e", "stderr", "-c", config], capture_output=True, text=True, check=False
	)
	assert result.returncode == 0, result.stderr


def test_the_last_lines_of_a_log(bench):
	assert services.last_lines(bench, "web") == "  (no log)"
	Path(bench.logs, "web.log").write_text("\n".join(str(number) for number in range(100)))
	assert services.last_lines(bench, "web", count=2) == "  98\n  99"


def test_waiting_ends(monkeypatch):
	with pytest.raises(BootstrapError, match="in vain for the moon"):
		services.wait_for(lambda: False, 0.1, "the moon")
