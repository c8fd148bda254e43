// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("WeChat Coverage", {});
