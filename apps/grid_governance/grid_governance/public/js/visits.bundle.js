// Visits at the door: what is to be done today, the form for one of them, and what waits in the phone to be sent.
import { Visits } from "./visits/visits";

frappe.provide("grid_governance.visits");
grid_governance.visits.Visits = Visits;
