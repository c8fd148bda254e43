// Visits that were saved in the phone: each is sent until the server has it, and by its key is taken in once.
import { new_key } from "./parts";

const SAVE = "grid_governance.grid_visits.door.save";
const WAITING = "visit-waiting:";
const DRAFT = "visit-draft:";
/** How long a save may take before the phone goes on by itself, in milliseconds; photos take longer. */
const PATIENCE = 20000;
const PATIENCE_WITH_PHOTOS = 90000;

const drafts = () => grid_governance.drafts;
let busy = Promise.resolve();

export const waiting = () => drafts().all(WAITING);
export const unfinished = () => drafts().all(DRAFT);
export const keep_draft = (visit) => drafts().keep(DRAFT + visit.household, visit);
export const draft_of = (household) => drafts().find(DRAFT + household);
export const drop_draft = (household) => drafts().drop(DRAFT + household);

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

/** Put a finished visit where it waits, then send it: resolves as `grid_governance.send` does. */
export async function hand_in(visit) {
	await drafts().keep(WAITING + visit.client_key, visit);
	await drop_draft(visit.household);
	return one_by_one(() => send(visit));
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
	const { client_key, household, outcome, at, photos } = visit;
	const files = photos.map((photo, place) => [
		`photo_${place + 1}`,
		new File([photo], `photo_${place + 1}.jpg`, { type: photo.type }),
	]);
	const answer = await grid_governance.send(
		SAVE,
		{
			...{ client_key, household, outcome },
			values: JSON.stringify(values_of(visit)),
			waited: Math.max(0, (Date.now() - at) / 1000),
			...Object.fromEntries(files),
		},
		files.length ? PATIENCE_WITH_PHOTOS : PATIENCE
	);
	if (answer.ok) await drafts().drop(WAITING + client_key);
	// Another window is just sending it: it waits, and is known by its key.
	else if (answer.status === 409) return { ...answer, why: "server" };
	// What the server refuses is put right by a person: it is a draft again.
	else if (answer.why === "refused") {
		await keep_draft({ ...visit, refused: answer.words });
		await drafts().drop(WAITING + client_key);
	}
	return answer;
}

function values_of({ told, effects, outcome, ...visit }) {
	const names = ["visit_kind", "residents_met", "topics", "note", "companions", "return_on", "return_note"];
	const given = [...names, "latitude", "longitude"].map((name) => [name, visit[name]]);
	const notices = outcome === "Nobody Home" ? [] : told.map((delivery) => ({ kind: "notice", delivery }));
	return {
		...Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== "")),
		effects: [...notices, ...effects.map(({ words, ...effect }) => effect)],
	};
}
