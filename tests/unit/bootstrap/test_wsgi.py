"""Which site answers a request, and which files it may fetch."""

import json

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from bootstrap import wsgi


@pytest.fixture
def sites(tmp_path, monkeypatch):
	monkeypatch.delenv("DEFAULT_SITE", raising=False)
	(tmp_path / "common_site_config.json").write_text(json.dumps({"default_site": "grid.localhost"}))
	for site in ("grid.localhost", "test.localhost"):
		for folder in ("public/files", "private/files"):
			(tmp_path / site / folder).mkdir(parents=True)
			(tmp_path / site / folder / "lamp.txt").write_text(f"{folder} of {site}")
		(tmp_path / site / "site_config.json").write_text("{}")
	return str(tmp_path)


@pytest.fixture
def client(sites):
	def application(environ, start_response):
		return Response(environ[wsgi.SITE_HEADER])(environ, start_response)

	return Client(wsgi.choose_site(wsgi.site_files(application, sites), sites))


@pytest.mark.parametrize(
	("headers", "expected"),
	[
		({"Host": "127.0.0.1:8000"}, "grid.localhost"),
		({"Host": "test.localhost:8000"}, "test.localhost"),
		({"Host": "127.0.0.1", "X-Frappe-Site-Name": "test.localhost"}, "test.localhost"),
		({"Host": "127.0.0.1", "X-Frappe-Site-Name": "no.localhost"}, "grid.localhost"),
		({"Host": "127.0.0.1", "X-Frappe-Site-Name": "../grid.localhost"}, "grid.localhost"),
	],
)
def test_the_site_of_a_request(client, headers, expected):
	assert client.get("/", headers=headers).text == expected


def test_files_come_from_the_requests_own_site(client):
	found = client.get("/files/lamp.txt", headers={"Host": "test.localhost"})
	assert found.text == "public/files of test.localhost"


@pytest.mark.parametrize(
	"path", ["/files/../../private/files/lamp.txt", "/files/%2e%2e/%2e%2e/site_config.json"]
)
def test_private_files_are_not_served(client, path):
	assert client.get(path, headers={"Host": "test.localhost"}).text == "test.localhost"


def test_a_chosen_default_site_wins(client, monkeypatch):
	monkeypatch.setenv("DEFAULT_SITE", "test.localhost")
	assert client.get("/", headers={"Host": "127.0.0.1"}).text == "test.localhost"


def test_without_any_site_there_is_nothing(client, sites):
	with open(f"{sites}/common_site_config.json", "w") as config:
		config.write("{}")
	assert client.get("/", headers={"Host": "127.0.0.1"}).status_code == 404
