"""Install and uninstall, roles, site settings, seeds, divisions and demo townships."""
