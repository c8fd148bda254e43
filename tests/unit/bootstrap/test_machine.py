"""What the machine has to bring: Debian packages, a Python, pinned tools."""

import re

import pytest

from bootstrap import assets_build, python_env, system
from bootstrap.console import BootstrapError
from bootstrap.paths import Bench, here
from bootstrap.steps import Stamps

THERE = system.Package("there", lambda: True, "something")
NICE = system.Package("nice-to-have", lambda: False, "PDF files", needed=False)
NEEDED = system.Package("must-have", lambda: False, "the database")


@pytest.fixture
def not_root(monkeypatch):
	monkeypatch.setattr(system.os, "geteuid", lambda: 1000)


def test_without_root_one_line_says_what_is_missing(not_root, monkeypatch, tmp_path, capsys):
	monkeypatch.setattr(system, "packages", lambda: (THERE, NICE))
	assert system.prepare(Bench(tmp_path)) is False
	lines = capsys.readouterr().out.splitlines()
	assert len(lines) == 1
	assert "nice-to-have" in lines[0]
	assert "PDF files" in lines[0]
	assert "there)" not in lines[0]


def test_without_what_is_needed_nothing_is_built(not_root, monkeypatch, tmp_path):
	monkeypatch.setattr(system, "packages", lambda: (NICE, NEEDED))
	with pytest.raises(BootstrapError, match="without: must-have"):
		system.prepare(Bench(tmp_path))


def test_nothing_is_said_when_nothing_is_missing(monkeypatch, tmp_path, capsys):
	monkeypatch.setattr(system, "packages", lambda: (THERE,))
	assert system.prepare(Bench(tmp_path)) is False
	assert capsys.readouterr().out == ""


def test_debian_starts_no_service_while_packages_are_installed(monkeypatch, tmp_path):
	policy = tmp_path / "policy-rc.d"
	monkeypatch.setattr(system, "POLICY", policy)
	with pytest.raises(ValueError), system.no_services_started():
		assert policy.read_text().endswith("exit 101\n")
		raise ValueError
	assert not policy.exists()


def test_a_policy_of_the_machine_stays(monkeypatch, tmp_path):
	policy = tmp_path / "policy-rc.d"
	policy.write_text("the machine's own")
	monkeypatch.setattr(system, "POLICY", policy)
	with system.no_services_started():
		pass
	assert policy.read_text() == "the machine's own"


@pytest.mark.parametrize("version", [(3, 9), (3, 13), (2, 7)])
def test_a_python_frappe_does_not_run_on_is_refused(version):
	with pytest.raises(BootstrapError, match="does not run Frappe 15"):
		python_env.check_version(version)


def test_debians_python_is_good():
	python_env.check_version((3, 11))


def test_every_tool_is_pinned():
	groups = python_env.extras(here().root / "setup.py")
	assert set(groups) == {"tools", "test", "lint"}
	for requirement in [name for names in groups.values() for name in names]:
		assert re.fullmatch(r"[a-z-]+==[0-9.]+", requirement), requirement
	assert {"frappe-bench", "supervisor", "uv"} == {name.split("==")[0] for name in groups["tools"]}


def test_the_constraints_agree_with_the_pinned_tools():
	"""uv would find no solution otherwise, on somebody else's machine."""
	lines = (here().root / "bootstrap" / "constraints.txt").read_text().splitlines()
	locked = dict(line.split("==") for line in lines if "==" in line)
	groups = python_env.extras(here().root / "setup.py")
	for requirement in groups["test"] + groups["lint"]:
		name, version = requirement.split("==")
		assert locked[name] == version


def test_a_mirror_set_for_pip_serves_uv_too(monkeypatch, tmp_path):
	for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
		monkeypatch.delenv(name, raising=False)
	monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.com/simple")
	found = python_env.registry_settings(tmp_path / "no-python")
	assert found == {"UV_DEFAULT_INDEX": "https://mirror.example.com/simple"}
	monkeypatch.setenv("UV_INDEX_URL", "https://chosen.example.com/simple")
	assert python_env.registry_settings(tmp_path / "no-python") == {}


@pytest.fixture
def an_app(tmp_path, monkeypatch):
	"""An app with node packages; the commands that would install them are only noted."""
	folder = tmp_path / "apps" / "one"
	folder.mkdir(parents=True)
	(folder / "package.json").write_text("{}")
	(folder / "yarn.lock").write_text("")
	calls = []

	def note(command, *, cwd, **_):
		calls.append(command[:2])
		(cwd / "node_modules").mkdir(exist_ok=True)

	monkeypatch.setattr(assets_build, "run", note)
	return folder, calls


def test_node_packages_are_installed_once_for_a_lock_file(an_app, tmp_path):
	folder, calls = an_app
	bench, stamps = Bench(tmp_path), Stamps(tmp_path / "stamps")
	assert assets_build.install_modules(bench, stamps, "one") is True
	assert assets_build.install_modules(bench, stamps, "one") is False
	(folder / "yarn.lock").write_text("changed")
	assert assets_build.install_modules(bench, stamps, "one") is True
	(folder / "package-lock.json").write_text("{}")
	assert assets_build.install_modules(bench, stamps, "one") is True
	assert calls == [[assets_build.yarn(bench), "install"]] * 2 + [["npm", "ci"]]


def test_an_app_without_node_packages_needs_none(tmp_path):
	assert assets_build.install_modules(Bench(tmp_path), Stamps(tmp_path), "none") is False
