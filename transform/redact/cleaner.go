package redact

import (
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Cleaner takes the secrets out of texts. It belongs to one Run.
type Cleaner struct {
	arena *scan.Arena
	rules scrubber
	out   []byte // scratch
	views [2]view
}

// NewCleaner makes a Cleaner whose texts live in arena.
func NewCleaner(arena *scan.Arena) Cleaner { return Cleaner{arena: arena} }

// Text takes the secrets out of s until nothing changes: what stands in place of
// a secret may let a rule see another. Escaped signs are looked at if that shows
// more. audit is where the attributes of an audited command start in s, -1 for
// none. It reports whether there was a secret; the text is in the arena then.
func (c *Cleaner) Text(s string, audit int) (string, bool) {
	changed := false
	for range 8 {
		out, ok := c.once(s, audit)
		if !ok {
			break
		}
		s, changed = out, true
	}
	return s, changed
}

// once looks at s and, if that shows nothing, at its views.
func (c *Cleaner) once(s string, audit int) (string, bool) {
	if c.rules.find(s, audit) {
		return c.cutOut(s, nil), true
	}
	if !mayEscape(s) || !MaySecret(s) && !MayUserinfo(s) { // the filter knows how escapes may hide a word
		return s, false
	}
	text, at := s, []int32(nil)
	for n := range maxViews {
		v := &c.views[n%2]
		if !v.undo(text, at) {
			break
		}
		text, at = c.arena.CopyBytes(v.text), v.at
		if c.rules.find(text, -1) {
			return c.cutOut(s, at), true
		}
	}
	return s, false
}

// cutOut is s with the marks in place of what the rules found; at says where the
// bytes that they looked at come from, nil for s itself.
func (c *Cleaner) cutOut(s string, at []int32) string {
	c.out = appendCut(c.out[:0], s, c.rules.found, at)
	return c.arena.CopyBytes(c.out)
}

func appendCut(dst []byte, s string, found []finding, at []int32) []byte {
	done := 0
	for _, f := range found {
		from, to := f.from, f.to
		if at != nil {
			from, to = int(at[from]), int(at[to])
		}
		mark := f.mark
		if at != nil {
			mark = Mark
		}
		dst = append(append(dst, s[done:from]...), mark...)
		done = to
	}
	return append(dst, s[done:]...)
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
		if v == `""` || keepValue(v) || harmlessValue(name, v) {
			return v
		}
		return Mark
	}
	if len(v) > 8 && (MaySecret(v) || MayUserinfo(v)) {
		v, _ = c.Text(v, -1)
	}
	return v
}
