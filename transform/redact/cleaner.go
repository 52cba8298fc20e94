package redact

import (
	"slices"

	"github.com/zimbraloki/zimbraloki/transform/redact/escape"
	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Cleaner takes the secrets out of texts. It belongs to one Run.
type Cleaner struct {
	arena *scan.Arena
	rules scrubber
	out   []byte // scratch
	found []finding
	views [2]escape.View
}

// NewCleaner makes a Cleaner whose texts live in arena.
func NewCleaner(arena *scan.Arena) Cleaner { return Cleaner{arena: arena} }

// Text takes the secrets out of s until nothing changes: what stands in place of
// a secret may let a rule see another. Escaped signs are looked at too. audit is where the attributes of an audited command start in s, -1 for
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

// once looks at s and at its views: a rule that looks at escapes may see a part
// of a value only, so what any of them shows goes.
func (c *Cleaner) once(s string, audit int) (string, bool) {
	c.found = c.found[:0]
	if c.rules.find(s, audit) {
		c.found = append(c.found, c.rules.found...)
	}
	if escape.MayEscape(s) && (len(c.found) > 0 || MaySecret(s) || MayUserinfo(s)) { // the filter knows how escapes may hide a word
		c.look(s)
	}
	if len(c.found) == 0 {
		return s, false
	}
	c.out = appendCut(c.out[:0], s, c.found)
	return c.arena.CopyBytes(c.out), true
}

// look adds what the views of s show to what was found.
func (c *Cleaner) look(s string) {
	text, at := s, []int32(nil)
	for n := range escape.Max {
		v := &c.views[n%2]
		if !v.Undo(text, at) {
			return
		}
		text, at = c.arena.CopyBytes(v.Text), v.At
		if !c.rules.find(text, -1) {
			continue
		}
		for _, f := range c.rules.found {
			c.add(finding{int(at[f.from]), int(at[f.to]), names.Mark})
		}
	}
}

// add joins a finding with those that it meets.
func (c *Cleaner) add(f finding) {
	i := 0
	for i < len(c.found) && c.found[i].to < f.from {
		i++
	}
	j := i
	for j < len(c.found) && c.found[j].from <= f.to {
		if g := c.found[j]; g.from <= f.from && g.to >= f.to {
			return
		}
		f.from, f.to = min(f.from, c.found[j].from), max(f.to, c.found[j].to)
		j++
	}
	c.found = slices.Replace(c.found, i, j, f)
}

func appendCut(dst []byte, s string, found []finding) []byte {
	done := 0
	for _, f := range found {
		dst = append(append(dst, s[done:f.from]...), f.mark...)
		done = f.to
	}
	return append(dst, s[done:]...)
}

// Named is Text for the value of a name. All of it goes if the name is one of a
// secret.
func (c *Cleaner) Named(name, v string) string {
	if names.IsSecretKey(name) {
		if v != "" && (v[0] == '+' || v[0] == '-') && len(v) > 1 { // see scan.AttributeLen
			if !names.KeepValue(v[1:]) {
				return c.arena.Concat(v[:1], "", names.Mark)
			}
			return v
		}
		if v == `""` || names.KeepValue(v) || names.HarmlessValue(name, v) {
			return v
		}
		return names.Mark
	}
	if len(v) > 8 && (MaySecret(v) || MayUserinfo(v)) {
		v, _ = c.Text(v, -1)
	}
	return v
}

// Mark stands in place of a secret.
const Mark = names.Mark

// SecretNames returns what the names of secrets hold, what they are as a whole,
// and which words behind the first make them harmless.
func SecretNames() (words, whole, policies []string) { return names.SecretNames() }
