"""Commands of the app for `bench --site <site> ...`."""

from collections.abc import Callable
from pathlib import Path

import click
import frappe
from frappe.commands import get_site, pass_context


def _on_site(context: dict, work: Callable[[], None]) -> None:
	"""Run *work* as Administrator on the site that `bench --site` names, in one transaction."""
	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		work()
		frappe.db.commit()  # a command is its own request
	except frappe.ValidationError as error:
		raise click.ClickException(str(error)) from error
	finally:
		frappe.destroy()


@click.command("import-division")
@click.argument("code")
@click.option("--households", type=int, help="Planned households of each village; grids are drawn by rule.")
@click.option("--target", type=int, help="Households a grid; by default what the grid level aims at.")
@pass_context
def import_division(context: dict, code: str, households: int | None, target: int | None) -> None:
	"""Make the township of CODE (nine digits) and its villages under their statistical codes."""

	def work() -> None:
		from grid_governance.setup.divisions import actions

		made = actions.import_division(code)
		click.echo(f"{made.township}: {len(made.villages)} villages, {made.created} grids newly made")
		if households:
			drawn = actions.draw_grids(dict.fromkeys(made.villages, households), target=target)
			click.echo(f"{len(drawn)} grids drawn")

	_on_site(context, work)


@click.command("import-ledger")
@click.argument("file")
@click.option("--grid", required=True, help="Code of the grid, village or township that the file is about.")
@click.option(
	"--kind", default="Households and People", help="What a row is: this, or Grid Place, Grid Facility …"
)
@click.option(
	"--user", default="Administrator", help="Who brings the file, with her rights and as its owner."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing of the file.")
@click.option("--refused", help="Where the refused rows are put, as an Excel file to be corrected.")
@pass_context
def import_ledger(
	context: dict, file: str, grid: str, kind: str, user: str, dry_run: bool, refused: str | None
) -> None:
	"""Check the Excel or CSV FILE of households and people, and write its good rows.

	Ends with an error when the import stopped; the same command with the same file then changes what is missing only.
	"""

	def work() -> None:
		from grid_governance.grid_ledger.importing import command

		doc = command.bring(_in_bench(file), grid, kind, user)
		command.check(doc)
		click.echo(command.figures(doc))
		if not dry_run:
			command.write(doc)
			click.echo(command.figures(doc))
		if refused and (content := command.refused(doc)):
			_in_bench(refused).write_bytes(content)

	_on_site(context, work)


def _in_bench(path: str) -> Path:
	"""Return *path* as whoever typed it meant it: a command works in the folder `sites` of the bench."""
	return Path("..", path) if Path.cwd().name == "sites" and not Path(path).is_absolute() else Path(path)


@click.command("load-demo")
@click.argument("names", nargs=-1)
@pass_context
def load_demo(context: dict, names: tuple[str, ...]) -> None:
	"""Load the demo townships NAMES (by default tulingdi) and print the accounts that have a password.

	There are jinzhuang, litan, shanyang, tulingdi and yidukou; they stand side by side on one site.
	"""

	def work() -> None:
		from grid_governance.setup import demo

		for name in names or demo.DEFAULT:
			demo.description(name)  # an unknown name is refused before any is loaded
		for name in names or demo.DEFAULT:
			demo.load(name)
			for account in demo.accounts(name):
				columns = ("user", "password", "full_name", "post", "grid_name")
				click.echo("  ".join(account[column] for column in columns))

	_on_site(context, work)


@click.command("remove-demo")
@click.argument("names", nargs=-1)
@pass_context
def remove_demo(context: dict, names: tuple[str, ...]) -> None:
	"""Remove the demo townships NAMES (by default tulingdi) and everything that was loaded with them."""

	def work() -> None:
		from grid_governance.setup import demo

		for name in names or demo.DEFAULT:
			demo.description(name)
		for name in names or demo.DEFAULT:
			demo.remove(name)

	_on_site(context, work)


commands = [import_division, import_ledger, load_demo, remove_demo]
