package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxKeys bounds the values that a Counter tells apart, maxValue the bytes of
// one: who writes a log can write a million names.
const (
	maxKeys  = 4000
	maxValue = 200
)

// Counter counts values. Beyond maxKeys the rare ones are put together.
type Counter struct {
	// keys point at counts: to write a value of a map that is there would put the
	// caller's string, which may be a view, in the place of the copy.
	keys map[string]*int64
	rest int64 // of values that are no longer told apart
}

// Add counts a value n times.
func (c *Counter) Add(value string, n int64) {
	if len(value) > maxValue {
		value = value[:maxValue]
	}
	if !utf8.ValidString(value) {
		value = strings.ToValidUTF8(value, "�")
	}
	if sum := c.keys[value]; sum != nil {
		*sum += n
		return
	}
	if c.keys == nil {
		c.keys = map[string]*int64{}
	}
	if len(c.keys) >= maxKeys {
		c.shrink()
	}
	c.keys[strings.Clone(value)] = &n
}

// shrink puts the rarer half of the values together.
func (c *Counter) shrink() {
	for _, v := range c.sorted()[maxKeys/2:] {
		c.rest += v.Count
		delete(c.keys, v.Value)
	}
}

func (c *Counter) sorted() []Value {
	all := make([]Value, 0, len(c.keys))
	for k, n := range c.keys {
		all = append(all, Value{k, *n})
	}
	slices.SortFunc(all, func(a, b Value) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value)) })
	return all
}

// Value is a value with its count.
type Value struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// Top are the most frequent values of something.
type Top struct {
	Name   string  `json:"name"`
	Values []Value `json:"values"`
	More   int     `json:"more"` // values that are not listed
	// Rest is what was counted of rare values that were not told apart: with it
	// the counts of the others may be too low by as much.
	Rest int64 `json:"rest"`
}

// Top returns the n most frequent values.
func (c *Counter) Top(name string, n int) Top {
	all := c.sorted()
	n = min(n, len(all))
	return Top{Name: name, Values: all[:n], More: len(all) - n, Rest: c.rest}
}
