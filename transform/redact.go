package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
)

// redact takes the secrets out of an event that was parsed; it reports whether
// there were any. Then d is to be parsed again: what a parser takes from a line
// is always taken from what is sent.
func (r *Run) redact(d *draft) bool {
	if !r.suspicious(d) {
		return false
	}
	text := validUTF8(&r.a, r.raw.text) // a parser may have written another one
	skip := len(validUTF8(&r.a, r.raw.text[:r.raw.skip]))
	audit := -1
	if d.format == &Audit {
		audit = strings.Index(text, " security - cmd=")
	}
	b := append(r.scrubIn[:0], text...)
	for _, m := range d.more {
		b = append(append(b, '\n'), m...)
	}
	r.scrubIn = b
	clean, ok := r.clean.scrubAll(r.a.copyBytes(b), audit)
	if !ok {
		return false
	}
	head, rest, found := clean, "", false
	if len(d.more) > 0 { // else line breaks are of JSON that was printed over several lines
		head, rest, found = strings.Cut(clean, "\n")
	}
	more := d.more[:0]
	for line := ""; found; {
		line, rest, found = strings.Cut(rest, "\n")
		more = append(more, line)
	}
	d.more = more
	r.restart(d, head, min(skip, len(head)))
	if d.head.isContainer || d.head.host != "" {
		d.head.makeValid(&r.a)
	}
	return true
}

// restart makes d what it was before parsing, with another text in its head.
func (r *Run) restart(d *draft, text string, skip int) {
	header, joined, at := d.header, d.joined, d.at
	d.reset()
	d.head = *r.raw
	d.head.text, d.head.skip, d.at = text, skip, at
	if joined != "" {
		d.joined, _ = r.clean.scrubAll(joined, -1)
	}
	d.header = syslogHeader{}
	if header.skip > 0 && !d.header.scanLine(text) {
		d.header = syslogHeader{}
	}
}

// suspicious reports whether an event may hold a secret. What a parser found to
// hold none is passed over, and so are the frames of a stack trace.
func (r *Run) suspicious(d *draft) bool {
	text := d.head.text
	if n := d.harmless; n > 0 && n <= len(text) {
		text = text[n:]
	}
	if len(d.more) == 0 {
		text = withoutLastWord(text)
	}
	if maySecret(text) || mayUserinfo(text) {
		return true
	}
	for _, m := range d.more {
		if !strings.HasPrefix(m, "\tat ") && (maySecret(m) || mayUserinfo(m)) {
			return true
		}
	}
	return false
}

// withoutLastWord cuts the word that ends a text: a name there has no value
// behind it, as in Zimbra's commonest warning, "…, invalid password".
func withoutLastWord(s string) string {
	s = strings.TrimRight(s, ";.")
	for s != "" {
		if c := s[len(s)-1] | 0x20; c < 'a' || c > 'z' {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// redactExtra takes the secrets out of the metadata outside of the vocabulary,
// which comes from records and attributes too, by its name and as text.
func (r *Run) redactExtra(d *draft) {
	for i := range d.extra {
		d.extra[i].Value = r.clean.redactNamed(d.extra[i].Name, d.extra[i].Value)
	}
	if d.exporter != "" { // the line was written from the event and its attributes
		if maySecret(d.head.text) {
			d.head.text, _ = r.clean.scrubAll(d.head.text, -1)
		}
	}
}

// recordText is the text of a record's value that becomes a label or a tenant.
func (r *Run) recordText(d *draft, key string, v chunk.Value) string {
	s, ok := v.Str()
	if ok {
		s = validUTF8(&r.a, s)
	} else {
		s = r.a.commit(v.AppendText(r.a.alloc(32)))
	}
	if !r.opts.KeepSecrets {
		s = r.clean.redactNamed(key, s)
	}
	if r.pseudonymous(d.log, d.service) {
		if isPersonKey(key) && strings.IndexByte(s, '@') < 0 {
			return r.opts.Pseudonyms.Name(s)
		}
		s = r.persons.personText(s)
	}
	return s
}
