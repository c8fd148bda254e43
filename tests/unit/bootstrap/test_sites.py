"""Configuration files of the bench and its sites."""

import json

import pytest

from bootstrap import settings, sites
from bootstrap.paths import Bench
from bootstrap.steps import Stamps


@pytest.fixture
def bench(tmp_path):
	(tmp_path / "sites").mkdir()
	return Bench(tmp_path)


def test_merging_keeps_everything_else(tmp_path):
	file = tmp_path / "site_config.json"
	file.write_text('{"db_name": "x", "b": 1}')
	file.chmod(0o600)
	assert sites.merge(file, {"b": 2, "host_name": "http://127.0.0.1:8000"}) is True
	assert json.loads(file.read_text()) == {"db_name": "x", "b": 2, "host_name": "http://127.0.0.1:8000"}
	assert file.stat().st_mode & 0o777 == 0o600


def test_merging_the_same_does_not_touch_the_file(tmp_path):
	file = tmp_path / "config.json"
	file.write_text('{"b":1}')
	assert sites.merge(file, {"b": 1}) is False
	assert file.read_text() == '{"b":1}'


def test_the_bench_config_follows_the_ports_and_is_hardened(bench, tmp_path):
	from bootstrap.paths import here

	tracked = json.loads((here().sites / "common_site_config.json").read_text())
	assert tracked["server_script_enabled"] == 0
	assert tracked["developer_mode"] == 0
	sites.configure_bench(bench, settings.load(tmp_path / "none", {"PORT": "8100"}))
	found = json.loads((bench.sites / "common_site_config.json").read_text())
	assert (found["db_port"], found["socketio_port"]) == (3410, 9100)
	assert found["redis_queue"] == "redis://127.0.0.1:11100"


def test_a_site_somebody_made_is_taken_as_it_is(bench, tmp_path, monkeypatch):
	monkeypatch.setattr(sites, "frappe", lambda *a, **k: pytest.fail("the site was made again"))
	(bench.sites / "grid.localhost").mkdir()
	(bench.sites / "grid.localhost" / "site_config.json").write_text("{}")
	chosen = settings.load(tmp_path / "none", {})
	assert sites.make(bench, chosen, Stamps(tmp_path / "stamps"), "grid.localhost") is False


def test_a_site_whose_making_was_interrupted_is_made_afresh(bench, tmp_path, monkeypatch):
	stamps = Stamps(tmp_path / "stamps")
	chosen = settings.load(tmp_path / "none", {})
	calls = []

	def new_site(bench, *arguments, secrets=()):
		calls.append((arguments, secrets))
		(bench.sites / "grid.localhost").mkdir(exist_ok=True)
		(bench.sites / "grid.localhost" / "site_config.json").write_text("{}")
		if len(calls) == 1:
			raise KeyboardInterrupt

	monkeypatch.setattr(sites, "frappe", new_site)
	with pytest.raises(KeyboardInterrupt):
		sites.make(bench, chosen, stamps, "grid.localhost")
	assert sites.make(bench, chosen, stamps, "grid.localhost") is True
	assert sites.make(bench, chosen, stamps, "grid.localhost") is False
	assert len(calls) == 2
	assert "--force" in calls[1][0]
	assert set(calls[1][1]) == {chosen.admin_password, chosen.db_root_password}


def test_another_admin_password_is_set_once(bench, tmp_path, monkeypatch):
	stamps = Stamps(tmp_path / "stamps")
	calls = []
	monkeypatch.setattr(sites, "frappe", lambda bench, *arguments, secrets=(): calls.append(arguments))
	for password in ("first", "first", "second", "second"):
		chosen = settings.load(tmp_path / "none", {"ADMIN_PASSWORD": password})
		sites.set_admin_password(bench, chosen, stamps, "grid.localhost")
	assert calls == [("--site", "grid.localhost", "set-admin-password", "second")]


def test_the_schema_follows_the_apps_files_and_not_its_pictures(bench, tmp_path):
	app = bench.apps / "grid_governance" / "grid_governance"
	app.mkdir(parents=True)
	stamps = Stamps(tmp_path / "stamps")
	(app / "grid.json").write_text("{}")
	first = sites.schema(bench, stamps)
	(app / "picture.svg").write_text("<svg/>")
	assert sites.schema(bench, stamps) == first
	(app / "grid.json").write_text('{"a": 1}')
	assert sites.schema(bench, stamps) != first
