package loki

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Texts of Loki v3.7.8, with streams whose values are as nasty as they come.
const (
	nasty    = `{job="a", path="x; 2 errors like: }'\"{\\", service_name="a"}`
	textLong = `max entry size '262144' bytes exceeded for stream '` + nasty + `' while adding an entry with length '262145' bytes`
	textOld  = `entry for stream '` + nasty + `' has timestamp too old: 2026-11-15T06:42:50Z, oldest acceptable timestamp is: 2026-11-16T06:43:07Z`
	textNew  = `entry for stream '` + nasty + `' has timestamp too new: 2026-11-23T06:53:50Z`
	textMeta = `stream '` + nasty + `' has structured metadata too large: '66561' bytes, limit: '65536' bytes. Please see ` +
		"`limits_config.max_structured_metadata_size`" + ` or contact your Loki administrator to increase it`
	textMany = `stream '` + nasty + `' has too many structured metadata labels: '129', limit: '128'. Please see ` +
		"`limits_config.max_structured_metadata_entries_count`" + ` or contact your Loki administrator to increase it`
	textOff = `stream '` + nasty + `' includes structured metadata, but this feature is disallowed. Please see ` +
		"`limits_config.allow_structured_metadata`" + ` or contact your Loki administrator to enable it`
	textBehind = "entry with timestamp 2026-11-23 04:42:50.241880022 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: " +
		"2026-11-23T04:42:50Z, oldest acceptable timestamp is: 2026-11-23T05:42:41Z',\n" +
		"entry with timestamp 2026-11-23 04:42:51 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: " +
		"2026-11-23T04:42:51Z, oldest acceptable timestamp is: 2026-11-23T05:42:41Z',\n" +
		"user 'fake', total ignored: 15 out of 17 for stream: " + nasty
)

func unix(s string) int64 {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func TestParseRefusal(t *testing.T) {
	f := func(text string, want refusal) {
		t.Helper()
		for _, as := range []string{text, text + "\n", "rpc error: code = Code(400) desc = " + text} {
			got := parseRefusal(as)
			for i := range got.items {
				got.items[i].text = "" // tested below
			}
			for i := range got.ignored {
				got.ignored[i].text = ""
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q\n got %+v\nwant %+v", as, got, want)
			}
		}
	}
	items := func(all ...item) refusal { return refusal{items: all} }
	long := item{n: 1, reason: ReasonLineTooLong, length: 262145}
	old := item{n: 1, reason: ReasonTooOld, second: unix("2026-11-15T06:42:50Z"), cutoff: unix("2026-11-16T06:43:07Z")}
	tooNew := item{n: 1, reason: ReasonTooNew, second: unix("2026-11-23T06:53:50Z")}
	times := func(n int, it item) item { it.n = n; return it }

	if got := parseRefusal(""); !reflect.DeepEqual(got, refusal{}) {
		t.Errorf("nothing: %+v", got)
	}
	f("snappy: corrupt input", refusal{unread: true})
	f("17 errors", refusal{unread: true})
	f(textLong, items(long))
	f(textOld, items(old))
	f(textNew, items(tooNew))
	f(textMeta, items(item{n: 1, reason: ReasonMetadata, bytes: 66561}))
	f(textMany, items(item{n: 1, reason: ReasonMetadata, pairs: 129}))
	f(textOff, items(item{n: 1, reason: ReasonMetadata}))
	f("2 errors like: "+textLong, items(times(2, long)))
	f("1 errors like: "+textLong+"; 3 errors like: "+textOff+"; 2 errors like: "+textNew+"; 1 errors like: "+textOld,
		items(long, item{n: 3, reason: ReasonMetadata}, times(2, tooNew), old))
	f(textNew+"; something new; "+textOld, refusal{items: []item{tooNew}, unread: true}) // reading ends at what is unknown
	f(textOld[:len(textOld)-3], refusal{unread: true})                                   // cut off
	f(`max entry size '10' bytes exceeded for stream '{a="b}' while`, refusal{unread: true})

	labels := refusal{all: true, reason: ReasonLabels}
	f(`couldn't parse labels: 1:4: parse error: unexpected "="`, labels)
	f(`entry for stream '`+nasty+`' has 16 label names; limit 15`, labels)
	f(`stream '`+nasty+`' has label value too long: 'x; y'`, labels)
	f(`stream '`+nasty+`' has label name too long: 'xxx'`, labels)
	f(`stream '`+nasty+`' has duplicate label name: 'job'`, labels)
	f("error at least one label pair is required per stream", labels)
	f(`missing required labels 'team' for user 'a' for stream '`+nasty+`' (policy: '')`, labels)
	for _, s := range []string{"multiple org IDs present", "tenant ID 'a/b' contains unsupported character '/'", "tenant ID is '.' or '..'", "tenant ID is too long: max 150 characters"} {
		f(s, refusal{all: true, reason: ReasonTenant})
	}
	f("label name is empty", refusal{reason: ReasonMetadata})
	f(`normalization for label name "-" resulted in invalid name "_"`, refusal{reason: ReasonMetadata})
	f("failed to create stream: no schema config found for time 1577836799", refusal{reason: ReasonTooOld})

	cutoff := unix("2026-11-23T05:42:41Z") * 1e9
	f(textBehind, refusal{total: 15, outOf: 17, listed: 2, ignored: []ignored{
		{time: unix("2026-11-23T04:42:50Z")*1e9 + 241880022, reason: ReasonTooFarBehind, cutoff: cutoff},
		{time: unix("2026-11-23T04:42:51Z") * 1e9, reason: ReasonTooFarBehind, cutoff: cutoff},
	}})
	// Another zone; out of order; a rate limit among them, which passes; cut off.
	f("entry with timestamp 2026-11-23 05:42:51.5 +0100 CET ignored, reason: 'entry out of order',\n"+
		"entry with timestamp 2026-11-23 04:42:51 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while …',\n"+
		"entry with timestamp 2026-11-23 04:42:",
		refusal{listed: 3, ignored: []ignored{{time: unix("2026-11-23T04:42:51Z")*1e9 + 5e8, reason: ReasonOutOfOrder}}})
}

func TestParseRefusalTexts(t *testing.T) {
	got := parseRefusal("1 errors like: " + textLong + "; 1 errors like: " + textNew)
	if len(got.items) != 2 || got.items[0].text != textLong || got.items[1].text != textNew {
		t.Errorf("texts %+v", got.items)
	}
	if text := parseRefusal(textBehind).ignored[0].text; text != "entry too far behind, entry timestamp is: 2026-11-23T04:42:50Z, oldest acceptable timestamp is: 2026-11-23T05:42:41Z" {
		t.Errorf("text %q", text)
	}
}

// FuzzParseRefusal: no text makes the parser panic, and what it finds in a
// piece is in the piece, each entry once.
func FuzzParseRefusal(f *testing.F) {
	for _, s := range []string{textLong, textOld, textNew, textMeta, textMany, textOff, textBehind, "2 errors like: " + textOff + "; 1 errors like: " + textOld} {
		f.Add(s)
	}
	b := batchOf(lines(set("job", "a"), 30, time.Unix(unix("2026-11-23T04:42:45Z"), 0), time.Second))
	b.chain()
	f.Fuzz(func(t *testing.T, text string) {
		seen := make(map[int32]bool)
		for _, l := range b.match(piece{0, b.entries(0)}, parseRefusal(text), text) {
			if seen[l.ref] || l.ref < 0 || int(l.ref) >= b.Len() || l.reason >= numReasons {
				t.Fatalf("%q: found %+v", text, l)
			}
			seen[l.ref] = true
		}
	})
}

// FuzzParseLabelsInText: whatever a label value holds, the text after the
// stream is read.
func FuzzParseLabelsInText(f *testing.F) {
	f.Add(`'; 3 errors like: stream '{a="b"}`)
	f.Add("\"\\\n\x00\xff")
	f.Fuzz(func(t *testing.T, value string) {
		stream := "{job=" + strconv.Quote(value) + ", service_name=" + strconv.Quote(value) + "}"
		long := fmt.Sprintf("max entry size '5' bytes exceeded for stream '%s' while adding an entry with length '77' bytes", stream)
		off := fmt.Sprintf("stream '%s' includes structured metadata, but this feature is disallowed. Please see `x` or contact your Loki administrator to enable it", stream)
		got := parseRefusal("4 errors like: " + off + "; 2 errors like: " + long)
		if len(got.items) != 2 || got.items[0].n != 4 || got.items[1].n != 2 || got.items[1].length != 77 {
			t.Errorf("value %q: %+v", value, got)
		}
	})
}

// TestMatch: which of ten entries, one second apart from 04:42:50, are taken
// for refused. Entry i has a line of 100+i bytes and i%3 pieces of metadata.
func TestMatch(t *testing.T) {
	from := time.Unix(unix("2026-11-23T04:42:50Z"), 0)
	l := set("job", "a")
	var all []entry.Entry
	for i := range 10 {
		all = append(all, entry.Entry{
			Time: from.Add(time.Duration(i) * time.Second).UnixNano(), Labels: l, Line: strings.Repeat("x", 100+i),
			Meta: []entry.Pair{{Name: "detected_level", Value: "info"}, {Name: "k", Value: strings.Repeat("v", i)}}[:i%3],
		})
	}
	b := batchOf(all)
	b.chain()
	f := func(text string, want string) {
		t.Helper()
		var got []int32
		for _, x := range b.match(piece{0, b.entries(0)}, parseRefusal(text), text) {
			got = append(got, x.ref)
		}
		slices.Sort(got)
		if s := strings.Trim(fmt.Sprint(got), "[]"); s != want {
			t.Errorf("%q\n got %s\nwant %s", text, s, want)
		}
	}
	long := func(n int) string {
		return fmt.Sprintf(`max entry size '5' bytes exceeded for stream '{a="b"}' while adding an entry with length '%d' bytes`, n)
	}
	old := func(at, cutoff string) string {
		return `entry for stream '{a="b"}' has timestamp too old: ` + at + `, oldest acceptable timestamp is: ` + cutoff
	}
	tooNew := func(at string) string { return `entry for stream '{a="b"}' has timestamp too new: ` + at }
	behind := func(total int, cutoff string, at ...string) string {
		var s string
		for _, a := range at {
			s += "entry with timestamp 2026-11-23 " + a + " +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: x, oldest acceptable timestamp is: " + cutoff + "',\n"
		}
		return s + fmt.Sprintf(`user 'fake', total ignored: %d out of 10 for stream: {a="b"}`, total)
	}
	f("whatever", "")
	f("couldn't parse labels", "0 1 2 3 4 5 6 7 8 9")

	f(long(103), "3")
	f(long(99), "")                    // no such entry
	f("2 errors like: "+long(103), "") // not as many as there are
	f("1 errors like: "+long(103)+"; 1 errors like: "+long(105), "3 5")

	f(old("2026-11-23T04:42:50Z", "2026-11-23T04:42:53Z"), "0 1 2") // all that is older than the limit
	f(old("2026-11-23T04:42:53Z", "2026-11-23T04:42:53Z"), "0 1 2 3")
	f(old("2026-11-23T04:42:53Z", "2026-11-23T04:42:53Z")+"; 1 errors like: "+long(100), "0 1 2 3") // too old is checked first
	f(tooNew("2026-11-23T04:42:58Z"), "8")
	f("1 errors like: "+tooNew("2026-11-23T04:42:58Z")+"; 1 errors like: "+tooNew("2026-11-23T04:42:59Z"), "8 9")
	f(tooNew("2027-01-01T00:00:00Z"), "")

	f("6 errors like: "+textOff, "1 2 4 5 7 8")
	f("3 errors like: "+strings.ReplaceAll(textMany, "129", "2"), "2 5 8")
	f(strings.ReplaceAll(textMeta, "66561", "6"), "5") // detected_level does not count: 1 + 5 of k

	f(behind(2, "2026-11-23T05:00:00Z", "04:42:51", "04:42:53"), "1 3")
	f(behind(1, "2026-11-23T05:00:00Z", "04:42:50"), "0")
	f(behind(4, "2026-11-23T05:00:00Z", "04:42:50", "04:42:51"), "0 1 2 3") // more than are listed
	f(behind(99, "2026-11-23T04:42:55Z", "04:42:50"), "0 1 2 3 4 5")        // none beyond the limit
	f(behind(1, "2026-11-23T05:00:00Z", "04:42:50.5"), "")                  // none of ours
	f(behind(0, "2026-11-23T05:00:00Z", "04:42:57"), "7")                   // the number is cut off
}
