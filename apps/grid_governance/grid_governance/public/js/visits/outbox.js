// Visits that were saved in the phone: each is sent until the server has it, and by its key is taken in once.
import { new_key } from "./parts";

const SAVE = "grid_governance.grid_visits.door.save";
const WAITING = "visit-waiting:";
const DRAFT = "visit-draft:";
/** How long a save may take before the phone goes on by itself, in milliseconds; photos take longer. */
const PATIENCE = 20000;
const PATIENCE_WITH_PHOTOS = 90000;

/** Outcomes in which one could talk: of the others no notice was told, and nobody met. */
export const SPOKEN = ["Met", "By Phone"];

const drafts = () => grid_governance.drafts;
let busy = Promise.resolve();

export const waiting = () => drafts().all(WAITING);
export const unfinished = () => drafts().all(DRAFT);
export const keep_draft = (visit) => drafts().keep(key_of(visit), visit);
export const drop_draft = (visit) => drafts().drop(key_of(visit));

/** What was begun at a household; what stands `beside` another one comes after it. */
export async function draft_of(household) {
	const all = (await unfinished()).filter((visit) => visit.household === household);
	return all.find(({ beside }) => !beside) || all[0];
}

const key_of = ({ household, client_key, beside }) => DRAFT + household + (beside ? `:${client_key}` : "");

export function new_visit(line) {
	const { household, title, address, household_no } = line;
	return {
		...{ household, title, address, household_no },
		client_key: new_key(),
		residents_met: [],
		told: [],
		topics: [],
		companions: [],
		effects: [],
		photos: [],
	};
}

/** Put a finished visit where it waits, then send it: resolves as `grid_governance.send` does, with whether it is `kept`. */
export async function hand_in(visit) {
	const kept = await drafts().keep(WAITING + visit.client_key, { ...visit, waits: true });
	if (kept) await drop_draft(visit);
	const answer = await one_by_one(() => send(visit));
	if (answer.ok && !kept) await drop_draft(visit);
	return { ...answer, kept };
}

/** Send whatever waits, one after another; stops where there is no connection or no session. Tells how many went. */
export function send_all() {
	return one_by_one(async () => {
		let went = 0;
		for (const visit of await waiting()) {
			const answer = await send(visit);
			if (answer.ok) went += 1;
			else if (["connection", "session"].includes(answer.why)) return { went, answer };
		}
		return { went };
	});
}

// Two at once would send the same visit twice; the server knows it by its key, but why ask.
function one_by_one(act) {
	busy = busy.then(act, act);
	return busy;
}

async function send(visit) {
	const { client_key, household, outcome, photos } = visit;
	const files = photos.map((photo, place) => [
		`photo_${place + 1}`,
		new File([photo], `photo_${place + 1}.jpg`, { type: photo.type }),
	]);
	const answer = await grid_governance.send(
		SAVE,
		{
			...{ client_key, household, outcome },
			values: JSON.stringify(values_of(visit)),
			waited: waited(visit) / 1000,
			...Object.fromEntries(files),
		},
		files.length ? PATIENCE_WITH_PHOTOS : PATIENCE
	);
	if (answer.ok) await drafts().drop(WAITING + client_key);
	// Another window is just sending it: it waits, and is known by its key.
	else if (answer.status === 409) return { ...answer, why: "server" };
	// What the server refuses is put right by a person: it is a draft again.
	else if (answer.why === "refused") {
		await keep_refused(visit, answer.words);
		await drafts().drop(WAITING + client_key);
	}
	return answer;
}

// Another visit may have been begun there meanwhile.
async function keep_refused({ waits, ...visit }, refused) {
	const other = await draft_of(visit.household);
	const beside = Boolean(other && other.client_key !== visit.client_key);
	return keep_draft({ ...visit, refused, beside });
}

// How long ago it happened, in milliseconds: by the phone's clock, less what that was set to meanwhile.
function waited({ at, ahead }) {
	const { ahead: now_ahead } = grid_governance.clock;
	const set = ahead === undefined || now_ahead === undefined ? 0 : now_ahead - ahead;
	return Math.max(0, Date.now() - at - set);
}

// What was entered before the outcome was corrected stands in the form no longer, and is not sent either.
function values_of({ told, effects, outcome, ...visit }) {
	const spoken = SPOKEN.includes(outcome);
	const names = ["visit_kind", "note", "companions", "return_on", "return_note", "latitude", "longitude"];
	const given = [...names, ...(spoken ? ["residents_met", "topics"] : [])].map((name) => [
		name,
		visit[name],
	]);
	const notices = spoken ? told.map((delivery) => ({ kind: "notice", delivery })) : [];
	return {
		...Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== "")),
		effects: [...notices, ...effects.map(({ words, ...effect }) => effect)],
	};
}
