// Makes forms of the OpenAPI document, and sends them.

const doc = await (await fetch("/api/v1/schema/")).json();
document.getElementById("about").textContent = doc.info.description;
const token = document.getElementById("token");
const list = document.getElementById("list");

const groups = new Map();
for (const [path, item] of Object.entries(doc.paths)) {
	for (const [method, op] of Object.entries(item)) {
		const tag = op.tags?.[0] ?? "other";
		if (!groups.has(tag)) groups.set(tag, []);
		groups.get(tag).push({ path, method: method.toUpperCase(), op });
	}
}
for (const [tag, ops] of [...groups].sort()) {
	list.append(el("h2", {}, tag), ...ops.sort((a, b) => (a.path < b.path ? -1 : 1)).map(card));
}

function el(name, props, ...children) {
	const e = Object.assign(document.createElement(name), props);
	e.append(...children);
	return e;
}

function card({ path, method, op }) {
	const form = el("form", {});
	const fields = (op.parameters ?? []).map((p) => {
		const id = `${op.operationId}-${p.name}`;
		const input = el("input", { id, required: p.required && p.in === "path", autocomplete: "off" });
		form.append(el("div", {}, el("label", { htmlFor: id }, p.name), el("span", { className: "hint" }, ` ${p.in}${p.description ? " · " + p.description : ""}`), input));
		return { p, input };
	});
	const kinds = Object.keys(op.requestBody?.content ?? {});
	let body = null;
	if (kinds.includes("application/json")) {
		const id = `${op.operationId}-body`;
		body = el("textarea", { id, spellcheck: false, value: JSON.stringify(example(op.requestBody.content["application/json"].schema), null, 2) });
		form.append(el("div", {}, el("label", { htmlFor: id }, "Body"), body));
	} else if (kinds.length) {
		const id = `${op.operationId}-file`;
		body = el("input", { id, type: "file" });
		form.append(el("div", {}, el("label", { htmlFor: id }, "File"), body));
	}
	const out = el("pre", { hidden: true });
	out.setAttribute("role", "status");
	form.append(el("button", { type: "submit" }, "Send"), out);
	form.addEventListener("submit", (e) => { e.preventDefault(); send(path, method, fields, body, out); });
	return el("details", { className: method }, el("summary", {}, el("b", {}, method), el("code", {}, path), el("span", {}, op.summary ?? "")), form);
}

async function send(path, method, fields, body, out) {
	const headers = new Headers({ Accept: "application/json" }), query = new URLSearchParams();
	for (const { p, input } of fields) {
		if (!input.value) continue;
		if (p.in === "path") path = path.replace(`{${p.name}}`, encodeURIComponent(input.value));
		else if (p.in === "query") query.set(p.name, input.value);
		else headers.set(p.name, input.value);
	}
	if (token.value) headers.set("Authorization", `Bearer ${token.value}`);
	const init = { method, headers };
	if (body?.type === "file" && body.files[0]) { init.body = new FormData(); init.body.set("file", body.files[0]); }
	else if (body?.value) { init.body = body.value; headers.set("Content-Type", "application/json"); }
	out.hidden = false;
	out.textContent = "…";
	try {
		const answer = await fetch(path + (query.size ? `?${query}` : ""), init);
		const kind = answer.headers.get("Content-Type") ?? "";
		let text = kind.includes("json") || kind.startsWith("text/") ? await answer.text() : `${(await answer.blob()).size} bytes of ${kind}`;
		try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON */ }
		out.textContent = `${answer.status} ${answer.statusText}\n${text}`;
	} catch (err) { out.textContent = String(err); }
}

// example is a value that a schema describes, with the fields that there are.
function example(s, depth = 0) {
	if (s?.$ref) s = s.$ref.split("/").slice(1).reduce((o, k) => o[k], doc);
	if (!s || depth > 3) return null;
	if (s.examples?.length) return s.examples[0];
	if (s.oneOf) return example(s.oneOf[0], depth + 1);
	switch ([].concat(s.type)[0]) {
		case "object": return Object.fromEntries(Object.entries(s.properties ?? {}).filter(([k]) => !k.startsWith("$")).map(([k, v]) => [k, example(v, depth + 1)]));
		case "array": return [];
		case "integer": case "number": return 0;
		case "boolean": return false;
		default: return s.format === "date-time" ? new Date().toISOString() : "";
	}
}
