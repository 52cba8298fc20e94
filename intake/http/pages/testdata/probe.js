// What a browser says of a page, for the tests: each function returns a text,
// one fault a line.

const probe = {
	name(el) {
		const id = el.id ? "#" + el.id : "";
		return `${el.localName}${id} "${(el.innerText || el.value || el.getAttribute("aria-label") || "").trim().slice(0, 40)}"`;
	},

	shown(el) { return el.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && el.getClientRects().length > 0; },

	// stops are what the Tab key has to reach, in the order of the page. Of radio
	// buttons it is one.
	stops() {
		const seen = new Set();
		return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, iframe, [tabindex]")].filter((el) => {
			if (el.disabled || el.type === "hidden" || el.tabIndex < 0 || !probe.shown(el)) return false;
			if (el.type === "radio") {
				const group = [...document.querySelectorAll(`input[type=radio][name="${el.name}"]`)];
				if (el !== (group.find((r) => r.checked) || group[0])) return false;
			}
			return !seen.has(el) && seen.add(el);
		});
	},

	// begin marks the stops by their number.
	begin() {
		probe.stops().forEach((el, n) => { el.dataset.stop = n; });
		// The keyboard begins where the focus was last: at the top, although a page
		// may have set it to an input.
		const top = document.createElement("span");
		top.tabIndex = -1;
		document.body.prepend(top);
		top.focus();
		top.remove();
		return String(document.querySelectorAll("[data-stop]").length);
	},

	// at is the stop that has the focus, and what is wrong with how it is seen.
	at() {
		const el = document.activeElement, faults = [];
		if (!el || el === document.body) return "-";
		if (el.localName === "iframe") return el.dataset.stop; // the rest is that page's
		const seen = [el, el.closest(".drop")].filter(Boolean).map((e) => getComputedStyle(e));
		if (!seen.some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)) faults.push("its focus is not seen");
		const r = el.getClientRects()[0];
		if (r.bottom <= 1 || r.top >= innerHeight - 1 || r.left < -1 || r.width < 1) faults.push(`it is out of sight at ${Math.round(r.left)},${Math.round(r.top)}`);
		const top = document.elementFromPoint(r.left + r.width / 2, (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2);
		if (top && !el.contains(top) && !top.contains(el) && !el.labels?.[0]?.contains(top)) faults.push(`it is behind ${probe.name(top)}`);
		return [el.dataset.stop, ...faults.map((f) => `${probe.name(el)}: ${f}`)].join("\n");
	},

	// small are things to click on that are less than 24 pixels high or wide, but
	// for links in a line of text (WCAG 2.2, 2.5.8).
	small() {
		return probe.stops().filter((el) => el.localName !== "a" || getComputedStyle(el).display !== "inline").map((el) => {
			const r = (el.closest("label") || el).getBoundingClientRect();
			return r.width < 24 || r.height < 24 ? `${probe.name(el)} has ${Math.round(r.width)} by ${Math.round(r.height)} pixels` : "";
		}).filter(Boolean).join("\n");
	},

	// cut are things whose text does not fit, and what is wider than the window.
	cut() {
		const faults = [];
		if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} pixels wide in a window of ${innerWidth}`);
		for (const el of document.querySelectorAll("body *")) {
			if (!probe.shown(el) || el.closest(".hidden, svg, select, textarea, input, iframe, .skip, .clip")) continue;
			const s = getComputedStyle(el);
			if (["hidden", "clip"].includes(s.overflowX) && el.scrollWidth > el.clientWidth + 1) faults.push(`${probe.name(el)} is cut: ${el.scrollWidth} pixels in ${el.clientWidth}`);
		}
		for (const el of document.querySelectorAll(".button, button")) {
			if (probe.shown(el) && el.scrollWidth > el.clientWidth + 1) faults.push(`${probe.name(el)} does not fit`);
		}
		return faults.join("\n");
	},

	colour(text) { const m = text.match(/[\d.]+/g).map(Number); if (text.startsWith("color(")) { m[0] *= 255; m[1] *= 255; m[2] *= 255; } return { rgb: m.slice(0, 3), a: m[3] ?? 1 }; },

	over(front, back) { return front.rgb.map((c, n) => c * front.a + back[n] * (1 - front.a)); },

	luminance(rgb) {
		const [r, g, b] = rgb.map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	},

	// back is the colour behind an element: all that is painted below it.
	back(el) {
		const layers = [];
		for (let e = el; e; e = e.parentElement) layers.unshift(probe.colour(getComputedStyle(e).backgroundColor));
		return layers.reduce((under, c) => probe.over(c, under), [255, 255, 255]);
	},

	// dull are texts with too little contrast against what is behind them: 4.5, or
	// 3 for large ones (WCAG 2.2, 1.4.3).
	dull() {
		const faults = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		let n = 0;
		while (walk.nextNode()) {
			const el = walk.currentNode.parentElement;
			if (!walk.currentNode.data.trim() || !probe.shown(el) || el.closest(".hidden, .skip, :disabled, option, title")) continue;
			n++;
			const s = getComputedStyle(el), size = parseFloat(s.fontSize), bold = Number(s.fontWeight) >= 700;
			const back = probe.back(el), front = probe.colour(el.closest("svg") ? s.fill : s.color);
			let opacity = 1;
			for (let e = el; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
			front.a *= opacity;
			const a = probe.luminance(probe.over(front, back)), b = probe.luminance(back);
			const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
			if (ratio < (size >= 24 || bold && size >= 18.66 ? 3 : 4.5)) faults.add(`${probe.name(el)}: contrast ${ratio.toFixed(2)}`);
		}
		return [...faults].join("\n") || (n ? "" : "there is no text");
	},

	// moving are what moves although the person asked for little motion.
	moving() {
		return [...document.querySelectorAll("*")].filter((el) => {
			const s = getComputedStyle(el);
			return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0 || s.scrollBehavior === "smooth";
		}).map(probe.name).join("\n");
	},

	// axe is what axe-core finds, where it was loaded.
	async axe() {
		const { violations } = await axe.run(document, { iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
		return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}: ${n.html.slice(0, 120)}`)).join("\n");
	},
};
globalThis.probe = probe;
""
