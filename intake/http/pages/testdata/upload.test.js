// What a browser has, as far as upload.js asks for it. A server is a list of
// answers, the last of which goes on for ever.
const saved = new Map(), timers = new Map();
let now = 0, names = 0, answers = [], asked = [], locked = false;
globalThis.document = { querySelector: () => null };
globalThis.location = { href: "https://support.example.com/archives/upload/" };
globalThis.localStorage = { getItem: (k) => saved.get(k) ?? null, setItem: (k, v) => saved.set(k, v), removeItem: (k) => saved.delete(k) };
globalThis.setTimeout = (f, ms) => { timers.set(++names, { at: now + ms, f }); return names; };
globalThis.clearTimeout = (n) => timers.delete(n);
Object.defineProperty(globalThis, "navigator", { value: { locks: { request: async (_, __, f) => f(locked ? null : {}) } } });

// later lets the next timer fire, when nothing else can go on.
function later() {
	const [n, t] = [...timers].sort((a, b) => a[1].at - b[1].at)[0] ?? [];
	if (!t) return;
	timers.delete(n);
	now = t.at;
	t.f();
}

function answer(method, url, headers) {
	asked.push({ method, url, headers });
	const of = answers.filter((a) => a.method === method);
	const a = of[0] ?? { status: 500 };
	if (of.length > 1) answers.splice(answers.indexOf(a), 1);
	return a;
}

globalThis.fetch = async (url, { method, headers }) => {
	const a = answer(method, url, headers);
	if (a.then) a.then();
	if (a.status === "cut") throw new TypeError("Failed to fetch");
	return { ok: a.status < 300, status: a.status, headers: { get: (k) => a.headers?.[k] ?? null }, text: async () => "" };
};

globalThis.XMLHttpRequest = class {
	upload = {};
	status = 0;
	responseText = "";
	open(method, url) { this.method = method; this.url = url; }
	setRequestHeader() {}
	getResponseHeader(k) { return this.a.headers?.[k] ?? null; }
	send() {
		this.a = answer(this.method, this.url);
		if (this.a.status === "silent") return;
		this.status = this.a.status;
		queueMicrotask(() => { this.onload(); this.onloadend?.(); });
	}
	abort() { this.onabort(); this.onloadend?.(); }
};

// upload.js stands here.

const chosen = { name: "a.tgz", size: 8, lastModified: 1 };

// job runs one over a server, and says how it ended and what was asked.
async function job({ server, token = "secret", broken = false, file = {}, begun }) {
	answers = server;
	asked = [];
	const bytes = async () => { if (broken) throw new DOMException("gone", "NotReadableError"); return new ArrayBuffer(8); };
	const j = new Job("/api/v1/uploads/", { ...chosen, arrayBuffer: bytes, slice: () => ({ arrayBuffer: bytes }), ...file }, token, () => {});
	begun?.(j);
	let end = null;
	j.run().then(() => { end = "done"; }, (err) => { end = err === PAUSED ? "paused" : err.status ?? String(err); });
	for (let i = 0; end === null && i < 5000; i++) {
		await new Promise(setImmediate);
		if (end === null && i % 20 === 19) later(); // only when nothing else moves
	}
	return { end, methods: asked.map((a) => a.method).join(" ") };
}

const created = { method: "POST", status: 201, headers: { Location: "/api/v1/uploads/abc" } };
const offset = (n) => ({ method: "HEAD", status: 200, headers: { "Upload-Offset": String(n) } });
const patched = { method: "PATCH", status: 204, headers: { "Upload-Offset": "8" } };
const fails = (status) => ({ method: "PATCH", status });

function same(what, got, want) {
	if (JSON.stringify(got) !== JSON.stringify(want)) {
		console.log(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
		process.exitCode = 1;
	}
}

same("all is well", await job({ server: [created, patched] }), { end: "done", methods: "POST PATCH" });
saved.clear();
same("damaged for ever", await job({ server: [created, offset(0), fails(460)] }), { end: 460, methods: "POST PATCH HEAD PATCH HEAD PATCH" });
same("what is damaged is not gone on with", saved.size, 0);
same("damaged once", await job({ server: [created, offset(0), fails(460), patched] }), { end: "done", methods: "POST PATCH HEAD PATCH" });
saved.clear();
same("the server fails", await job({ server: [created, fails(500)] }), { end: 500, methods: "POST PATCH" });
same("another time", await job({ server: [offset(4), patched] }), { end: "done", methods: "HEAD PATCH" });
same("it is known before the token is", [remembered(chosen, ""), remembered(chosen, "other")], ["https://support.example.com/api/v1/uploads/abc", null]);
same("the disk is full", (await job({ server: [offset(4), fails(507)] })).end, 507);
same("another ticket", await job({ server: [created, patched], token: "other" }), { end: "done", methods: "POST PATCH" });
saved.clear();
same("refused", await job({ server: [{ method: "POST", status: 423 }] }), { end: 423, methods: "POST" });
same("paused while it begins", await job({ server: [{ ...created, then: () => running.pause() }, patched], begun: (j) => { globalThis.running = j; } }), { end: "paused", methods: "POST" });
same("and gone on with", await job({ server: [offset(0), patched] }), { end: "done", methods: "HEAD PATCH" });
saved.clear();
same("a file that is gone", await job({ server: [created, { method: "PATCH", status: 0 }], broken: true, file: { size: 1e9 } }), { end: "File", methods: "POST PATCH" });
saved.clear();
same("a file that cannot be read", await job({ server: [created], broken: true }), { end: "File", methods: "" });
same("a connection that is dead", await job({ server: [created, { method: "PATCH", status: "silent" }, offset(4), patched] }), { end: "done", methods: "POST PATCH HEAD PATCH" });
saved.clear();
const keys = () => asked.filter((a) => a.method === "POST").map((a) => a.headers["Idempotency-Key"]);
const cut = { method: "POST", status: "cut" };
same("the answer to a creation is lost", await job({ server: [cut, cut, created, { method: "PATCH", status: 409 }, offset(4), patched] }), { end: "done", methods: "POST POST POST PATCH HEAD PATCH" });
const first = keys();
saved.clear();
same("its key", [new Set(first).size, /^[0-9a-f]{32}$/.test(first[0])], [1, true]);
same("the page is closed meanwhile", (await job({ server: [{ ...cut, then: () => running.pause() }], begun: (j) => { globalThis.running = j; } })).end, "paused");
const [second] = keys();
same("and opened anew", (await job({ server: [created, patched] })).end, "done");
same("keys of three", [second !== first[0], keys()[0] === second], [true, true]);
saved.clear();
await job({ server: [created, patched] });
same("the same file once more", keys()[0] !== second, true);
locked = true;
same("another tab", await job({ server: [created, patched] }), { end: "Tab", methods: "" });
console.log("done");
