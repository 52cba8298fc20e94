package json

import (
	"io"
	"strconv"
	"strings"
	"sync"

	jsoniter "github.com/json-iterator/go"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// jsonField is what a key means.
type jsonField struct {
	slot   jsonSlot
	rank   uint8
	value  bool     // the key fills a slot
	inside jsonNode // of an object under the key, nil if none of its keys is known
}

// jsonNode are the keys of an object that mean something.
type jsonNode map[string]*jsonField

// groupRank is added to the rank of keys for each level of nesting.
const groupRank = 50

var jsonRoot = sync.OnceValue(func() jsonNode { return newJSONNode(0, jsonTopKeys, jsonGroups) })

func newJSONNode(depth uint8, keys []jsonKey, groups []jsonGroup) jsonNode {
	fields := jsonNode{}
	field := func(name string) *jsonField {
		if fields[name] == nil {
			fields[name] = new(jsonField)
		}
		return fields[name]
	}
	for _, k := range keys {
		for rank, name := range k.names {
			f := field(name)
			f.slot, f.rank, f.value = k.slot, depth*groupRank+uint8(rank), true
		}
	}
	for _, g := range groups {
		inside := newJSONNode(depth+1, g.keys, g.deep)
		for _, name := range g.names {
			field(name).inside = inside
		}
	}
	return fields
}

// object reads the object at s[i:] and returns the index behind it, 0 if there is
// none. A key that is written with escapes is an unknown key.
func (c *jsonScratch) object(s string, i int, fields jsonNode) int {
	if i >= len(s) || s[i] != '{' {
		return 0
	}
	if i = scan.SkipBlanks(s, i+1); i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		i = scan.SkipBlanks(s, i)
		n := stringLen(s, i)
		if n == 0 {
			return 0
		}
		f := fields[s[i+1:i+n-1]]
		if i = scan.SkipBlanks(s, i+n); i >= len(s) || s[i] != ':' {
			return 0
		}
		if i = c.value(s, scan.SkipBlanks(s, i+1), f); i == 0 {
			return 0
		}
		if i = scan.SkipBlanks(s, i); i >= len(s) {
			return 0
		}
		switch s[i] {
		case '}':
			return i + 1
		case ',':
			i++
		default:
			return 0
		}
	}
}

// stringLen is the length of the string at s[i:] with its quotes, 0 if there is
// none; s holds no escapes.
func stringLen(s string, i int) int {
	if i >= len(s) || s[i] != '"' {
		return 0
	}
	const short = 40 // bytes, of a key and most values: the library begins slowly
	end, near := 0, min(len(s), i+1+short)
	if end = scan.QuoteEnd(s[:near], i+1); end == near {
		n := strings.IndexByte(s[near:], '"')
		if n < 0 {
			return 0
		}
		end += n
	}
	return end + 1 - i
}

// value reads the value at s[i:] and returns the index behind it, 0 if there is
// none. f is what its key means, nil for nothing.
func (c *jsonScratch) value(s string, i int, f *jsonField) int {
	if i >= len(s) {
		return 0
	}
	o := &c.obj
	if f == nil {
		end, _ := c.skip(i)
		return end
	}
	switch s[i] {
	case '"':
		n := stringLen(s, i)
		if n == 0 {
			return 0
		}
		if f.value {
			o.put(f, jsonText, o.textAt(o.buf[i+1:i+n-1]))
		}
		return i + n
	case '{':
		if f.inside != nil {
			return c.object(s, i, f.inside)
		}
	}
	end, kind := c.skip(i)
	if end > 0 && f.value {
		switch kind {
		case jsoniter.NumberValue:
			o.put(f, jsonNumber, o.src[i:end])
		case jsoniter.BoolValue:
			o.put(f, jsonBool, strconv.FormatBool(s[i] == 't'))
		}
	}
	return end
}

// skip has json-iterator check the value at buf[i:] and returns the index behind
// it, 0 if there is none. The iterator tells no offset, but what it appends is
// as long as what it passed.
func (c *jsonScratch) skip(i int) (end int, kind jsoniter.ValueType) {
	it := c.iter
	it.ResetBytes(c.obj.buf[i:])
	it.Error = nil
	kind = it.WhatIsNext()
	c.skipped = it.SkipAndAppendBytes(c.skipped[:0])
	if it.Error != nil && it.Error != io.EOF {
		return 0, kind
	}
	return i + len(c.skipped), kind
}
