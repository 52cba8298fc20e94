package push

import (
	"fmt"
	"strconv"

	jsoniter "github.com/json-iterator/go"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// decodeJSON reads the JSON form of a push:
//
//	{"streams": [{"stream": {"name": "value"}, "values": [["ns", "line", {"name": "value"}]]}]}
func decodeJSON(body []byte) (streams []stream, err error) {
	it := jsoniter.ConfigFastest.BorrowIterator(body)
	defer jsoniter.ConfigFastest.ReturnIterator(it)
	it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
		if key != "streams" {
			it.Skip()
			return it.Error == nil
		}
		return it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
			streams = append(streams, readStream(it))
			return it.Error == nil
		})
	})
	if it.Error != nil {
		return nil, fmt.Errorf("loghttp.PushRequest: %w", it.Error)
	}
	return streams, nil
}

func readStream(it *jsoniter.Iterator) (st stream) {
	st.pairs = []entry.Pair{}
	it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
		switch key {
		case "stream":
			st.pairs = readPairs(it, true)
			for _, p := range st.pairs {
				if it.Error == nil && !validName(p.Name) {
					it.Error = &Error{400, "couldn't parse labels: 1:2: parse error: unexpected character in label name: " + strconv.Quote(p.Name)}
				}
			}
		case "values":
			it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
				st.entries = append(st.entries, readEntry(it))
				return it.Error == nil
			})
		default:
			it.Skip()
		}
		return it.Error == nil
	})
	return st
}

func readEntry(it *jsoniter.Iterator) (e store.Entry) {
	i := 0
	it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
		switch i {
		case 0:
			ns := it.ReadString()
			t, err := strconv.ParseInt(ns, 10, 64)
			if err != nil && it.Error == nil {
				it.ReportError("time of an entry", fmt.Sprintf("%q is not a number of nanoseconds in quotes", ns))
			}
			e.Time = t
		case 1:
			e.Line = it.ReadString()
		case 2:
			e.Meta = readPairs(it, false)
		default:
			it.Skip()
		}
		i++
		return it.Error == nil
	})
	return e
}

// readPairs reads an object of texts; numbers and booleans count as the text
// they are written with if loose says so.
func readPairs(it *jsoniter.Iterator, loose bool) []entry.Pair {
	pairs := []entry.Pair{}
	it.ReadObjectCB(func(it *jsoniter.Iterator, key string) bool {
		p := entry.Pair{Name: key}
		if k := it.WhatIsNext(); loose && (k == jsoniter.NumberValue || k == jsoniter.BoolValue) {
			p.Value = string(it.SkipAndReturnBytes())
		} else {
			p.Value = it.ReadString()
		}
		pairs = append(pairs, p)
		return it.Error == nil
	})
	return pairs
}
