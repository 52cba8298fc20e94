package transform

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/java"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/person"
	"github.com/zimbraloki/zimbraloki/transform/redact"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// redact takes the secrets out of an event that was parsed; it reports whether
// there were any. Then d is to be parsed again: what a parser takes from a line
// is always taken from what is sent.
func (r *Run) redact(d *format.Draft) bool {
	if !r.suspicious(d) {
		return false
	}
	text := scan.ValidUTF8(&r.Arena, r.raw.text) // a parser may have written another one
	skip := len(scan.ValidUTF8(&r.Arena, r.raw.text[:r.raw.skip]))
	audit := -1
	if d.Format == &zimbra.Audit {
		audit = strings.Index(text, " security - cmd=")
	}
	b := append(r.scrubIn[:0], text...)
	for _, m := range d.More {
		b = append(append(b, '\n'), m...)
	}
	r.scrubIn = b
	clean, ok := r.clean.Text(r.Arena.CopyBytes(b), audit)
	if !ok {
		return false
	}
	head, rest, found := clean, "", false
	if len(d.More) > 0 { // else line breaks are of JSON that was printed over several lines
		head, rest, found = strings.Cut(clean, "\n")
	}
	more := d.More[:0]
	var line string
	for found {
		line, rest, found = strings.Cut(rest, "\n")
		more = append(more, line)
	}
	d.More = more
	r.restart(d, head, min(skip, len(head)))
	if d.Head.IsContainer || d.Head.Host != "" {
		d.Head.MakeValid(&r.Arena)
	}
	return true
}

// restart makes d what it was before parsing, with another text in its head.
func (r *Run) restart(d *format.Draft, text string, skip int) {
	header, joined, at := d.Header, d.Joined, d.At
	d.Reset()
	d.Head.Text, d.Head.Skip, d.Head.Rebuilt, d.At = text, skip, r.raw.rebuilt, at
	if joined != "" {
		d.Joined, _ = r.clean.Text(joined, -1)
	}
	d.Header = header
	r.rescanHeader(d)
}

// suspicious reports whether an event may hold a secret. What a parser found to
// hold none is passed over, and so are the frames of a stack trace.
func (r *Run) suspicious(d *format.Draft) bool {
	text := d.Head.Text
	if n := d.Harmless; n > 0 && n < len(text) {
		text = text[n-1:] // with what stands before a first word
	} else if n == len(text) {
		text = ""
	}
	if len(d.More) == 0 {
		text = withoutLastWord(text)
	}
	if redact.MaySecret(text) || redact.MayUserinfo(text) {
		return true
	}
	for _, m := range d.More {
		if !java.IsFrame(m) && (redact.MaySecret(m) || redact.MayUserinfo(m)) {
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
func (r *Run) redactExtra(d *format.Draft) {
	for i := range d.Extra {
		d.Extra[i].Value = r.clean.Named(d.Extra[i].Name, d.Extra[i].Value)
	}
	if d.Exporter != "" { // the line was written from the event and its attributes
		if redact.MaySecret(d.Head.Text) {
			d.Head.Text, _ = r.clean.Text(d.Head.Text, -1)
		}
	}
}

// recordText is the text of a record's value that becomes a label or a tenant.
func (r *Run) recordText(d *format.Draft, key string, v chunk.Value) string {
	s, ok := v.Str()
	if ok {
		s = scan.ValidUTF8(&r.Arena, s)
	} else {
		s = r.Arena.Commit(v.AppendText(r.Arena.Alloc(32)))
	}
	if !r.opts.KeepSecrets {
		s = r.clean.Named(key, s)
	}
	if r.pseudonymous(d.Log, d.Service) {
		if person.IsPersonKey(key) && strings.IndexByte(s, '@') < 0 {
			return r.opts.Pseudonyms.Name(s)
		}
		s = r.persons.Text(s)
	}
	return s
}
