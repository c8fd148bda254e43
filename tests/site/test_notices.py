"""A notice from its draft to the last household: approval, sending, telling, confirming, its end."""

import re
from types import SimpleNamespace

import frappe
import pytest
from frappe.model.workflow import WorkflowTransitionError, apply_workflow, get_transitions
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime

from grid_governance.grid_issues.offered import get_transitions as offered
from grid_governance.grid_visits.doctype.notice_delivery.notice_delivery import DeliveryByHandError
from grid_governance.grid_visits.notices import (
	DELIVERY,
	NOTICE,
	approval,
	channels,
	codes,
	expiry,
	public,
	sending,
	stages,
	telling,
)
from tests.factories import (
	make_holder,
	make_household,
	make_notice,
	make_resident,
	make_township,
	make_user,
	seeded,
)
from tests.world import inside_savepoint, taken_back

HOMES = 3


def build(site):
	"""Two villages with two grids each and `HOMES` households of one in each; a leader, a secretary and the township's."""
	with taken_back():
		make_user()
		town = make_township(2, 2)
		homes = {}
		for grid in (grid for grids in town.grids for grid in grids):
			homes[grid.name] = [make_household(grid.name).name for _home in range(HOMES)]
			for home in homes[grid.name]:
				make_resident(home)
		village, grid = town.villages[0].name, town.grids[0][0].name
		yield frappe._dict(
			town=town,
			homes=homes,
			village=village,
			grid=grid,
			leader=make_holder("Grid Leader", grid),
			secretary=make_holder("Village Secretary", village),
			other=make_holder("Village Secretary", town.villages[1].name),
			official=make_holder("Township Office", town.root.name),
			member=make_holder("Grid Member", grid),
		)


world = pytest.fixture(scope="module")(build)
_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _jobs_are_run_here(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(channels, "send", lambda notice: None)


def take(notice, step: str):
	apply_workflow(notice, seeded(f"workflow_action_master/{step}"))
	notice.reload()
	return notice


def sent(grid: str, **fields):
	"""A notice that has been approved, and its deliveries."""
	notice = make_notice(grid, "notice-send", **fields)
	sending.fan_out(notice.name)
	notice.reload()
	return notice


def deliveries(notice) -> list[frappe._dict]:
	fields = ["*"]
	return frappe.get_all(DELIVERY, {"notice": notice.name}, fields, order_by="name asc", limit_page_length=0)


def visit_to(household: str) -> SimpleNamespace:
	return SimpleNamespace(name="HV-1", household=household, visited_at=now_datetime(), worker=None)


def stage(notice) -> str:
	return stages.of(frappe.db.get_value(NOTICE, notice.name, "workflow_state"))


class TestApproval:
	def test_a_leader_submits_and_the_secretary_sends(self, world, as_user):
		with as_user(world.leader):
			notice = take(make_notice(world.grid), "notice-submit")
			assert stage(notice) == stages.APPROVAL
			assert [row["action"] for row in offered(notice.as_dict())] == [
				seeded("workflow_action_master/notice-return"),
				seeded("workflow_action_master/notice-withdraw"),
			]
		with as_user(world.secretary):
			take(notice, "notice-approve")
		assert (stage(notice), notice.approved_by, notice.recipients) == (
			stages.SENDING,
			world.secretary,
			HOMES,
		)
		assert re.fullmatch("[A-Z2-7]{24}", notice.public_code)

	@pytest.mark.parametrize("who", ["other", "member"])
	def test_nobody_elsewhere_and_nobody_below_takes_a_step(self, world, as_user, who):
		notice = make_notice(world.grid, "notice-submit")
		with as_user(world[who]), pytest.raises((frappe.PermissionError, WorkflowTransitionError)):
			take(frappe.get_doc(NOTICE, notice.name), "notice-approve")
		assert stage(notice) == stages.APPROVAL

	def test_a_role_held_in_another_village_approves_nothing_here(self, world, as_user):
		"""Who leads a grid here and is secretary there has both roles, and Frappe would let her send what she wrote."""
		from tests.factories import make_assignment, make_post

		worker = frappe.db.get_value("Grid Worker", {"user": world.leader})
		make_assignment(worker, make_post("Village Secretary").name, world.town.villages[1].name)
		with as_user(world.leader):
			notice = make_notice(world.grid)
			assert seeded("workflow_action_master/notice-send") in [
				row.action for row in get_transitions(notice)
			]
			assert seeded("workflow_action_master/notice-send") not in [
				row["action"] for row in offered(notice.as_dict())
			]
			with pytest.raises(approval.StepNotAllowedHereError):
				take(notice, "notice-send")

	def test_nor_of_what_the_same_save_moves_here(self, world, as_user):
		from tests.factories import make_assignment, make_post

		there = world.town.villages[1].name
		worker = frappe.db.get_value("Grid Worker", {"user": world.leader})
		make_assignment(worker, make_post("Village Secretary").name, there)
		sending_, waiting = stages.state_for(stages.SENDING), make_notice(there, "notice-submit")
		with as_user(world.leader):
			for notice, changed in ((make_notice(there), {"workflow_state": sending_}), (waiting, {})):
				notice.update({"grid": world.grid, **changed})
				with pytest.raises((approval.StepNotAllowedHereError, approval.NotForApproverError)):
					notice.save()
				assert frappe.db.get_value(NOTICE, notice.name, "grid") == there

	def test_a_client_sets_none_of_what_the_system_does(self, world):
		values = {
			"confirmed": 7,
			"told": 7,
			"recipients": 7,
			"approved_by": "Administrator",
			"public_code": "A",
		}
		notice = make_notice(world.grid, **values)
		stored = frappe.db.get_value(NOTICE, notice.name, list(values))
		assert not any(stored), stored

	def test_what_waits_for_approval_is_changed_by_whoever_approves_it(self, world, as_user):
		notice = make_notice(world.grid, "notice-submit")
		for user, error in ((world.leader, approval.NotForApproverError), (world.secretary, None)):
			doc = frappe.get_doc(NOTICE, notice.name)
			doc.content = f"改过 {user}"
			with as_user(user):
				if not error:
					doc.save()
					continue
				with pytest.raises(error):
					doc.save()

	@pytest.mark.parametrize(
		"change",
		[
			{"content": "另一件事"},
			{"by_sms": 1},
			{"audience_rows": [{"age_from": 65}]},
			{"audience_grids": "own"},
			{"grid": "village"},
		],
	)
	def test_what_was_approved_stands(self, world, change):
		notice = sent(world.grid)
		known = {"own": [{"grid": world.grid}], "village": world.village}
		for field, value in change.items():
			notice.set(field, known.get(value, value) if isinstance(value, str) else value)
		with pytest.raises(approval.NoticeApprovedError):
			notice.save()

	def test_its_last_day_may_be_put_off(self, world):
		notice = sent(world.grid, expires_on=add_days(getdate(), 3))
		notice.expires_on = add_days(getdate(), 9)
		notice.save()
		assert stage(notice) == stages.SENT

	def test_but_not_to_a_day_that_is_over(self, world):
		notice = sent(world.grid, expires_on=getdate())
		frappe.db.set_value(NOTICE, notice.name, "expires_on", add_days(getdate(), -1))
		notice.reload()
		notice.expires_on = str(notice.expires_on)
		notice.save()
		notice.expires_on = str(add_days(getdate(), -2))
		with pytest.raises(approval.OverAlreadyError):
			notice.save()

	def test_a_notice_for_nobody_is_not_sent(self, world):
		with pytest.raises(approval.NobodyMeantError):
			make_notice(world.grid, "notice-send", audience=[{"age_from": 120}])

	def test_nor_one_whose_last_day_is_over(self, world):
		with pytest.raises(approval.OverAlreadyError):
			make_notice(world.grid, "notice-send", expires_on=add_days(getdate(), -1))

	def test_what_has_gone_out_is_not_deleted(self, world):
		notice = sent(world.grid)
		with pytest.raises(approval.NoticeSentError):
			notice.delete()

	def test_figures_that_move_meanwhile_are_not_overwritten(self, world):
		notice = sent(world.grid)
		opened = frappe.get_doc(NOTICE, notice.name)
		first = deliveries(notice)[0]
		telling.tell(first.name, visit_to(first.household))
		opened.expires_on = add_days(getdate(), 9)
		opened.save()
		assert frappe.db.get_value(NOTICE, notice.name, "told") == 1


class TestSending:
	def test_one_for_each_household_of_the_village_and_none_elsewhere(self, world):
		notice = sent(world.village)
		rows = deliveries(notice)
		mine = [home for grid in world.town.grids[0] for home in world.homes[grid.name]]
		assert sorted(row.household for row in rows) == sorted(mine)
		assert (stage(notice), notice.recipients) == (stages.SENT, 2 * HOMES)
		grids = {grid.name: grid.grid_path for grid in world.town.grids[0]}
		for row in rows:
			assert (row.state, row.resident, row.owner) == ("Waiting", "", notice.approved_by)
			assert grids[row.grid] == row.grid_path

	def test_one_for_each_person_where_that_is_asked_for(self, world):
		for home in world.homes[world.grid]:
			make_resident(home, "Spouse", sex="Female")
		rows = deliveries(sent(world.grid, deliver_to="Person", audience=[{"sex": "Female"}]))
		assert len({row.resident for row in rows}) == HOMES
		assert {row.household for row in rows} == set(world.homes[world.grid])

	def test_again_nothing_is_written_twice_and_what_came_after_is_left(self, world):
		notice = sent(world.grid)
		first = deliveries(notice)[0]
		telling.tell(first.name, visit_to(first.household))
		before = deliveries(notice)
		frappe.db.set_value(NOTICE, notice.name, "workflow_state", stages.state_for(stages.SENDING))
		sending.fan_out(notice.name)
		assert deliveries(notice) == before
		assert frappe.db.get_value(NOTICE, notice.name, ["recipients", "told"]) == (HOMES, 1)

	def test_names_and_codes_are_those_of_python(self, world):
		notice = sent(world.grid, deliver_to="Person")
		for row in deliveries(notice):
			code = codes.code_of(notice.name, row.household, row.resident)
			assert row.name == codes.name_for(code)
			assert codes.is_genuine(code, notice.name, row.household, row.resident)

	def test_to_the_door_after_the_hours_of_the_notice_else_of_the_township(self, world):
		for own, hours in ((0, 24), (6, 6)):
			notice = sent(world.grid, doorstep_hours=own)
			wanted = add_to_date(get_datetime(notice.sent_at), hours=hours)
			assert {row.doorstep_at for row in deliveries(notice)} == {wanted}

	def test_what_was_withdrawn_meanwhile_is_written_no_further(self, world):
		notice = take(make_notice(world.grid, "notice-send"), "notice-withdraw")
		sending.fan_out(notice.name)
		assert (stage(notice), deliveries(notice)) == (stages.WITHDRAWN, [])

	def test_a_job_that_died_is_gone_on_with(self, world, monkeypatch):
		ordered = []
		monkeypatch.setattr(sending, "_order", ordered.append)
		notice = make_notice(world.grid, "notice-send")
		assert ordered == [notice.name]
		sending.resume()
		assert ordered == [notice.name]
		heard = add_to_date(now_datetime(), minutes=-sending.STALE_MINUTES - 1)
		frappe.db.set_value(NOTICE, notice.name, "modified", heard, update_modified=False)
		sending.resume()
		assert ordered == [notice.name] * 2

	def test_the_statements_of_a_village_do_not_grow_with_its_households(self, world, count_queries):
		seen = []
		sent(world.grid)  # with its caches warm
		for more in (0, 5):
			for _home in range(more):
				make_household(world.grid)
			notice = make_notice(world.grid, "notice-send")
			with count_queries() as watched:
				sending.fan_out(notice.name)
			seen.append(watched.count)
		assert seen[0] == seen[1] < 25

	def test_progress_can_be_read(self, world):
		notice = sent(world.grid)
		assert sending.progress(notice.name) == {"notice": notice.name, "done": HOMES, "total": HOMES}

	def test_progress_counts_what_is_there_once_when_the_job_is_begun_again(self, world, monkeypatch):
		notice, said = make_notice(world.grid, "notice-send"), []
		monkeypatch.setattr(sending, "TOLD_EVERY", 0)
		monkeypatch.setattr(sending, "_tell", lambda _notice, *figures: said.append(figures))
		sending.fan_out(notice.name)
		frappe.db.set_value(NOTICE, notice.name, "workflow_state", stages.state_for(stages.SENDING))
		sending.fan_out(notice.name)
		assert said == [(HOMES, HOMES)] * 4

	def test_nobody_writes_deliveries_by_hand(self, world):
		notice = sent(world.grid)
		row = frappe.get_doc(DELIVERY, deliveries(notice)[0].name)
		row.state = "Confirmed"
		for act in (row.save, row.delete, frappe.copy_doc(row).insert):
			with pytest.raises(DeliveryByHandError):
				act()


class TestReaching:
	def test_the_last_one_told_makes_it_reached(self, world):
		notice = sent(world.grid)
		for at, row in enumerate(deliveries(notice), 1):
			assert stage(notice) == stages.SENT
			assert telling.tell(row.name, visit_to(row.household))
			assert frappe.db.get_value(NOTICE, notice.name, "told") == at
		notice.reload()
		assert (stage(notice), notice.told, notice.confirmed) == (stages.REACHED, HOMES, 0)
		assert notice.reached_at

	def test_told_or_confirmed_again_counts_once(self, world):
		notice = sent(world.grid)
		row = deliveries(notice)[0]
		code = codes.code_of(notice.name, row.household)
		assert telling.confirm(code) and telling.confirm(code)
		assert not telling.tell(row.name, visit_to(row.household))
		assert frappe.db.get_value(NOTICE, notice.name, ["confirmed", "told"]) == (1, 0)
		assert frappe.db.get_value(DELIVERY, row.name, "state") == "Confirmed"

	def test_a_code_as_people_type_it_from_paper(self, world):
		notice = sent(world.grid)
		code = codes.code_of(notice.name, deliveries(notice)[0].household)
		typed = " ".join((code[:8], code[8:16].lower(), f"{code[16:20]}-{code[20:]}"))
		assert telling.confirm(typed.replace("O", "0").replace("I", "1"))
		assert frappe.db.get_value(NOTICE, notice.name, "confirmed") == 1

	@pytest.mark.parametrize("wrong", ["", "A", "A" * 24, "ß" * 24, "../" * 8, "A" * 4000, "A" * 23 + "%"])
	def test_a_wrong_code_is_none(self, wrong):
		assert telling.confirm(wrong) is False

	def test_a_code_one_letter_off_is_none_nor_one_of_another_notice(self, world):
		notice, other = sent(world.grid), sent(world.grid)
		home = deliveries(notice)[0].household
		code = codes.code_of(notice.name, home)
		last = "A" if code[-1] != "A" else "B"
		mixed = codes.code_of(other.name, home)[:5] + code[5:]
		for wrong in (code[:-1] + last, mixed, codes.code_of(notice.name, home, "someone")):
			assert telling.confirm(wrong) is False
		assert frappe.db.get_value(NOTICE, notice.name, "confirmed") == 0

	def test_what_was_withdrawn_is_neither_told_nor_confirmed(self, world):
		notice = take(sent(world.grid), "notice-withdraw")
		row = deliveries(notice)[0]
		assert not telling.confirm(codes.code_of(notice.name, row.household))
		assert not telling.tell(row.name, visit_to(row.household))

	def test_what_waits_goes_with_a_household_that_moves_and_what_was_told_stays(self, world):
		notice = sent(world.grid)
		first, second, _third = deliveries(notice)
		telling.tell(first.name, visit_to(first.household))
		there = world.town.grids[0][1]
		for row in (first, second):
			home = frappe.get_doc("Household", row.household)
			home.grid = there.name
			home.save()
		place = [frappe.db.get_value(DELIVERY, row.name, ["grid", "grid_path"]) for row in (first, second)]
		assert place == [(first.grid, first.grid_path), (there.name, there.grid_path)]

	def test_merging_two_rows_of_a_person_leaves_both_deliveries(self, world):
		"""Both were sent one, in one household: hung on one person they would be the same."""
		from grid_governance.grid_ledger.queries import hanging

		assert (DELIVERY, "resident") not in hanging.links()


class TestEnd:
	def test_after_its_last_day_it_is_over_and_no_line_at_the_door(self, world):
		today = getdate()
		over, stands = sent(world.grid, expires_on=today), sent(world.grid, expires_on=add_days(today, 1))
		first = deliveries(over)[0]
		telling.tell(first.name, visit_to(first.household))
		expiry.run(today)
		assert stage(over) == stages.SENT
		expiry.run(add_days(today, 1))
		assert (stage(over), stage(stands)) == (stages.EXPIRED, stages.SENT)
		at_door = {row.state: bool(row.doorstep_at) for row in deliveries(over)}
		assert at_door == {"Waiting": False, "Told": True}
		assert all(row.doorstep_at for row in deliveries(stands))

	def test_who_confirms_late_is_counted_and_it_stays_over(self, world):
		notice = sent(world.grid, expires_on=getdate())
		expiry.run(add_days(getdate(), 1))
		for row in deliveries(notice):
			assert telling.confirm(codes.code_of(notice.name, row.household))
		assert (stage(notice), frappe.db.get_value(NOTICE, notice.name, "confirmed")) == (
			stages.EXPIRED,
			HOMES,
		)

	@pytest.mark.parametrize("end", [stages.REACHED, stages.EXPIRED])
	@pytest.mark.parametrize("who", ["secretary", "official"])
	def test_also_when_it_is_over_it_can_be_taken_off_the_public_page(self, world, as_user, end, who):
		notice = sent(world.grid)
		frappe.db.set_value(NOTICE, notice.name, "workflow_state", stages.state_for(end))
		with as_user(world[who]):
			take(frappe.get_doc(NOTICE, notice.name), "notice-withdraw")
		assert public.shown(notice.public_code) is None

	def test_withdrawn_it_leaves_the_list_of_the_day_by_a_job(self, world, monkeypatch):
		ordered = []
		monkeypatch.setattr(expiry, "order_clearing", ordered.append)
		notice = take(sent(world.grid), "notice-withdraw")
		assert ordered == [notice.name]
		expiry.clear_doors(notice.name)
		assert not any(row.doorstep_at for row in deliveries(notice))


class TestSensitive:
	def test_who_may_not_see_the_care_sees_no_delivery(self, world, as_user):
		from tests.factories import make_care

		home = world.homes[world.grid][0]
		make_care(
			frappe.get_all("Resident", {"household": home}, pluck="name", order_by="name")[0], "disabled"
		)
		notice = sent(world.grid, audience=[{"care_category": seeded("care_category/disabled")}])
		(row,) = deliveries(notice)
		for user, sees in ((world.member, False), (world.leader, False), (world.secretary, True)):
			with as_user(user):
				assert frappe.get_list(DELIVERY, {"notice": notice.name}, pluck="name") == [row.name] * sees
				assert frappe.has_permission(DELIVERY, "read", doc=row.name) == sees


class TestWorkflow:
	def test_each_stage_has_a_state(self):
		for each in (stages.DRAFT, stages.APPROVAL, *stages.PUBLIC, stages.WITHDRAWN):
			assert stages.of(stages.state_for(each)) == each

	def test_without_a_marked_state_it_says_what_is_missing(self):
		state = seeded("workflow_state/notice-reached")
		frappe.db.set_value("Workflow State", state, "grid_notice_stage", "")
		frappe.clear_document_cache("Workflow State", state)
		with pytest.raises(stages.StageMissingError):
			stages.state_for(stages.REACHED)
		frappe.db.set_value("Workflow State", state, "grid_notice_stage", stages.REACHED)
		frappe.clear_document_cache("Workflow State", state)


def test_a_list_in_scope_comes_out_of_its_index_in_order_for_a_reader_of_any_level(world, explain, as_user):
	"""Without a sort, and without the rows of other places: the first page of a great many."""
	for user in (world.member, world.secretary, world.official):
		with as_user(user):
			sql = frappe.get_list(DELIVERY, fields=["name"], order_by="grid_path asc", limit=20, run=False)
		(plan,) = explain(
			sql.replace("from `tabNotice Delivery`", "from `tabNotice Delivery` force index (by_place)")
		)
		assert (plan["key"], plan["type"]) == ("by_place", "range")
		assert "filesort" not in (plan["Extra"] or "")


def test_what_is_asked_of_many_deliveries_has_its_index(explain):
	reach = """select grid_path, state, count(*) from `tabNotice Delivery` force index (known_reach)
		where notice = %s and grid_path >= '0' and grid_path < '0z' and (is_sensitive = 0 or grid_path < '00z')
		group by grid_path, state"""
	door = """select name from `tabNotice Delivery`
		where grid_path = %s and state in ('Waiting', 'Sent') and doorstep_at <= now()"""
	home = "select name from `tabNotice Delivery` where household = %s"
	assert "by_place" in explain(door, "x")[0]["possible_keys"]
	assert "once_for_notice" in explain(home, "x")[0]["possible_keys"]
	extra = explain(reach, "x")[0]["Extra"]
	assert "Using index" in extra and "filesort" not in extra and "temporary" not in extra
