from grid_governance.scope import hooks as _scope

app_name = "grid_governance"
app_title = "Grid Governance"
app_publisher = "Grid Governance contributors"
app_description = "Grid governance for townships and villages"
app_email = "grid-governance@example.com"
app_license = "mit"

after_install = "grid_governance.setup.install.after_install"
after_migrate = "grid_governance.setup.install.after_migrate"
before_uninstall = "grid_governance.setup.install.before_uninstall"

permission_query_conditions = _scope.permission_query_conditions()
has_permission = _scope.permission_hooks()
doc_events = _scope.stamping_events()

scheduler_events = {"daily": ["grid_governance.grid_structure.actions.sync_roles_of_the_day"]}
