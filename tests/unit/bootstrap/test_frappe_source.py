"""Obtaining Frappe: the renaming is undone to the byte, and nothing wrong is ever built."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from bootstrap import frappe_source as source
from bootstrap.console import BootstrapError

BINARY = b"\x89PNG\0criscostack"
FILES = {
	"pyproject.toml": b'[project]\nname = "criscostack"\nversion = "1.0.0"\n',
	"PKG-INFO": b"Name: criscostack\n",
	".DS_Store": b"\0\0",
	"criscostack/__init__.py": b'__version__ = "15.0.0-dev"\nimport criscostack\n',
	"criscostack/criscostackclient.py": b"class CriscostackClient: CRISCOSTACK = 'Crisco ERP, criscoerp'\n",
	"criscostack/utils/brik_helper.py": b"from criscostack.utils.bench_helper import main\n",
	"criscostack/public/images/criscostack-favicon.svg": b"<svg>Criscostack</svg>",
	"criscostack/public/images/logo.png": BINARY,
}


def make_sdist(path: Path, files: dict[str, bytes], top: str = "criscostack-1.0.0/") -> Path:
	with tarfile.open(path, "w:gz") as archive:
		for name, content in files.items():
			member = tarfile.TarInfo(top + name)
			member.size = len(content)
			archive.addfile(member, io.BytesIO(content))
	return path


@pytest.fixture
def sdist(tmp_path):
	return make_sdist(tmp_path / "criscostack-1.0.0.tar.gz", FILES)


@pytest.fixture
def overlay(tmp_path):
	folder = tmp_path / "overlay"
	images = folder / "branding" / "frappe" / "public" / "images"
	images.mkdir(parents=True)
	(folder / "package.json").write_text("{}")
	(folder / "README.md").write_text("not for Frappe's tree")
	(images / "frappe-favicon.svg").write_text("<svg>ours</svg>")
	return folder


def test_names_and_contents_are_renamed_back(sdist):
	files = dict(source.restored_files(sdist))
	assert sorted(files) == [
		"frappe/__init__.py",
		"frappe/frappeclient.py",
		"frappe/public/images/frappe-favicon.svg",
		"frappe/public/images/logo.png",
		"frappe/utils/bench_helper.py",
		"pyproject.toml",
	]
	assert files["frappe/frappeclient.py"] == b"class FrappeClient: FRAPPE = 'Frappe ERP, erpnext'\n"
	assert files["pyproject.toml"] == b'[project]\nname = "frappe"\ndynamic = ["version"]\n'


def test_binary_files_keep_their_bytes(sdist):
	assert dict(source.restored_files(sdist))["frappe/public/images/logo.png"] == BINARY


@pytest.mark.parametrize("text", [b"\xff\xfe1", b"a\0b"])
def test_what_is_no_utf8_text_is_binary(text):
	assert not source.is_text(text)
	assert source.is_text("网格".encode())


@pytest.mark.parametrize(
	"member", ["criscostack-1.0.0/../../etc/passwd", "/etc/passwd", "other-1.0.0/criscostack/__init__.py"]
)
def test_a_path_that_leads_out_is_refused(member):
	with pytest.raises(BootstrapError, match="leads out"):
		source.original_path(member)


def test_the_digest_knows_order_names_and_contents():
	files = [("a", b"1"), ("b", b"2")]
	assert source.tree_digest(files) == source.tree_digest(reversed(files))
	assert source.tree_digest(files) != source.tree_digest([("a", b"12"), ("b", b"")])
	assert source.tree_digest(files) != source.tree_digest([("a", b"1"), ("c", b"2")])


def test_another_archive_is_refused(sdist):
	with pytest.raises(BootstrapError, match="not the archive"):
		source.check_sdist(sdist)


def test_a_half_downloaded_archive_is_refused(sdist):
	import hashlib

	whole = hashlib.sha256(sdist.read_bytes()).hexdigest()
	source.check_sdist(sdist, whole)
	sdist.write_bytes(sdist.read_bytes()[:-10])
	with pytest.raises(BootstrapError, match="half downloaded"):
		source.check_sdist(sdist, whole)


def test_a_missing_archive_is_named(tmp_path):
	with pytest.raises(BootstrapError, match="is not there"):
		source.check_sdist(tmp_path / "none.tar.gz")


def test_the_tree_is_built_with_licence_overlay_and_our_images(sdist, overlay, tmp_path):
	target = tmp_path / "apps" / "frappe"
	expected = source.tree_digest(source.restored_files(sdist))
	source.build_snapshot(sdist, target, overlay, expected)
	assert "2016-2023 Frappe Technologies Pvt. Ltd." in (target / "LICENSE").read_text()
	assert (target / "package.json").read_text() == "{}"
	assert (target / "frappe/public/images/frappe-favicon.svg").read_text() == "<svg>ours</svg>"
	assert not (target / "README.md").exists()
	assert not (target / "branding").exists()


def test_another_tree_than_the_recorded_one_is_not_built(sdist, overlay, tmp_path):
	target = tmp_path / "apps" / "frappe"
	target.mkdir(parents=True)
	(target / "here").write_text("before")
	with pytest.raises(BootstrapError, match="not the tree that was recorded"):
		source.build_snapshot(sdist, target, overlay, "0" * 64)
	assert [file.name for file in target.parent.rglob("*")] == ["frappe", "here"]


def test_node_packages_outlive_a_rebuild(sdist, overlay, tmp_path):
	target = tmp_path / "apps" / "frappe"
	(target / "node_modules" / "vue").mkdir(parents=True)
	(target / "old.py").touch()
	source.build_snapshot(sdist, target, overlay, source.tree_digest(source.restored_files(sdist)))
	assert (target / "node_modules" / "vue").is_dir()
	assert not (target / "old.py").exists()


def test_an_image_that_replaces_nothing_stops_the_build(sdist, overlay, tmp_path):
	(overlay / "branding" / "frappe" / "public" / "images" / "gone.svg").write_text("<svg/>")
	target = tmp_path / "apps" / "frappe"
	with pytest.raises(BootstrapError, match=r"gone\.svg replaces no image"):
		source.build_snapshot(sdist, target, overlay, source.tree_digest(source.restored_files(sdist)))
	assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
	("setting", "url", "branch"),
	[
		("https://example.com/frappe", "https://example.com/frappe", "version-15"),
		("https://example.com/frappe@v15.55.1", "https://example.com/frappe", "v15.55.1"),
		("https://me@example.com/frappe", "https://me@example.com/frappe", "version-15"),
		("https://me@example.com/frappe@develop", "https://me@example.com/frappe", "develop"),
		("git@example.com:frappe/frappe", "git@example.com:frappe/frappe", "version-15"),
		("git@example.com:frappe/frappe@v15.1.0", "git@example.com:frappe/frappe", "v15.1.0"),
		("/srv/git/frappe@version-15-hotfix", "/srv/git/frappe", "version-15-hotfix"),
		("/srv/git/frappe@feature/x", "/srv/git/frappe", "feature/x"),
	],
)
def test_address_and_branch_of_official_frappe(setting, url, branch):
	assert source.parse_git(setting) == source.GitSource(url, branch)


def test_which_settings_name_a_repository():
	assert source.is_git("https://example.com/frappe")
	assert not source.is_git("snapshot")
	assert not source.is_git("/srv/criscostack-1.0.0.tar.gz")


@pytest.fixture
def repository(tmp_path):
	folder = tmp_path / "upstream"
	(folder / "frappe").mkdir(parents=True)
	(folder / "frappe" / "__init__.py").write_text('__version__ = "15.99.0"\n')
	(folder / "package.json").write_text("{}")
	_commit(folder)
	return folder


def _commit(folder: Path) -> None:
	identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
	subprocess.run(["git", "init", "-q", "-b", "version-15", folder], check=True)
	subprocess.run(["git", "add", "."], cwd=folder, check=True)
	subprocess.run(["git", *identity, "commit", "-q", "-m", "x"], cwd=folder, check=True)


def test_a_clone_reports_its_commit(repository, tmp_path):
	head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True).strip()
	target = tmp_path / "apps" / "frappe"
	found = source.clone(source.GitSource(f"file://{repository}", "version-15"), target, tmp_path / "log")
	assert found == head
	assert (target / "frappe" / "__init__.py").exists()


@pytest.mark.parametrize("branch", ["no-such-branch", "version-15"])
def test_an_unreachable_repository_leaves_no_tree(repository, tmp_path, branch):
	address = f"file://{repository}" if branch == "no-such-branch" else f"file://{tmp_path}/nowhere"
	target = tmp_path / "apps" / "frappe"
	with pytest.raises(BootstrapError, match="nothing was built"):
		source.clone(source.GitSource(address, branch), target, tmp_path / "log")
	assert list(target.parent.iterdir()) == []


def test_a_repository_that_is_not_frappe_leaves_the_tree_as_it_was(tmp_path):
	other = tmp_path / "other"
	other.mkdir()
	(other / "readme").write_text("something else")
	_commit(other)
	target = tmp_path / "apps" / "frappe"
	target.mkdir(parents=True)
	(target / "here").write_text("before")
	with pytest.raises(BootstrapError, match="not the Frappe framework"):
		source.clone(source.GitSource(f"file://{other}", "version-15"), target, tmp_path / "log")
	assert (target / "here").read_text() == "before"
