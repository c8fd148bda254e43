"""Steps: what was made is known, and nothing half-made takes the place of something whole."""

import pytest

from bootstrap.steps import Stamps, built_beside, digest, files_below, write_whole


def test_a_digest_tells_parts_apart(tmp_path):
	file = tmp_path / "file"
	absent = digest(file)
	file.write_bytes(b"")
	assert digest(file) != absent
	assert digest("ab", "c") != digest("a", "bc")
	assert digest("a", "b") != digest("b", "a")


def test_a_folders_digest_follows_names_and_contents(tmp_path):
	folder = tmp_path / "folder"
	(folder / "deep").mkdir(parents=True)
	(folder / "deep" / "one").write_text("1")
	first = digest(folder)
	(folder / "deep" / "one").write_text("2")
	second = digest(folder)
	(folder / "deep" / "one").rename(folder / "deep" / "two")
	assert len({first, second, digest(folder)}) == 3


def test_installed_packages_do_not_count(tmp_path):
	(tmp_path / "node_modules").mkdir()
	(tmp_path / "node_modules" / "big.js").write_text("x")
	(tmp_path / "ours.js").write_text("x")
	assert [file.name for file in files_below(tmp_path)] == ["ours.js"]


def test_a_stamp_holds_for_its_inputs_only(tmp_path):
	stamps = Stamps(tmp_path / "stamps")
	assert not stamps.matches("assets", "a")
	stamps.write("assets", "a")
	assert stamps.matches("assets", "a")
	assert not stamps.matches("assets", "b")
	stamps.drop("assets")
	assert stamps.read("assets") is None
	stamps.drop("assets")


def test_a_secret_file_is_its_owners_alone(tmp_path):
	write_whole(tmp_path / "secret", "x", mode=0o600)
	assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
	assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_finished_tree_takes_the_place(tmp_path):
	target = tmp_path / "tree"
	target.mkdir()
	(target / "old").touch()
	with built_beside(target) as building:
		(building / "new").touch()
		assert (target / "old").exists()
	assert [file.name for file in target.iterdir()] == ["new"]
	assert [file.name for file in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failed_tree_leaves_nothing(tmp_path, error):
	target = tmp_path / "tree"
	with pytest.raises(error), built_beside(target) as building:
		(building / "half").touch()
		raise error
	assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_not_taken_over(tmp_path):
	target = tmp_path / "tree"
	with built_beside(target) as building:
		(building / "whole").touch()
	(tmp_path / ".tree.building").mkdir()
	(tmp_path / ".tree.building" / "half").touch()
	with built_beside(target) as building:
		assert list(building.iterdir()) == []
