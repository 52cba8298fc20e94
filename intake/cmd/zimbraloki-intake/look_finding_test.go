package main

import "github.com/chromedp/chromedp"

// followsFinding goes from the report within the ticket's page to the entries of
// a finding, with keys: nothing reaches into that frame but a person.
func (b *tab) followsFinding() {
	b.t.Helper()
	b.open("/tickets/show/zimbra/SUP-1488/")
	b.js(`String(document.querySelector("iframe.report").focus())`)
	for range 40 { // the choice of a language, examples, then the link
		b.do("Tab, Enter", chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
		if b.js("location.pathname") == "/tickets/ask/SUP-1488/" {
			break // else the keys would lead on
		}
	}
	b.until(`location.pathname === "/tickets/ask/SUP-1488/" && document.querySelector("table.log tbody tr") !== null && document.querySelector("#q").value.startsWith("{")`)
}
