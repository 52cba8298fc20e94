// Shows how far an import is, and copies what a button names. The pages work
// without either: a reload shows the same.

for (const box of document.querySelectorAll("[data-live]")) follow(box);

async function follow(box) {
	const bar = box.querySelector("progress"), text = box.querySelector("[data-text]");
	const badge = box.closest(".archive")?.querySelector("[data-state]");
	for (let wait = 1000; ; wait = Math.min(wait * 1.3, 10000)) {
		await new Promise((done) => setTimeout(done, wait));
		if (document.hidden) continue;
		let state;
		try {
			const answer = await fetch(box.dataset.live, { headers: { Accept: "application/json" }, redirect: "error" });
			if (!answer.ok) return;
			state = await answer.json();
		} catch { continue; }
		if (state.total > 0) { bar.max = state.total; bar.value = state.done; }
		text.textContent = state.text;
		if (badge && state.badge) badge.textContent = state.badge;
		// What a page shows this one time, a token, would be gone with it.
		if (state.over || (state.report && !box.dataset.report)) return document.querySelector(".secret") || location.reload();
	}
}

for (const button of document.querySelectorAll("button[data-copy]")) {
	if (!navigator.clipboard) continue;
	button.hidden = false;
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
		const before = button.textContent;
		button.textContent = button.dataset.done;
		setTimeout(() => { button.textContent = before; }, 2000);
	});
}
