from grid_governance.scope import hooks as _scope
from grid_governance.setup.seeds import hooks as _seeds

app_name = "grid_governance"
app_title = "Grid Governance"
app_publisher = "Grid Governance contributors"
app_description = "Grid governance for townships and villages"
app_email = "grid-governance@example.com"
app_license = "mit"

after_install = "grid_governance.setup.install.after_install"
before_migrate = "grid_governance.setup.install.before_migrate"
after_migrate = "grid_governance.setup.install.after_migrate"
before_uninstall = "grid_governance.setup.install.before_uninstall"

permission_query_conditions = _scope.permission_query_conditions()
has_permission = _scope.permission_hooks()
doc_events = {**_seeds.DOC_EVENTS, **_scope.document_events()}
doc_events["Module Profile"] = {
	**doc_events["Module Profile"],
	"on_change": "grid_governance.grid_structure.actions.desk.spread_module_profile",
}
doc_events["Township Department"] = {
	**doc_events["Township Department"],
	"validate": "grid_governance.grid_issues.referrals.check_categories",
}
doc_events["File"] = {
	**doc_events["File"],
	"validate": "grid_governance.grid_visits.notices.files.check",
}
doc_events["Governance Settings"] = {"validate": "grid_governance.grid_issues.clocks.check_rules"}
doc_events["Township Profile"] = {
	**doc_events["Township Profile"],
	"validate": "grid_governance.grid_issues.clocks.check_rules",
}
doc_events["Household"] = {
	**doc_events["Household"],
	"on_update": "grid_governance.grid_visits.events.household_saved",
	"on_trash": "grid_governance.grid_visits.events.household_deleted",
}
doc_events["Grid"] = {
	**doc_events.get("Grid", {}),
	"on_trash": "grid_governance.grid_visits.events.grid_deleted",
}
doc_events["Household Change"] = {
	**doc_events["Household Change"],
	"after_insert": "grid_governance.grid_visits.events.household_changed",
}
doc_events["Resident"] = {
	**doc_events["Resident"],
	"on_update": "grid_governance.grid_visits.events.resident_saved",
	"on_trash": "grid_governance.grid_visits.events.resident_deleted",
}
doc_events["Resident Care"] = {
	**doc_events["Resident Care"],
	"on_update": "grid_governance.grid_visits.events.care_saved",
	"after_delete": "grid_governance.grid_visits.events.care_saved",
}
doc_events["Resident Comparison"] = {
	**doc_events["Resident Comparison"],
	"after_insert": "grid_governance.grid_visits.events.people_merged",
}
doc_events["Workflow"] = {
	**doc_events["Workflow"],
	"before_validate": "grid_governance.grid_issues.workflow_changes.check_workflow",
	"on_trash": "grid_governance.grid_issues.workflow_changes.check_deletion",
	"onload": "grid_governance.grid_issues.workflow_changes.note_told",
}
doc_events["Workflow State"] = {
	**doc_events["Workflow State"],
	"before_validate": "grid_governance.grid_issues.workflow_changes.check_state",
	"after_rename": [
		doc_events["Workflow State"]["after_rename"],
		"grid_governance.grid_issues.workflow_changes.redraw",
	],
}
doc_events["Workflow Action Master"] = {
	**doc_events["Workflow Action Master"],
	"before_validate": "grid_governance.grid_issues.workflow_changes.check_action",
	"after_rename": [
		doc_events["Workflow Action Master"]["after_rename"],
		"grid_governance.grid_issues.workflow_changes.redraw",
	],
}
doc_events["Workflow"] = {
	**doc_events["Workflow"],
	"on_update": [
		doc_events["Workflow"]["on_update"],
		"grid_governance.grid_issues.escalation.changes.follow_workflow",
	],
	"after_delete": [
		doc_events["Workflow"]["after_delete"],
		"grid_governance.grid_issues.escalation.changes.follow_workflow",
	],
}
doc_events["Workflow State"] = {
	**doc_events["Workflow State"],
	"on_update": [
		doc_events["Workflow State"]["on_update"],
		"grid_governance.grid_issues.escalation.changes.follow",
	],
}
doc_events["Workflow Action Master"] = {
	**doc_events["Workflow Action Master"],
	"on_update": [
		doc_events["Workflow Action Master"]["on_update"],
		"grid_governance.grid_issues.escalation.changes.follow",
	],
}
doc_events["Issue Urgency"] = {
	**doc_events["Issue Urgency"],
	"on_update": [
		doc_events["Issue Urgency"]["on_update"],
		"grid_governance.grid_issues.escalation.changes.follow",
	],
}
doc_events["Township Profile"] = {
	**doc_events["Township Profile"],
	"on_update": "grid_governance.grid_issues.escalation.changes.follow",
}
doc_events["Governance Settings"] = {
	**doc_events.get("Governance Settings", {}),
	"on_update": "grid_governance.grid_issues.escalation.changes.follow",
}
before_request = [
	"grid_governance.scope.doors.install",
	"grid_governance.grid_structure.website.lead_away_from_desk",
	"grid_governance.grid_structure.actions.stock_users.install",
]
before_job = [
	"grid_governance.grid_structure.language.speak_the_sites",
	"grid_governance.scope.doors.install",
	"grid_governance.grid_structure.actions.stock_users.install",
]
ignore_links_on_delete = ["Seed Record", "Role Home", "Digest Entry"]

override_whitelisted_methods = {
	"frappe.model.workflow.get_transitions": "grid_governance.grid_issues.offered.get_transitions",
	"frappe.model.workflow.get_common_transition_actions": "grid_governance.grid_issues.bulk.common_actions",
	"frappe.desk.desktop.get_workspace_sidebar_items": "grid_governance.grid_structure.queries.desk.sidebar_items",
	"frappe.desk.desktop.get_desktop_page": "grid_governance.grid_structure.queries.desk.desktop_page",
}
extend_bootinfo = [
	"grid_governance.grid_structure.queries.desk.extend_boot",
	"grid_governance.grid_structure.base_map.extend_boot",
	"grid_governance.grid_issues.clocks.extend_boot",
]

override_doctype_class = {
	"File": "grid_governance.photos.file.PhotoFile",
	"Notification": "grid_governance.grid_structure.overrides.notification.ScopedNotification",
}

page_js = {
	"township-setup": "setup/divisions/dialogs.js",
	"workflow-builder": "grid_issues/workflow_builder.js",
}
app_include_js = "governance.bundle.js"
app_include_css = "governance.bundle.css"
doctype_js = {
	"Household": ["grid_visits/household_buttons.js", "grid_issues/household_buttons.js"],
	"Grid": ["setup/divisions/dialogs.js", "setup/divisions/grid.js"],
	"DocType": "scope/limit_question.js",
	"Notification Log": "grid_structure/telling/notification_log.js",
	"Customize Form": "scope/limit_question.js",
	"Resident": "grid_ledger/people_life.js",
	"Township Profile": "grid_issues/township_times.js",
	"Workflow": "grid_issues/workflow_form.js",
}
doctype_list_js = {"Grid": ["setup/divisions/dialogs.js", "setup/divisions/grid_list.js"]}
doctype_tree_js = {"Grid": ["setup/divisions/dialogs.js", "setup/divisions/grid_tree.js"]}

jinja = {
	"methods": [
		"grid_governance.grid_structure.queries.cards.grid_notice_board",
		"grid_governance.grid_structure.queries.cards.grid_worker_card",
		"grid_governance.grid_issues.sheets.issue_handling_form",
		"grid_governance.grid_issues.sheets.issue_referral_form",
		"grid_governance.grid_ledger.queries.notices.privacy_notice",
		"grid_governance.grid_ledger.queries.card.household_card",
		"grid_governance.grid_visits.notices.sheets.notice_board_sheet",
		"grid_governance.grid_visits.notices.sheets.notice_slips",
		"grid_governance.grid_visits.notices.sheets.unreached_list",
		"grid_governance.grid_visits.sheets.visit_slip",
	]
}
get_website_user_home_page = "grid_governance.grid_structure.website.home_page_of"
standard_queries = {
	"Resident": "grid_governance.grid_ledger.queries.find.residents",
	"Household": "grid_governance.grid_ledger.queries.find.homes",
}
website_route_rules = [
	{"from_route": "/grid/<code>", "to_route": "grid"},
	{"from_route": "/notice/<code>", "to_route": "notice"},
	{"from_route": "/privacy/<code>", "to_route": "privacy"},
]
grid_handover_items = [
	"grid_governance.grid_issues.queries.open_under",
	"grid_governance.grid_visits.handover.open_under",
]
grid_elements = [
	"grid_governance.grid_ledger.queries.elements.own",
	"grid_governance.grid_issues.elements.element",
]
grid_sizes = ["grid_governance.grid_ledger.queries.sizes.of_nodes"]
grid_worker_results = ["grid_governance.grid_issues.queries.worker_results"]
grid_matters = [
	"grid_governance.grid_issues.telling",
	"grid_governance.grid_ledger.telling",
	"grid_governance.grid_visits.telling",
]
personal_data_taken = ["grid_governance.grid_ledger.actions.accesses.taken"]
grid_ledger_written = ["grid_governance.grid_visits.rounds.catch_up"]
grid_photo_keepers = ["Grid Issue", "Issue Referral", "Household Visit"]
grid_visit_effects = [
	"grid_governance.grid_visits.effects.notice",
	"grid_governance.grid_issues.visit_effect",
	"grid_governance.grid_ledger.visit_effects.newcomer",
	"grid_governance.grid_ledger.visit_effects.moved",
	"grid_governance.grid_ledger.visit_effects.died",
	"grid_governance.grid_ledger.visit_effects.care_added",
	"grid_governance.grid_ledger.visit_effects.care_ended",
	"grid_governance.grid_ledger.visit_effects.household",
]
grid_retained = ["grid_governance.grid_visits.retention.RETAINED"]
grid_history = ["Visit Round", "Round Household", "Must Visit", "Household Visit"]
grid_household_matters = [
	"grid_governance.grid_visits.matters.open_matters",
	"grid_governance.grid_issues.households.open_matters",
]

scheduler_events = {
	"cron": {"*/10 * * * *": ["grid_governance.grid_issues.escalation.run"]},
	"hourly": [
		"grid_governance.grid_structure.actions.batches.resume",
		"grid_governance.grid_structure.telling.digest.tick",
		"grid_governance.grid_ledger.importing.run.resume",
		"grid_governance.grid_visits.notices.channels.resume",
		"grid_governance.grid_visits.notices.expiry.run",
		"grid_governance.grid_visits.notices.reserved.tell",
		"grid_governance.grid_visits.notices.sending.resume",
	],
	"hourly_long": ["grid_governance.grid_visits.rounds.open_all"],
	"daily": [
		"grid_governance.grid_issues.supervision.stop_mails",
		"grid_governance.grid_structure.actions.sync_accounts",
		"grid_governance.grid_structure.actions.remove_slips",
		"grid_governance.grid_ledger.actions.care.apply_age_rules",
		"grid_governance.grid_ledger.actions.care.ask_no_more",
		"grid_governance.grid_ledger.actions.retention.run",
		"grid_governance.grid_visits.notices.following.follow",
	],
}
