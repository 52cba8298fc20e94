// Asks the browser for a passkey: to add one, or to show one.

const box = document.getElementById("passkey");
const button = box?.querySelector("[data-passkey]");
if (button && globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) button.addEventListener("click", run);
else if (button) box.hidden = true;

async function run() {
	const message = box.querySelector("[data-message]");
	message.hidden = true;
	try {
		const { publicKey } = await post(box.dataset.begin);
		const adding = button.dataset.passkey === "create";
		const key = adding
			? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
			: await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
		const name = box.querySelector("[data-passkey-name]")?.value.trim();
		const { codes } = await post(box.dataset.finish + (name ? "?name=" + encodeURIComponent(name) : ""), JSON.stringify(key.toJSON()));
		if (codes) return show(codes);
		location.href = box.dataset.next || "/";
	} catch {
		message.textContent = box.dataset.failed;
		message.hidden = false;
	}
}

async function post(url, body) {
	const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json", Accept: "application/json" }, redirect: "error" });
	if (!answer.ok) throw new Error(String(answer.status));
	return answer.json();
}

// show puts the backup codes there, which come with the first second factor.
function show(codes) {
	const list = document.createElement("ul");
	list.className = "codes";
	for (const c of codes) list.append(Object.assign(document.createElement("li"), { textContent: c }));
	const text = Object.assign(document.createElement("p"), { textContent: box.dataset.codes || "" });
	const on = Object.assign(document.createElement("a"), { className: "button primary", href: box.dataset.next || "/", textContent: "OK" });
	box.replaceChildren(text, list, on);
}
