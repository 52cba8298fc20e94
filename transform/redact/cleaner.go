package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Cleaner takes the secrets out of texts. It belongs to one Run.
type Cleaner struct {
	arena          *scan.Arena
	out, unescaped []byte // scratch
}

// NewCleaner makes a Cleaner whose texts live in arena.
func NewCleaner(arena *scan.Arena) Cleaner { return Cleaner{arena: arena} }

// Text takes the secrets out of s until nothing changes: what stands in place of
// a secret may let a rule see another. Escaped signs are looked at if that shows
// more. audit is where the attributes of an audited command start in s, -1 for
// none. It reports whether there was a secret; the text is in the arena then.
func (c *Cleaner) Text(s string, audit int) (string, bool) {
	changed := false
	for range 4 {
		out, ok := scrub(c.out[:0], s, audit)
		c.out = out
		if !ok {
			break
		}
		s, changed = c.arena.CopyBytes(out), true
	}
	if strings.Contains(s, `\u00`) || strings.Contains(s, "%3") {
		for _, e := range [...]*escapes{&jsonSigns, &urlSigns} {
			c.unescaped = e.undo(c.unescaped[:0], s)
			out, ok := scrub(c.out[:0], c.arena.CopyBytes(c.unescaped), -1)
			c.out = out
			if ok {
				s, changed = c.arena.CopyBytes(out), true
			}
		}
	}
	return s, changed
}

// escapes are ways to write signs.
type escapes struct {
	first byte // of each
	signs []struct{ text, sign string }
}

var (
	// jsonSigns are the signs that encoders write as escapes for the sake of
	// HTML; a text of JSON says the same with them as they are.
	jsonSigns = escapes{'\\', []struct{ text, sign string }{
		{`\u003c`, "<"},
		{`\u003e`, ">"},
		{`\u003d`, "="},
		{`\u0026`, "&"},
		{`\u0027`, "'"},
		{`\u003C`, "<"},
		{`\u003E`, ">"},
		{`\u003D`, "="},
	}}
	// urlSigns are those of a URL inside of a parameter of another.
	urlSigns = escapes{'%', []struct{ text, sign string }{{"%3D", "="}, {"%26", "&"}, {"%3F", "?"}, {"%3d", "="}, {"%3f", "?"}, {"%3B", ";"}, {"%3b", ";"}}}
)

// undo appends s to dst with the signs in place of their escapes.
func (e *escapes) undo(dst []byte, s string) []byte {
next:
	for s != "" {
		i := strings.IndexByte(s, e.first)
		if i < 0 {
			break
		}
		dst, s = append(dst, s[:i]...), s[i:]
		for _, x := range e.signs {
			if strings.HasPrefix(s, x.text) {
				dst, s = append(dst, x.sign...), s[len(x.text):]
				continue next
			}
		}
		dst, s = append(dst, s[0]), s[1:]
	}
	return append(dst, s...)
}

// Named is Text for the value of a name. All of it goes if the name is one of a
// secret.
func (c *Cleaner) Named(name, v string) string {
	if isSecretKey(name) {
		if v != "" && (v[0] == '+' || v[0] == '-') && len(v) > 1 { // see scan.AttributeLen
			if !keepValue(v[1:]) {
				return c.arena.Concat(v[:1], "", Mark)
			}
			return v
		}
		if v == `""` || keepValue(v) {
			return v
		}
		return Mark
	}
	if len(v) > 8 && (MaySecret(v) || MayUserinfo(v)) {
		v, _ = c.Text(v, -1)
	}
	return v
}
