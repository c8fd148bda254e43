"""Where Frappe comes from: a snapshot from the package registry, or official Frappe from Git.

The snapshot is ``criscostack`` 1.0.0, a mechanical renaming of Frappe Framework 15.0.0-dev (upstream
commit 0cced747669d9471aa3d60819148a8e828457930). It is renamed back here, and the result is compared
with a recorded digest, so that what runs is known to the byte.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from .console import BootstrapError, run
from .paths import Bench
from .steps import Stamps, built_beside, digest, files_below, write_whole

SNAPSHOT = "snapshot"
PACKAGE = "criscostack"
VERSION = "1.0.0"
SDIST_NAME = f"{PACKAGE}-{VERSION}.tar.gz"
SDIST_SHA256 = "82f55713e9ee191d5a6c8eaba215ae3da4ab9ee20d8eaa27f501351ee6345478"
#: Digest of the tree after renaming back, before anything of ours is added (see tree_digest).
TREE_SHA256 = "29fee4eaa2bc9d80f96468fc075373ae767e3f6fffdca743e78de28d579e2f98"
UPSTREAM_COMMIT = "0cced747669d9471aa3d60819148a8e828457930"

#: In this order: a later name is part of an earlier one.
RENAMES = (
	(b"criscostack", b"frappe"),
	(b"CRISCOSTACK", b"FRAPPE"),
	(b"Criscostack", b"Frappe"),
	(b"criscoerp", b"erpnext"),
	(b"Criscoerp", b"ERPNext"),
	(b"Crisco", b"Frappe"),
)
#: Renamed by name only; without it the bench command finds no command at all.
RENAMED_FILES = {"frappe/utils/brik_helper.py": "frappe/utils/bench_helper.py"}
LEFT_OUT = {".DS_Store", "PKG-INFO"}

LICENSE = """The MIT License

Copyright (c) 2016-2023 Frappe Technologies Pvt. Ltd. <developers@frappe.io>

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
"""


@dataclass(frozen=True)
class GitSource:
	"""Official Frappe: an address Git understands and a branch or tag."""

	url: str
	branch: str


def is_git(frappe: str) -> bool:
	"""Whether the setting FRAPPE names a Git repository, not the snapshot or a downloaded sdist."""
	return frappe != SNAPSHOT and not frappe.endswith(".tar.gz")


def parse_git(frappe: str) -> GitSource:
	"""Split ``<git url>[@branch]``; without a branch it is ``version-15``.

	The ``@`` of ``git@host:owner/name`` and of ``https://user@host/…`` is part of the address.
	"""
	url, separator, branch = frappe.rpartition("@")
	if not separator or ":" in branch or (not url.strip("git@")) or _is_address_part(url, branch):
		return GitSource(frappe, "version-15")
	return GitSource(url, branch)


def rename_back(name: str | bytes) -> bytes:
	"""Undo the renaming in a path or in a text."""
	result = name.encode() if isinstance(name, str) else name
	for fork, original in RENAMES:
		result = result.replace(fork, original)
	return result


def is_text(content: bytes) -> bool:
	"""Whether a file is text, which is renamed; everything else keeps its bytes."""
	if b"\0" in content:
		return False
	try:
		content.decode("utf-8")
	except UnicodeDecodeError:
		return False
	return True


def original_path(member: str) -> str | None:
	"""A file's path in Frappe for its path in the sdist; None for what is left out.

	Raises BootstrapError for a path that leads out of the archive's one top folder.
	"""
	path = PurePosixPath(member)
	if path.is_absolute() or ".." in path.parts or path.parts[0] != f"{PACKAGE}-{VERSION}":
		raise BootstrapError(f"{SDIST_NAME} holds a path that leads out of it: {member}")
	inside = path.parts[1:]
	if not inside or inside[-1] in LEFT_OUT:
		return None
	renamed = rename_back("/".join(inside)).decode()
	return RENAMED_FILES.get(renamed, renamed)


def restored_files(sdist: Path) -> Iterator[tuple[str, bytes]]:
	"""Each file of Frappe in the sdist as (path, content), with the renaming undone."""
	with tarfile.open(sdist) as archive:
		for member in archive:
			if not member.isfile():
				continue
			path = original_path(member.name)
			if path is None:
				continue
			content = cast(IO[bytes], archive.extractfile(member)).read()
			if is_text(content):
				content = rename_back(content)
			if path == "pyproject.toml":
				content = content.replace(b'version = "1.0.0"', b'dynamic = ["version"]', 1)
			yield path, content


def tree_digest(files: Iterable[tuple[str, bytes]]) -> str:
	"""SHA-256 (hex) over (path, content) pairs in the order of their paths."""
	result = hashlib.sha256()
	for path, content in sorted(files):
		for piece in (path.encode(), content):
			result.update(len(piece).to_bytes(8, "big") + piece)
	return result.hexdigest()


def check_sdist(sdist: Path, expected: str = SDIST_SHA256) -> None:
	"""Refuse an archive that is not, to the byte, the one this project was checked with."""
	if not sdist.is_file():
		raise BootstrapError(f"{sdist} is not there.")
	found = hashlib.sha256(sdist.read_bytes()).hexdigest()
	if found != expected:
		raise BootstrapError(
			f"{sdist} is not the archive this bench was checked with (half downloaded, or changed).\n"
			f"  expected sha256 {expected}\n  found    sha256 {found}\n"
			"Nothing was built from it. Delete it and run again."
		)


def build_snapshot(sdist: Path, target: Path, overlay: Path, expected_tree: str = TREE_SHA256) -> None:
	"""Make ``target`` from the sdist and our overlay, or leave it as it was and raise BootstrapError."""
	files = dict(restored_files(sdist))
	found = tree_digest(files.items())
	if found != expected_tree:
		raise BootstrapError(
			"Frappe, with the renaming undone, is not the tree that was recorded.\n"
			f"  expected {expected_tree}\n  found    {found}\nNothing was built."
		)
	with built_beside(target) as tree:
		for path, content in files.items():
			_write(tree / path, content)
		_write(tree / "LICENSE", LICENSE.encode())
		lay_over(tree, overlay)
		modules = target / "node_modules"
		if modules.is_dir():  # outlives a rebuild; its own step checks it
			modules.rename(tree / "node_modules")


def lay_over(tree: Path, overlay: Path) -> None:
	"""Add what the sdist lacks (asset builder, realtime server) and put our images in the logos' place.

	The tree of ``branding`` is the tree of Frappe; each of its images has to replace one that is there.
	"""
	branding = overlay / "branding"
	for file in files_below(overlay):
		if file == overlay / "README.md":
			continue
		if file.is_relative_to(branding):
			destination = tree / file.relative_to(branding)
			if not destination.is_file():
				raise BootstrapError(f"{file} replaces no image of Frappe.")
		else:
			destination = tree / file.relative_to(overlay)
		destination.parent.mkdir(parents=True, exist_ok=True)
		shutil.copyfile(file, destination)


def download_sdist(bench: Bench) -> Path:
	"""The sdist from the package registry, checked; a copy of an earlier run is used again.

	Raises BootstrapError when the registry cannot be reached or serves another file.
	"""
	sdist = bench.cache / SDIST_NAME
	if sdist.exists():
		check_sdist(sdist)
		return sdist
	requirements = bench.cache / "snapshot-requirements.txt"
	write_whole(requirements, f"{PACKAGE}=={VERSION} --hash=sha256:{SDIST_SHA256}\n")
	with built_beside(bench.cache / "download") as folder:
		run(
			[
				bench.tools / "bin" / "python",
				"-m",
				"pip",
				"download",
				"--no-deps",
				"--no-binary",
				PACKAGE,
				"--quiet",
				"--require-hashes",
				"--dest",
				folder,
				"-r",
				requirements,
			],
			log=bench.build_log,
			hint="Frappe's snapshot could not be obtained from the package registry; nothing was built.",
		)
		check_sdist(folder / SDIST_NAME)
		(folder / SDIST_NAME).replace(sdist)
	shutil.rmtree(bench.cache / "download", ignore_errors=True)
	return sdist


def clone(source: GitSource, target: Path, log: Path) -> str:
	"""Clone official Frappe beside ``target`` and put it in its place; its commit is returned.

	Raises BootstrapError, with the target as it was, when Git cannot reach it or it is not Frappe 15.
	"""
	with built_beside(target) as tree:
		run(
			["git", "clone", "--quiet", "--depth", "1", "--branch", source.branch, source.url, tree],
			log=log,
			env={"GIT_TERMINAL_PROMPT": "0"},
			hint=f"Frappe could not be obtained from {source.url} ({source.branch}); nothing was built.",
		)
		if not (tree / "frappe" / "__init__.py").exists() or not (tree / "package.json").exists():
			raise BootstrapError(f"{source.url} ({source.branch}) is not the Frappe framework.")
		return subprocess.run(
			["git", "rev-parse", "HEAD"], cwd=tree, capture_output=True, text=True, check=True
		).stdout.strip()


def obtain(bench: Bench, frappe: str, stamps: Stamps) -> bool:
	"""Make apps/frappe from the setting FRAPPE unless it is there already; True when it was made anew."""
	overlay = overlay_of(bench)
	made_from = digest(frappe) if is_git(frappe) else digest(SDIST_SHA256, TREE_SHA256, overlay)
	if stamps.matches("frappe", made_from) and (bench.frappe / "frappe" / "__init__.py").exists():
		return False
	_refuse_to_lose_work(bench)
	stamps.drop("frappe")
	if is_git(frappe):
		source = parse_git(frappe)
		commit = clone(source, bench.frappe, bench.build_log)
		origin = {"source": "git", "url": source.url, "branch": source.branch, "commit": commit}
	else:
		sdist = download_sdist(bench) if frappe == SNAPSHOT else Path(frappe).expanduser()
		check_sdist(sdist)
		build_snapshot(sdist, bench.frappe, overlay)
		origin = {
			"source": "snapshot",
			"package": f"{PACKAGE}=={VERSION}",
			"sha256": SDIST_SHA256,
			"tree": TREE_SHA256,
			"commit": UPSTREAM_COMMIT,
		}
	write_whole(bench.private / "frappe.json", json.dumps(origin, indent="\t") + "\n")
	stamps.write("frappe", made_from)
	return True


def overlay_of(bench: Bench) -> Path:
	"""The folder whose files are added to the restored snapshot."""
	return bench.root / "bootstrap" / "assets"


def installed(bench: Bench) -> str:
	"""One line that says which Frappe this bench runs and what it is for."""
	try:
		origin = json.loads((bench.private / "frappe.json").read_text())
	except FileNotFoundError:
		return "Frappe: not installed yet"
	version = _version(bench.frappe / "frappe" / "__init__.py")
	if origin["source"] == "git":
		return f"Frappe {version} from {origin['url']} ({origin['branch']}, {origin['commit'][:12]})"
	return (
		f"Frappe {version}, snapshot of {origin['commit'][:12]} from {origin['package']}: "
		"for evaluation and development on this machine, not for real data"
	)


def _version(init: Path) -> str:
	for line in init.read_text().splitlines():
		if line.startswith("__version__"):
			return line.split("=", 1)[1].strip().strip("\"'")
	return "of unknown version"


def _refuse_to_lose_work(bench: Bench) -> None:
	if not (bench.frappe / ".git").exists():
		return
	changes = subprocess.run(
		["git", "status", "--porcelain"], cwd=bench.frappe, capture_output=True, text=True, check=False
	).stdout.strip()
	if changes:
		raise BootstrapError(f"{bench.frappe} has uncommitted changes; keep or discard them first.")


def _write(path: Path, content: bytes) -> None:
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_bytes(content)


def _is_address_part(url: str, branch: str) -> bool:
	"""Whether the last ``@`` belongs to the address, as in ``https://user@host/name``."""
	_, separator, rest = url.partition("://")
	return bool(separator) and "/" not in rest and "/" in branch
