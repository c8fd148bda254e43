"""Visits with a phone: few taps for the plain one, and a morning on which nothing that was entered is lost.

With GUIDE_PICTURES set to a folder, the pictures of the guide for grid members are written there.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from frappe.utils import add_days, getdate, now_datetime
from PIL import Image

from grid_governance.grid_visits import rounds
from tests.browser.screen import Screen, until
from tests.factories import make_household, make_resident, seeded

pytestmark = pytest.mark.commits

PATIENTLY = 60_000
MOST_TAPS = 6
SLOW_LINE = {
	"offline": False,
	"latency": 150,
	"downloadThroughput": 1_600_000 / 8,
	"uploadThroughput": 750_000 / 8,
}
"""A weak mobile network: bytes a second, milliseconds."""
SLOW_PHONE = 4
"""So many times slower than the machine of the tests."""
SMALLEST = 44
"""Pixels of a target that a thumb meets."""
NUMBERS = {
	"7701": "赵一",
	"7702": "钱二",
	"7703": "孙三",
	"7704": "李四",
	"7709": "周九",
	"7710": "吴十",
	"7711": "郑老",
	"7712": "何大",
	"7713": "许安",
}


@pytest.fixture(scope="module")
def member(township):
	return township.holder("Grid Member")


@pytest.fixture(scope="module")
def homes(member) -> Iterator[dict[str, str]]:
	"""Households of the member's grid by their number; each with a head. The demo's end takes them."""
	import frappe

	frappe.set_user("Administrator")
	made = {}
	for number, name in NUMBERS.items():
		household = make_household(member.grid, household_no=number, address="村东头")
		make_resident(household.name, resident_name=name, birth_date="1950-03-04")
		made[number] = household.name
	make_resident(made["7702"], "Spouse", resident_name="冯氏", sex="Female")
	make_resident(made["7711"], "Spouse", resident_name="王桂花", sex="Female", birth_date="1952-05-06")
	make_resident(made["7711"], "Son", resident_name="郑小军", sex="Male", birth_date="1980-07-08")
	make_resident(made["7712"], "Spouse", resident_name="吕氏", sex="Female")
	make_resident(made["7712"], "Son", resident_name="何小二", sex="Male", birth_date="1980-07-08")
	make_resident(made["7713"], "Spouse", resident_name="施氏", sex="Female")
	rounds.open_in(member.grid_path, getdate())
	_count(member.grid, list(made.values()))
	rows = list(_reasons(member, made))
	frappe.db.commit()
	yield made
	frappe.db.rollback()
	for doctype, name in rows:
		frappe.db.delete(doctype, {"name": name})
	for name in made.values():
		frappe.db.set_value("Household", name, "household_no", None)
	frappe.db.commit()


def _count(grid: str, households: list[str]) -> None:
	"""Put *households* into the frozen figure of the present round of *grid*, as if the job had found them."""
	import frappe

	day = getdate()
	(name,) = frappe.get_all(
		"Visit Round",
		filters={"grid": grid, "period_start": ["<=", day], "period_end": [">=", day]},
		pluck="name",
	)
	frappe.db.set_value("Visit Round", name, {"ordinary_households": 85, "ordinary_visited": 79})
	frappe.db.set_value("Round Household", {"round": name, "household": ["in", households]}, "counted", 1)


def _reasons(member, homes: dict[str, str]) -> Iterator[tuple[str, str]]:
	"""A must-visit that is late, one in time, a promise for today and a notice to be told; written past the jobs."""
	import frappe

	def store(doctype: str, number: str = "", **values: object) -> tuple[str, str]:
		place = {"household": homes[number]} if number else {}
		doc = frappe.get_doc(doctype=doctype, grid=member.grid, grid_path=member.grid_path, **place, **values)
		doc.name = frappe.generate_hash(length=10)
		doc.db_insert()
		return doctype, doc.name

	for number, days in (("7704", -3), ("7709", 4)):
		head = frappe.db.get_value("Resident", {"household": homes[number]})
		yield store("Must Visit", number, resident=head, due_on=add_days(getdate(), days))
	yield store(
		"Household Visit",
		"7710",
		visit_kind="Ordinary",
		outcome="Nobody Home",
		visited_at=add_days(now_datetime(), -5),
		return_on=getdate(),
		return_note="送医保卡",
	)
	_, notice = made = store(
		"Notice",
		notice_title="周三停水通知",
		content="周三上午八点到十二点停水，请提前接水。",
		workflow_state=seeded("workflow_state/notice-sent"),
	)
	yield made
	yield store(
		"Notice Delivery",
		"7702",
		notice=notice,
		resident="",
		state="Sent",
		doorstep_at=add_days(now_datetime(), -1),
	)


@pytest.fixture
def visits(records, homes):
	"""`visits("7701")`: what is stored of visits to the household with this number."""
	return lambda number: records.rows(
		"Household Visit", {"household": homes[number], "client_key": ["is", "set"]}, "*"
	)


def opened(screen: Screen) -> Screen:
	screen.go("today")
	listed(screen)
	return screen


def listed(screen: Screen) -> None:
	screen.page.locator(".visits-search:visible").wait_for(timeout=PATIENTLY)
	screen.settle()


def at(screen: Screen, household: str) -> None:
	"""Tap the household in the list; its form stands with its people."""
	screen.tap(screen.page.locator(f"[data-household='{household}']").first)
	screen.page.locator("[data-action='outcome-Met']").wait_for()
	screen.settle()


def press(screen: Screen, name: str) -> None:
	screen.tap(screen.page.locator(f"[data-action='{name}']:visible").first)


def saved(screen: Screen) -> str:
	press(screen, "save")
	done = screen.page.locator(".visit-done")
	done.wait_for(timeout=PATIENTLY)
	return done.inner_text()


def waiting(screen: Screen) -> int:
	return screen.page.evaluate("grid_governance.drafts.all('visit-waiting:').then((all) => all.length)")


def small_targets(screen: Screen) -> list[str]:
	return screen.page.locator(".visits button:visible, .visits input:visible").evaluate_all(
		"(all, least) => all.filter((each) => each.getBoundingClientRect().height < least)"
		".map((each) => each.textContent || each.placeholder)",
		SMALLEST,
	)


def picture(screen: Screen, name: str) -> None:
	"""Look at the screen; for the guide when that is asked for."""
	screen.look(name)
	if folder := os.environ.get("GUIDE_PICTURES"):
		image = Image.open(screen.shot(name)).convert("RGB").resize((390, 844), Image.Resampling.LANCZOS)
		image.save(Path(folder) / f"{name}.webp", "WEBP", quality=78, method=6)


def test_met_and_nothing_needed_in_few_taps(member, phone, homes, visits, capsys):
	screen = phone(member)
	page = screen.page
	line = page.context.new_cdp_session(page)
	line.send("Network.enable")
	line.send("Network.emulateNetworkConditions", SLOW_LINE)
	line.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
	received: list[float] = []
	line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
	taps = []

	def tap(target) -> None:
		target.wait_for(timeout=PATIENTLY)
		taps.append(target)
		screen.tap(target)

	began = time.monotonic()
	tap(page.locator(".shortcut-widget-box", has_text="今日走访").first)
	tap(page.locator(f"[data-household='{homes['7701']}']").first)
	tap(page.locator("[data-action='outcome-Met']"))
	tap(page.locator("[data-action='save']"))
	page.locator(".visit-done").wait_for(timeout=PATIENTLY)
	seconds = time.monotonic() - began

	assert len(taps) <= MOST_TAPS
	assert "走访已保存" in page.locator(".visit-done").inner_text()
	(visit,) = visits("7701")
	assert (visit["outcome"], visit["owner"], visit["grid"]) == ("Met", member.user, member.grid)
	with capsys.disabled():
		print(f"\nmet, nothing needed: {len(taps)} taps, {seconds:.1f} s, {sum(received) / 1000:.0f} kB")


def test_the_list_is_read_and_tapped_with_a_thumb(member, phone, homes):
	screen = opened(phone(member))
	picture(screen, "visits-list")
	assert small_targets(screen) == []
	screen.shot("visits-list-whole", whole=True)
	order = screen.page.locator(".visits-line").evaluate_all(
		"all => all.map((each) => each.dataset.household)"
	)
	first = [homes[number] for number in ("7702", "7704", "7709", "7710")]
	assert [name for name in order if name in first] == first
	late = screen.page.locator(".visits-late").first.inner_text()
	assert "李四" in late and "逾期3天" in late
	screen.page.fill(".visits-search", "zy")
	only = screen.page.locator(f"[data-household='{homes['7709']}']")
	screen.page.fill(".visits-search", "zj")
	only.wait_for()
	until(lambda: not screen.page.locator(f"[data-household='{homes['7702']}']").count(), screen.page)
	assert not screen.page.locator(f"[data-household='{homes['7702']}']").count()
	picture(screen, "visits-search")


def test_a_morning_with_a_matter_and_nobody_home(member, phone, homes, visits, records):
	screen = opened(phone(member))
	at(screen, homes["7702"])
	press(screen, "outcome-Met")
	screen.tap(screen.page.get_by_role("button", name="冯氏"))
	screen.page.fill("[data-fieldname='note']", "院外路灯不亮")
	press(screen, "told-" + records.one("Notice Delivery", {"household": homes["7702"]}, "name")["name"])
	screen.page.evaluate("window.scrollTo(0, 0)")
	picture(screen, "visits-form")
	screen.shot("visits-form-whole", whole=True)
	assert small_targets(screen) == []
	press(screen, "effect-issue")
	lamp = records.seeded("issue_category/0101")
	screen.page.select_option("[data-fieldname='category']", lamp)
	screen.page.fill("[data-fieldname='description']", "门口路灯坏了三天")
	picture(screen, "visits-matter")
	press(screen, "effect-add")
	press(screen, "again-2")
	screen.page.fill("[data-fieldname='return_note']", "看看修好没有")
	screen.look("visits-form-filled")
	told = saved(screen)
	assert "路灯" in told and "周三停水通知" in told
	state = records.one("Notice Delivery", {"household": homes["7702"]}, "state")["state"]
	assert state == "Told"
	picture(screen, "visits-done")
	(visit,) = visits("7702")
	issue = records.one("Grid Issue", {"household": homes["7702"]}, "category", "description", "owner")
	assert issue == {"category": lamp, "description": "门口路灯坏了三天", "owner": member.user}
	assert (visit["note"], visit["return_note"]) == ("院外路灯不亮", "看看修好没有")

	press(screen, "back")
	listed(screen)
	at(screen, homes["7703"])
	press(screen, "outcome-Nobody Home")
	saved(screen)
	(visit,) = visits("7703")
	assert visit["outcome"] == "Nobody Home"
	press(screen, "back")
	listed(screen)
	assert "去过1次没人" in screen.page.locator(f"[data-household='{homes['7703']}']").inner_text()


def test_a_lost_connection_and_a_killed_tab_lose_nothing(member, phone, homes, visits):
	screen = opened(phone(member))
	at(screen, homes["7704"])
	press(screen, "outcome-Met")
	screen.page.fill("[data-fieldname='note']", "腿疼，下周去看医生")
	screen.allow("ERR_INTERNET_DISCONNECTED")
	screen.allow("script: Error: ")
	until(
		lambda: (
			screen.page.evaluate("grid_governance.drafts.all('visit-draft:').then((all) => all[0]?.note)")
			== "腿疼，下周去看医生"
		),
		screen.page,
	)
	context = screen.page.context
	screen.page.close()
	screen.page = context.new_page()
	opened(screen)
	picture(screen, "visits-unfinished")
	press(screen, "go-on")
	screen.page.locator("[data-fieldname='note']").wait_for()
	assert screen.page.input_value("[data-fieldname='note']") == "腿疼，下周去看医生"
	screen.settle()

	context.set_offline(True)
	assert "已存在手机里" in saved(screen)
	screen.shot("visits-no-connection")
	assert visits("7704") == [] and waiting(screen) == 1
	screen.page.close()
	context.set_offline(False)
	screen.page = context.new_page()
	opened(screen)
	until(lambda: visits("7704"), screen.page)
	(visit,) = visits("7704")
	assert visit["note"] == "腿疼，下周去看医生"
	until(lambda: waiting(screen) == 0, screen.page)
	assert waiting(screen) == 0


def test_when_the_answer_is_lost_it_is_not_saved_twice(member, phone, homes, visits):
	screen = opened(phone(member))
	at(screen, homes["7709"])
	press(screen, "outcome-By Phone")
	screen.allow("ERR_FAILED")

	def lose(route) -> None:
		route.fetch()
		route.abort()

	where = "**/api/method/grid_governance.grid_visits.door.save"
	screen.page.route(where, lose)
	assert "已存在手机里" in saved(screen)
	(made,) = visits("7709")
	screen.page.unroute(where)
	press(screen, "back")
	listed(screen)
	until(lambda: waiting(screen) == 0, screen.page)
	assert waiting(screen) == 0
	assert [visit["name"] for visit in visits("7709")] == [made["name"]]


def test_an_expired_session_keeps_the_visit_for_her_alone(member, township, phone, homes, visits):
	screen = opened(phone(member))
	at(screen, homes["7710"])
	press(screen, "outcome-Would Not Talk")
	screen.allow("403")
	screen.page.context.clear_cookies()
	assert "已存在手机里" in saved(screen)
	screen.shot("visits-signed-out")
	way = screen.page.locator(".visit-done a").get_attribute("href")
	assert way == "/login?redirect-to=%2Fapp%2Ftoday"
	assert visits("7710") == []

	stranger = township.stranger(member)
	_sign_out(screen)
	screen.login(stranger.user, stranger.password)
	opened(screen)
	assert waiting(screen) == 0, "another user of the phone has nothing of hers"
	_sign_out(screen)
	screen.login(member.user, member.password)
	opened(screen)
	until(lambda: visits("7710"), screen.page)
	(visit,) = visits("7710")
	assert (visit["outcome"], visit["owner"]) == ("Would Not Talk", member.user)


def met(screen: Screen, household: str) -> None:
	"""Go straight to the form of *household*, as a link does, and tap that somebody was met."""
	screen.go(f"today/{household}")
	screen.page.locator("[data-action='outcome-Met']").wait_for()
	screen.settle()
	press(screen, "outcome-Met")


def asked(screen: Screen, effect: str, **given: str) -> None:
	"""Enter one thing that a visit is to do beside: open it, fill it in, add it."""
	press(screen, f"effect-{effect}")
	for field, value in given.items():
		control = screen.page.locator(f".visit-asked [data-fieldname='{field}']")
		if control.evaluate("each => each.tagName") == "SELECT":
			control.select_option(value)
		else:
			control.fill(value)
	screen.look(f"visits-asked-{effect}")
	press(screen, "effect-add")


def test_what_became_of_a_family_is_entered_with_the_visit(member, phone, homes, visits, records):
	"""The head has died, his wife follows him, the son is away, a grandchild has come, and the widow is cared for."""
	home = homes["7711"]
	head, wife, son = (
		records.one("Resident", {"household": home, "resident_name": name}, "name")["name"]
		for name in ("郑老", "王桂花", "郑小军")
	)
	screen = opened(phone(member))
	at(screen, home)
	press(screen, "outcome-Met")
	today = str(getdate())
	asked(screen, "died", resident=head, on=today, next_head=wife, **{f"relation:{son}": "Son"})
	asked(screen, "moved", resident=son, status="Away", on=today)
	asked(
		screen,
		"newcomer",
		resident_name="郑苗",
		relation_to_head="Grandchild",
		sex="Female",
		birth_date="2019-09-01",
	)
	category = records.seeded("care_category/elder-alone")
	asked(screen, "care_added", resident=wife, category=category, note="老伴刚走，儿子在外打工")
	asked(screen, "household", in_wechat_group="1", group_rep=wife)
	assert small_targets(screen) == []
	screen.look("visits-family-filled")
	told = saved(screen)
	screen.look("visits-family-done")
	assert all(name in told for name in ("郑老", "郑小军", "郑苗", "王桂花"))
	people = records.rows("Resident", {"household": home}, "resident_name", "relation_to_head", "status")
	assert {(row["resident_name"], row["relation_to_head"], row["status"]) for row in people} >= {
		("王桂花", "Head", "Living Here"),
		("郑小军", "Son", "Away"),
		("郑苗", "Grandchild", "Living Here"),
	}
	assert records.one("Resident", {"name": head}, "status")["status"] == "Deceased"
	care = records.one("Resident Care", {"resident": wife}, "name", "category", "verified_by", "until")
	assert (care["category"], care["verified_by"], care["until"]) == (category, member.user, None)
	ledger = records.one("Household", {"name": home}, "head", "group_rep", "in_wechat_group")
	assert ledger == {"head": wife, "group_rep": wife, "in_wechat_group": 1}
	(visit,) = visits("7711")
	done = records.rows("Visit Effect", {"parent": visit["name"]}, "kind")
	assert {row["kind"] for row in done} == {"died", "moved", "newcomer", "care_added", "household"}

	met(screen, home)
	asked(screen, "care_ended", care=care["name"], reason="儿子已回家照料")
	assert "王桂花" in saved(screen)
	ended = records.one("Resident Care", {"name": care["name"]}, "until", "note")
	assert (str(ended["until"]), "儿子已回家照料" in ended["note"]) == (today, True)


def test_what_is_refused_stays_typed(member, phone, homes, visits):
	"""Somebody born tomorrow: nothing of the visit is stored, and all of it still stands."""
	screen = phone(member)
	met(screen, homes["7711"])
	before = len(visits("7711"))
	screen.page.fill("[data-fieldname='note']", "家里添了丁")
	tomorrow = str(add_days(getdate(), 1))
	asked(screen, "newcomer", resident_name="郑早", relation_to_head="Grandchild", birth_date=tomorrow)
	screen.allow("417")
	press(screen, "save")
	message = screen.page.locator(".visit-message.visit-red")
	message.wait_for(timeout=PATIENTLY)
	screen.look("visits-refused")
	assert "出生日期" in message.inner_text()
	assert len(visits("7711")) == before
	assert screen.page.input_value("[data-fieldname='note']") == "家里添了丁"
	assert "郑早" in screen.page.locator(".visits").inner_text()


def test_one_after_the_other_leaves_a_family(member, phone, homes, records):
	"""A daughter-in-law was entered first; then the head dies, and his wife, who follows him, moves to her sister's."""
	home, today = homes["7712"], str(getdate())
	head, wife, son = (
		records.one("Resident", {"household": home, "resident_name": name}, "name")["name"]
		for name in ("何大", "吕氏", "何小二")
	)
	screen = phone(member)
	met(screen, home)
	asked(screen, "newcomer", resident_name="何新", relation_to_head="Grandchild", sex="Female")
	asked(screen, "died", resident=head, on=today, next_head=wife, **{f"relation:{son}": "Son"})
	asked(screen, "moved", resident=wife, status="Moved Out", on=today, next_head=son)
	screen.look("visits-family-gone")
	told = saved(screen)
	assert all(name in told for name in ("何大", "吕氏", "何新"))
	people = records.rows("Resident", {"household": home}, "resident_name", "relation_to_head", "status")
	assert {(row["resident_name"], row["relation_to_head"], row["status"]) for row in people} >= {
		("何小二", "Head", "Living Here"),
		("何新", "Grandchild", "Living Here"),
	}


def test_a_draft_of_another_day_is_put_right_or_thrown_away(member, phone, homes, visits, records):
	"""Somebody whom she had tapped belongs to another household by now; what came of the visit, she taps anew."""
	import frappe

	home = homes["7713"]
	wife = records.one("Resident", {"household": home, "resident_name": "施氏"}, "name")["name"]
	screen = phone(member)
	met(screen, home)
	press(screen, f"met-{wife}")
	screen.page.evaluate(
		"([kind, days]) => grid_governance.drafts.find(kind).then((draft) =>"
		" grid_governance.drafts.keep(kind, { ...draft, at: draft.at - days * 24 * 3600 * 1000 }))",
		[f"visit-draft:{home}", 3],
	)
	frappe.db.set_value("Resident", wife, "household", homes["7701"])
	frappe.db.commit()
	try:
		screen.go(f"today/{home}")
		screen.page.locator("[data-action='anew']").wait_for()
		screen.settle()
		assert screen.page.locator(f"[data-action='met-{wife}']").count() == 0
		assert "走访日期" in screen.page.locator(".visit-of-outcome").inner_text()
		screen.look("visits-older-draft")
		press(screen, "outcome-By Phone")
		assert "走访日期" not in screen.page.locator(".visit-of-outcome").inner_text()
		saved(screen)
	finally:
		frappe.db.set_value("Resident", wife, "household", home)
		frappe.db.commit()
	(visit,) = visits("7713")
	assert (visit["outcome"], getdate(visit["visited_at"])) == ("By Phone", getdate())

	met(screen, home)
	screen.page.fill("[data-fieldname='note']", "记错了人家")
	screen.go(f"today/{home}")
	screen.page.locator("[data-action='anew']").wait_for()
	screen.settle()
	press(screen, "anew")
	screen.page.locator("[data-action='anew']").wait_for(state="detached")
	assert screen.page.locator("[data-action='outcome-Met'][aria-pressed='true']").count() == 0
	screen.go("today")
	screen.page.locator(".visits-search:visible").wait_for(timeout=PATIENTLY)
	assert screen.page.locator("[data-action='go-on']").count() == 0


def test_a_late_answer_leaves_the_next_form_alone(member, phone, homes, visits):
	screen = opened(phone(member))
	before = len(visits("7713"))
	met(screen, homes["7713"])
	held = []
	where = "**/api/method/grid_governance.grid_visits.door.save"
	screen.page.route(where, lambda route: held.append(route))
	press(screen, "save")
	until(lambda: held, screen.page)
	screen.page.evaluate("frappe.set_route('today')")
	screen.page.locator(".visits-search:visible").wait_for(timeout=PATIENTLY)
	screen.page.evaluate("name => frappe.set_route('today', name)", homes["7701"])
	screen.page.locator(".visit-title", has_text="赵一").wait_for()
	press(screen, "outcome-Met")
	screen.page.fill("[data-fieldname='note']", "正在说")
	held[0].continue_()
	until(lambda: waiting(screen) == 0, screen.page)
	screen.settle()
	assert len(visits("7713")) == before + 1
	assert screen.page.input_value("[data-fieldname='note']") == "正在说"
	screen.page.evaluate("kind => grid_governance.drafts.drop(kind)", f"visit-draft:{homes['7701']}")


def test_the_page_of_a_network_is_no_answer(member, phone, homes, visits):
	"""A hotspot answers everything with its own log-in page: the visit waits on."""
	screen = phone(member)
	before = len(visits("7713"))
	met(screen, homes["7713"])
	where = "**/api/method/grid_governance.grid_visits.door.save"
	screen.page.route(where, lambda route: route.fulfill(content_type="text/html", body="<p>WiFi</p>"))
	assert "已存在手机里" in saved(screen)
	assert (len(visits("7713")), waiting(screen)) == (before, 1)
	screen.page.unroute(where)
	press(screen, "back")
	listed(screen)
	until(lambda: waiting(screen) == 0, screen.page)
	assert len(visits("7713")) == before + 1


def test_a_visit_begins_on_the_page_of_the_household(member, phone, homes):
	screen = phone(member)
	screen.go(f"household/{homes['7701']}")
	button = screen.page.locator(".household-buttons button", has_text="记一次走访")
	button.wait_for()
	screen.data.add("Administrator")  # who has entered it
	screen.look("visits-household-page")
	screen.tap(button)
	screen.page.locator("[data-action='outcome-Met']").wait_for()
	screen.settle()
	title = screen.page.locator(".visit-title")
	until(lambda: title.inner_text() == "赵一", screen.page)
	assert title.inner_text() == "赵一"


def test_a_wrong_tap_is_taken_back(member, phone, homes, visits):
	screen = phone(member)
	met(screen, homes["7701"])
	assert "走访已保存" in saved(screen)
	press(screen, "mistake")
	screen.page.fill("[data-fieldname='why']", "点错了，家里没人")
	assert small_targets(screen) == []
	screen.look("visits-mistake")
	press(screen, "take-back")
	told = screen.page.locator(".visit-done", has_text="该走访已撤销，不计入任何统计。")
	told.wait_for(timeout=PATIENTLY)
	assert "走访已保存" not in told.inner_text()
	screen.look("visits-taken-back")
	latest = max(visits("7701"), key=lambda visit: visit["creation"])
	assert (latest["outcome"], latest["outcome_before"], latest["taken_back_why"]) == (
		"Taken Back",
		"Met",
		"点错了，家里没人",
	)


def _sign_out(screen: Screen) -> None:
	"""Leave the page first, so that no late answer signs in again."""
	screen.page.goto("about:blank")
	screen.page.context.clear_cookies()
