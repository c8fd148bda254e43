import re

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_issues.rules import deadlines

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
"""A code names columns of reports, so it is plain."""

SHOWN = 5
"""So many categories are named in a message."""


class UrgencyCodeError(frappe.ValidationError):
	"""The code of an urgency has other characters than Latin letters and digits."""


class UrgencySpanError(frappe.ValidationError):
	"""An urgency gives no time, or more than anybody waits."""


class DefaultUrgencyError(frappe.ValidationError):
	"""There would be no urgency, or one that is not used, for issues whose category proposes none."""


class UrgencyProposedError(frappe.ValidationError):
	"""An urgency that categories propose is to be used no more."""


class IssueUrgency(Document):
	"""How soon an issue is to be resolved, and how the clock treats it; the code is what issues store."""

	def validate(self) -> None:
		self.check_code()
		self.check_span()
		self.check_default()
		self.check_proposed()

	def on_update(self) -> None:
		self.be_the_only_default()

	def on_trash(self) -> None:
		if self.is_default and not frappe.flags.in_uninstall:
			self.refuse_to_be_without_default()

	def check_code(self) -> None:
		"""Latin letters and digits."""
		if not CODE.fullmatch(self.code or ""):
			frappe.throw(
				_("The code {0} is not possible. Use Latin letters and digits only, a letter first.").format(
					self.code
				),
				UrgencyCodeError,
			)

	def check_span(self) -> None:
		"""A time that is one."""
		if not deadlines.sound(self.span, self.unit):
			frappe.throw(
				_("{0}: enter within which time an issue is to be resolved: 1 to {1} {2}.").format(
					self.urgency_name, deadlines.LONGEST[self.unit], _(self.unit)
				),
				UrgencySpanError,
			)

	def check_default(self) -> None:
		"""The default one is in use, and stays the default one until another takes its place."""
		stored = self.get_doc_before_save()
		if self.is_default and not self.active:
			frappe.throw(
				_(
					"{0} is taken where the category proposes none, so it stays active. Choose another one for that first."
				).format(self.urgency_name),
				DefaultUrgencyError,
			)
		if stored and stored.is_default and not self.is_default:
			self.refuse_to_be_without_default()

	def check_proposed(self) -> None:
		"""No category proposes an urgency that may not be chosen."""
		if self.active or self.is_new():
			return
		names = frappe.get_all(
			"Issue Category",
			filters={"default_urgency": self.name},
			pluck="category_name",
			order_by="code asc",
			limit_page_length=SHOWN,
		)
		if names:
			frappe.throw(
				_(
					"{0} stays active while categories propose it: {1}. Give them another proposed urgency first."
				).format(self.urgency_name, "、".join(names)),
				UrgencyProposedError,
			)

	def be_the_only_default(self) -> None:
		"""Take the mark off the one that had it."""
		if not self.is_default:
			return
		others = {"is_default": 1, "name": ["!=", self.name]}
		for name in frappe.get_all(self.doctype, filters=others, pluck="name", order_by="name asc"):
			frappe.get_doc(self.doctype, name).db_set("is_default", 0)

	def refuse_to_be_without_default(self) -> None:
		"""Say how the default is given to another."""
		frappe.throw(
			_(
				"One urgency is taken where the category proposes none. Tick that in another one; {0} loses it by itself."
			).format(self.urgency_name),
			DefaultUrgencyError,
		)
