"""Settings: given ones before remembered ones before defaults, and mistakes are named."""

import pytest

from bootstrap import settings
from bootstrap.console import BootstrapError


@pytest.fixture
def file(tmp_path):
	return tmp_path / "settings.json"


def test_defaults_are_a_benchs_usual_ports(file):
	found = settings.load(file, {})
	assert (found.port, found.socketio_port, found.redis_queue_port, found.redis_cache_port) == (
		8000,
		9000,
		11000,
		13000,
	)
	assert (found.site, found.test_site, found.frappe) == ("grid.localhost", "test.localhost", "snapshot")
	assert found.address == "http://127.0.0.1:8000"


def test_passwords_are_random_and_remembered(file):
	first = settings.load(file, {})
	assert first.admin_password != settings.load(file, {}).admin_password
	settings.save(file, first)
	assert settings.load(file, {}) == first
	assert file.stat().st_mode & 0o777 == 0o600


def test_another_port_moves_all_ports(file):
	settings.save(file, settings.load(file, {}))
	found = settings.load(file, {"PORT": "8100"})
	assert (found.port, found.socketio_port, found.db_port) == (8100, 9100, 3410)


def test_a_port_that_was_set_alone_is_remembered(file):
	settings.save(file, settings.load(file, {"DB_PORT": "4000"}))
	assert settings.load(file, {}).db_port == 4000
	assert settings.load(file, {"PORT": "8000"}).db_port == 4000
	assert settings.load(file, {"PORT": "8100", "DB_PORT": "4001"}).db_port == 4001


def test_given_settings_win(file):
	settings.save(file, settings.load(file, {"SITE": "one.localhost", "ADMIN_PASSWORD": "first"}))
	found = settings.load(file, {"SITE": "two.localhost"})
	assert (found.site, found.admin_password) == ("two.localhost", "first")


@pytest.mark.parametrize("value", ["http", "0", "70000", "-1", "80 90"])
def test_what_is_no_port_is_named(file, value):
	with pytest.raises(BootstrapError, match=f"PORT={value} is no port"):
		settings.load(file, {"PORT": value})


def test_two_processes_do_not_share_a_port(file):
	with pytest.raises(BootstrapError, match=r"DB_PORT and .* are both 9000"):
		settings.load(file, {"DB_PORT": "9000"})


def test_ports_beyond_the_last_are_named(file):
	with pytest.raises(BootstrapError, match="is no port"):
		settings.load(file, {"PORT": "65000"})


@pytest.mark.parametrize("value", ["../grid", "Grid.localhost", "a b", "-x"])
def test_what_is_no_site_name_is_named(file, value):
	with pytest.raises(BootstrapError, match="is no site name"):
		settings.load(file, {"SITE": value})


def test_a_damaged_file_is_named(file):
	file.write_text("{")
	with pytest.raises(BootstrapError, match="is damaged"):
		settings.load(file, {})


def test_entries_of_another_version_do_not_disturb(file):
	file.write_text('{"port": 8200, "gone": 1}')
	assert settings.load(file, {}).port == 8200
