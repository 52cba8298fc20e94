// Uploads a file by tus 1.0 (https://tus.io/protocols/resumable-upload), so
// that a cut or a closed tab costs nothing: what arrived stays, and the same
// file goes on from there. Texts come from the page; there are none here.

const CHUNK = 32 * 1024 * 1024; // bytes of one request: proxies limit bodies
const HASH_MAX = 64 * 1024 * 1024; // bytes; above, a hash would not fit in memory
const KEEP = 24 * 3600 * 1000; // ms that the server keeps what is not finished
const STALL = 120 * 1000; // ms without a byte after which a connection counts as cut: a computer that slept has such ones
const DAMAGED = 3; // times that the server may get other bytes than were promised

const form = document.querySelector("form[data-upload]");
if (form) start(form);

function start(form) {
	const $ = (name) => form.querySelector(`[data-${name}]`);
	const texts = form.dataset;
	const drop = form.querySelector(".drop");
	const input = form.elements.file;
	const button = form.querySelector("button[type=submit]");
	let job = null;

	input.addEventListener("change", () => chosen());
	form.elements.token.addEventListener("input", () => chosen(true));
	drop.addEventListener("dragover", (e) => { e.preventDefault(); drop.classList.add("over"); });
	drop.addEventListener("dragleave", () => drop.classList.remove("over"));
	drop.addEventListener("drop", (e) => {
		e.preventDefault();
		drop.classList.remove("over");
		if (e.dataTransfer.files.length && !job) { input.files = e.dataTransfer.files; chosen(); }
	});
	form.addEventListener("submit", (e) => { e.preventDefault(); run(); });
	$("pause").addEventListener("click", () => (job?.paused ? run() : job?.pause()));
	addEventListener("online", () => { if (job?.waiting) job.wake(); });
	addEventListener("beforeunload", (e) => { if (job && !job.paused) e.preventDefault(); });

	function chosen(quiet) {
		const file = input.files[0];
		$("name").textContent = file ? `${file.name} · ${size(file.size)}` : "";
		$("again").hidden = !(file && remembered(file, form.elements.token.value.trim()));
		if (quiet !== true) say("");
	}

	function say(text, kind) {
		const box = $("message");
		box.textContent = text;
		box.className = "note " + (kind || "");
		box.hidden = !text;
	}

	async function run() {
		const file = input.files[0];
		const token = form.elements.token.value.trim();
		if (!token || !file) return say(token ? texts.textFile : texts.textToken, "bad");
		if (!file.size) return say(texts.textEmpty, "bad");
		job = new Job(form.dataset.upload, file, token, show);
		button.disabled = true;
		$("progress").hidden = false;
		$("pause").hidden = false;
		$("pause").textContent = texts.textPause;
		say("");
		try {
			await job.run();
			forget(file);
			say(texts.textDone, "good");
			$("pause").hidden = true;
			$("detail").textContent = "";
			form.reset();
			chosen(true);
			job = null;
			button.disabled = false;
		} catch (err) {
			if (err === PAUSED) {
				$("pause").textContent = texts.textResume;
				return say(texts.textPaused);
			}
			job = null;
			button.disabled = false;
			$("pause").hidden = true;
			$("progress").hidden = true;
			say(explain(err), "bad");
		}
	}

	function explain(err) {
		const known = texts[`status${err.status}`];
		return known || (err.detail ? `${texts.statusOther} (${err.detail})` : texts.statusOther);
	}

	let shown = { at: 0, sent: 0 };
	function show(sent, total, waiting) {
		// What of a cut request arrived is known when there is a connection again.
		if (waiting) { $("detail").textContent = texts.textWaiting; return; }
		const bar = form.querySelector("progress");
		bar.max = total;
		bar.value = sent;
		$("percent").textContent = `${Math.floor((sent / total) * 100)} %`;
		const now = performance.now();
		if (now - shown.at < 700 && sent < total) return;
		const rate = shown.at && sent > shown.sent ? ((sent - shown.sent) / (now - shown.at)) * 1000 : 0;
		shown = { at: now, sent };
		$("detail").textContent = `${size(sent)} / ${size(total)}` + (rate ? ` · ${size(rate)}${texts.textPer} · ${left((total - sent) / rate)}` : "");
	}

	function left(seconds) {
		const m = Math.floor(seconds / 60), s = Math.ceil(seconds % 60);
		return m > 0 ? `${m} ${texts.textMinutes} ${s} ${texts.textSeconds}` : `${s} ${texts.textSeconds}`;
	}

	function size(n) {
		const units = texts.textUnits.split(" ");
		let i = 0;
		while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
		return `${n.toFixed(i && n < 100 ? 1 : 0)} ${units[i]}`;
	}
}

const PAUSED = new Error("paused");

// Failure is an answer of the server that trying again does not mend.
class Failure extends Error {
	constructor(status, detail) { super(detail || String(status)); this.status = status; this.detail = detail; }
}

// What is kept of an upload that is not finished: its address, by the file's
// traits. The token is not kept, but a mark of it: with another one the file goes
// to another ticket.
// The key is random, and goes with a creation: one that is repeated, its answer
// being lost, is the same upload with the same key.
const key = (file) => `upload:${file.name}:${file.size}:${file.lastModified}`;
function mark(token) {
	let h = 2166136261; // FNV-1a
	for (let i = 0; i < token.length; i++) h = Math.imul(h ^ token.charCodeAt(i), 16777619);
	return h >>> 0;
}
// kept is what is kept of a file's upload, with any token as long as none is given.
function kept(file, token) {
	try {
		const found = JSON.parse(localStorage.getItem(key(file)));
		return found && (!token || found.mark === mark(token)) && Date.now() - found.at < KEEP ? found : null;
	} catch { return null; }
}
function remembered(file, token) { return kept(file, token)?.url || null; }
function remember(file, token, url, once) { try { localStorage.setItem(key(file), JSON.stringify({ url, once, mark: mark(token), at: Date.now() })); } catch { /* private mode */ } }
function forget(file) { try { localStorage.removeItem(key(file)); } catch { /* private mode */ } }

class Job {
	constructor(endpoint, file, token, show) { Object.assign(this, { endpoint, file, token, show, paused: false, waiting: false, once: kept(file, token)?.once || random() }); }

	pause() { this.paused = true; this.request?.abort(); this.wake?.(); }

	// run uploads the file, unless another tab does: the two would cut each other off.
	run() {
		if (!navigator.locks) return this.upload();
		return navigator.locks.request(key(this.file), { ifAvailable: true }, (lock) => {
			if (!lock) throw new Failure("Tab");
			return this.upload();
		});
	}

	async upload() {
		let url = remembered(this.file, this.token), offset = 0, tries = 0, damaged = 0;
		for (;;) {
			try {
				if (url) offset = await this.offset(url);
				if (!url || offset < 0) { url = await this.create(); offset = 0; }
				while (offset < this.file.size) {
					remember(this.file, this.token, url, this.once);
					if (this.paused) throw PAUSED;
					this.show(offset, this.file.size);
					offset = await this.send(url, offset);
					tries = 0;
				}
				return this.show(this.file.size, this.file.size);
			} catch (err) {
				if (this.paused) throw PAUSED;
				if (err.status === 460 ? ++damaged === DAMAGED : err instanceof Failure && !again(err.status)) {
					if (err.status < 500) forget(this.file); // what a server has that failed is good for another time
					throw err;
				}
				if (!(await readable(this.file))) throw new Failure("File");
				this.show(offset, this.file.size, true);
				await this.wait(Math.min(30, 2 ** tries++) * 1000, err.after);
				if (this.paused) throw PAUSED;
			}
		}
	}

	headers(more) { return { "Tus-Resumable": "1.0.0", "Upload-Token": this.token, ...more }; }

	async create() {
		const meta = [`filename ${base64(this.file.name)}`];
		this.sum ??= await checksum(this.file);
		if (this.sum) meta.push(`sha256 ${base64(this.sum)}`);
		remember(this.file, this.token, null, this.once); // a page that is opened anew has the same
		const answer = await fetch(this.endpoint, { method: "POST", signal: patience(), headers: this.headers({ "Idempotency-Key": this.once, "Upload-Length": String(this.file.size), "Upload-Metadata": meta.join(",") }) });
		if (answer.status !== 201) throw await failure(answer);
		return new URL(answer.headers.get("Location"), location.href).href;
	}

	// offset is how much the server has; -1 if it does not know the upload.
	async offset(url) {
		const answer = await fetch(url, { method: "HEAD", signal: patience(), headers: this.headers() });
		if ([403, 404, 410].includes(answer.status)) return -1;
		if (!answer.ok) throw busy(answer.status) || (await failure(answer));
		return Number(answer.headers.get("Upload-Offset"));
	}

	// send is one PATCH. XMLHttpRequest, since fetch tells no progress.
	send(url, offset) {
		return new Promise((done, fail) => {
			const x = (this.request = new XMLHttpRequest());
			x.open("PATCH", url);
			for (const [k, v] of Object.entries(this.headers({ "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) }))) x.setRequestHeader(k, v);
			let timer = 0;
			const alive = () => { clearTimeout(timer); timer = setTimeout(() => x.abort(), STALL); };
			x.upload.onprogress = (e) => { alive(); this.show(offset + e.loaded, this.file.size); };
			x.onloadend = () => clearTimeout(timer);
			x.onload = () => (x.status === 204 || x.status === 200 ? done(Number(x.getResponseHeader("Upload-Offset"))) : fail(busy(x.status) || new Failure(x.status, detail(x.responseText))));
			x.onerror = x.onabort = x.ontimeout = () => fail(new Error("the connection was cut"));
			alive();
			x.send(this.file.slice(offset, offset + CHUNK));
		});
	}

	wait(ms, after) {
		this.waiting = true;
		return new Promise((done) => {
			const timer = setTimeout(() => this.wake(), after || ms);
			this.wake = () => { clearTimeout(timer); this.waiting = false; done(); };
		});
	}
}

// busy: 423 to an upload that exists means that the request which was cut still
// holds it. (To a new one it means that the ticket takes no more.)
function busy(status) { return status === 423 ? new Error("still held by the request before") : null; }

// again tells whether an answer may be another one later; 409 is an offset that
// another request moved.
function again(status) { return status === 0 || status === 408 || status === 409 || status === 429 || status === 502 || status === 503 || status === 504; }

// readable tells whether a file is still there as it was chosen.
function readable(file) { return file.slice(0, 1).arrayBuffer().then(() => true, () => false); }

// patience ends a request that nobody answers, in browsers that can.
function patience() { return globalThis.AbortSignal?.timeout?.(STALL); }

async function failure(answer) {
	const f = new Failure(answer.status, detail(await answer.text()));
	f.after = Number(answer.headers.get("Retry-After")) * 1000;
	return f;
}

function detail(text) {
	try { return JSON.parse(text).detail; } catch { return text.length < 200 && !text.includes("<") ? text.trim() : ""; }
}

function random() { return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join(""); }

function base64(text) {
	let s = "";
	for (const b of new TextEncoder().encode(text)) s += String.fromCharCode(b);
	return btoa(s);
}

async function checksum(file) {
	if (!globalThis.crypto?.subtle || file.size > HASH_MAX) return "";
	const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
	return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
