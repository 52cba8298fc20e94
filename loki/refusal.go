package loki

import (
	"strconv"
	"strings"
	"time"
)

// refusal is what the text of a 400 says about the entries that Loki refused.
// The push held one stream, so the stream it names needs no looking at.
type refusal struct {
	all     bool      // every entry, for reason
	reason  Reason    // if all, or for what cannot be told apart
	ignored []ignored // the late entries in the ingester's list
	listed  int       // entries in that list, at most 10
	total   int       // entries that should be in it, 0 if not said
	outOf   int       // entries that came to the ingester, 0 if not said
	items   []item    // the distributor's list
	unread  bool      // the distributor's list goes on in words that are not known
}

// covers reports whether a refusal speaks of exactly n of the entries of a
// push of size entries: then Loki has stored the others.
func (r *refusal) covers(n, size int) bool {
	if r.all {
		return n == size
	}
	if r.listed > 0 {
		// One ingester error hides what the distributor refused before, whose
		// entries are missing in outOf.
		return n == r.total && r.outOf == size
	}
	sum := 0
	for _, it := range r.items {
		sum += it.n
	}
	return n == sum && !r.unread
}

// ignored is one entry that came too late for its stream.
type ignored struct {
	time   int64 // ns
	reason Reason
	cutoff int64  // oldest acceptable time in ns, cut to the second; 0: not said
	text   string // Loki's reason
}

// item is n entries that were refused for one reason. Loki names none of them,
// but what they have in common.
type item struct {
	n      int
	reason Reason
	second int64 // Unix time of the entries (ReasonTooOld, ReasonTooNew)
	cutoff int64 // oldest acceptable Unix time, cut to the second (ReasonTooOld)
	length int   // of the line, in bytes (ReasonLineTooLong)
	bytes  int   // of the metadata (ReasonMetadata)
	pairs  int   // of the metadata (ReasonMetadata)
	text   string
}

// parseRefusal reads the text of a 400 of Loki v3 (and v2, whose texts are the
// same where it knows them). A text that is not understood yields a zero
// refusal.
func parseRefusal(text string) refusal {
	text = strings.TrimSpace(text)
	if rest, ok := cutAfter(text, "rpc error: ", " desc = "); ok {
		text = rest
	}
	switch {
	case strings.HasPrefix(text, "entry with timestamp "):
		return parseIgnored(text)
	case strings.HasPrefix(text, "couldn't parse labels"),
		strings.HasPrefix(text, "error parsing labels "),
		strings.HasPrefix(text, "missing required labels "):
		return refusal{all: true, reason: ReasonLabels}
	case strings.HasPrefix(text, "tenant ID "), strings.HasPrefix(text, "multiple org IDs "):
		return refusal{all: true, reason: ReasonTenant}
	case strings.HasPrefix(text, "label name is empty"), strings.HasPrefix(text, "normalization for label name"):
		return refusal{reason: ReasonMetadata}
	case strings.Contains(text, "no schema config found for time"):
		return refusal{reason: ReasonTooOld}
	}
	return parseItems(text)
}

// parseIgnored reads the ingester's list (v3.7.8 pkg/ingester/stream.go,
// errorForFailedEntries):
//
//	entry with timestamp 2026-11-23 04:42:50.24 +0000 UTC ignored, reason: '…',
//	user 'fake', total ignored: 15 out of 17 for stream: {job="a"}
func parseIgnored(text string) (r refusal) {
	for line := range strings.SplitSeq(text, "\n") {
		rest, ok := strings.CutPrefix(line, "entry with timestamp ")
		if !ok {
			if _, count, ok := strings.Cut(line, "total ignored: "); ok {
				r.total, count = leadingInt(count)
				r.outOf, _ = leadingInt(strings.TrimPrefix(count, " out of "))
			}
			continue
		}
		r.listed++
		stamp, why, ok := strings.Cut(rest, " ignored, reason: '")
		if !ok {
			continue
		}
		t, ok := parseStamp(stamp)
		if !ok {
			continue
		}
		g := ignored{time: t, text: strings.TrimSuffix(strings.TrimSuffix(why, ","), "'")}
		switch {
		case strings.HasPrefix(why, "entry too far behind"):
			g.reason = ReasonTooFarBehind
			_, cutoff, _ := strings.Cut(g.text, "oldest acceptable timestamp is: ")
			if t, err := time.Parse(time.RFC3339, cutoff); err == nil {
				g.cutoff = t.UnixNano()
			}
		case strings.HasPrefix(why, "entry out of order"):
			g.reason = ReasonOutOfOrder
		default:
			continue // a rate limit, which passes
		}
		r.ignored = append(r.ignored, g)
	}
	return r
}

// parseStamp reads a time as time.Time prints it.
func parseStamp(s string) (ns int64, ok bool) {
	f := strings.Fields(s)
	if len(f) < 3 {
		return 0, false
	}
	t, err := time.Parse("2006-01-02 15:04:05 -0700", f[0]+" "+f[1]+" "+f[2])
	if err != nil {
		return 0, false
	}
	return t.UnixNano(), true
}

// parseItems reads the distributor's list: texts of one entry or stream each
// (v3.7.8 pkg/validation/validate.go), joined by "; ". A text that stands for
// several entries, or beside others, begins with "N errors like: ". Reading
// ends at the first text that is not known.
func parseItems(text string) (r refusal) {
	for text != "" {
		it := item{n: 1}
		if n, rest := leadingInt(text); rest != text {
			if rest, ok := strings.CutPrefix(rest, " errors like: "); ok {
				it.n, text = n, rest
			}
		}
		rest, ok := parseItem(text, &it)
		if !ok {
			r.unread = true
			return r
		}
		it.text = text[:len(text)-len(rest)]
		if it.reason == ReasonLabels {
			return refusal{all: true, reason: ReasonLabels}
		}
		r.items = append(r.items, it)
		text = strings.TrimPrefix(rest, "; ")
	}
	return r
}

// parseItem reads one text into it and returns what follows.
func parseItem(text string, it *item) (rest string, ok bool) {
	if rest, ok := strings.CutPrefix(text, "max entry size '"); ok {
		it.reason = ReasonLineTooLong
		return parseLength(rest, it)
	}
	if rest, ok := strings.CutPrefix(text, "entry for stream '"); ok {
		if rest, ok = skipLabels(rest); !ok {
			return text, false
		}
		return parseEntryItem(rest, it)
	}
	if rest, ok := strings.CutPrefix(text, "stream '"); ok {
		if rest, ok = skipLabels(rest); !ok {
			return text, false
		}
		return parseStreamItem(rest, it)
	}
	if rest, ok := strings.CutPrefix(text, "error at least one label pair is required per stream"); ok {
		it.reason = ReasonLabels
		return rest, true
	}
	return text, false
}

// parseLength reads what follows "max entry size '": 262144' bytes exceeded
// for stream '{…}' while adding an entry with length '262145' bytes.
func parseLength(s string, it *item) (rest string, ok bool) {
	if _, s, ok = strings.Cut(s, " bytes exceeded for stream '"); !ok {
		return s, false
	}
	if s, ok = skipLabels(s); !ok {
		return s, false
	}
	if s, ok = strings.CutPrefix(s, "' while adding an entry with length '"); !ok {
		return s, false
	}
	it.length, s = leadingInt(s)
	return strings.CutPrefix(s, "' bytes")
}

// parseEntryItem reads what follows "entry for stream '{…}".
func parseEntryItem(s string, it *item) (rest string, ok bool) {
	if rest, ok := strings.CutPrefix(s, "' has timestamp too old: "); ok {
		it.reason = ReasonTooOld
		if it.second, rest, ok = leadingTime(rest); !ok {
			return s, false
		}
		if rest, ok = strings.CutPrefix(rest, ", oldest acceptable timestamp is: "); !ok {
			return s, false
		}
		it.cutoff, rest, ok = leadingTime(rest)
		return rest, ok
	}
	if rest, ok := strings.CutPrefix(s, "' has timestamp too new: "); ok {
		it.reason = ReasonTooNew
		it.second, rest, ok = leadingTime(rest)
		return rest, ok
	}
	it.reason = ReasonLabels // … has 16 label names; limit 15
	return "", strings.Contains(s, " label names; limit ")
}

// parseStreamItem reads what follows "stream '{…}".
func parseStreamItem(s string, it *item) (rest string, ok bool) {
	it.reason = ReasonMetadata
	if n, ok := strings.CutPrefix(s, "' has structured metadata too large: '"); ok {
		it.bytes, _ = leadingInt(n)
		return skipAdvice(s)
	}
	if n, ok := strings.CutPrefix(s, "' has too many structured metadata labels: '"); ok {
		it.pairs, _ = leadingInt(n)
		return skipAdvice(s)
	}
	if strings.HasPrefix(s, "' includes structured metadata, but this feature is disallowed.") {
		return skipAdvice(s)
	}
	// … has label name too long, label value too long, duplicate label name
	it.reason = ReasonLabels
	return "", strings.HasPrefix(s, "' has label ") || strings.HasPrefix(s, "' has duplicate label ")
}

// skipAdvice skips to the end of ", or contact your Loki administrator to …
// it", in whose sentences no user's text stands.
func skipAdvice(s string) (rest string, ok bool) {
	_, s, ok = strings.Cut(s, " your Loki administrator to ")
	if !ok {
		return s, false
	}
	if i := strings.Index(s, "; "); i >= 0 {
		return s[i:], true
	}
	return "", true
}

// skipLabels skips a label set in Loki's writing, {a="b", "c.d"="e"}, whose
// values are Go strings.
func skipLabels(s string) (rest string, ok bool) {
	if s, ok = strings.CutPrefix(s, "{"); !ok {
		return s, false
	}
	for {
		i := strings.IndexAny(s, `"}`)
		if i < 0 {
			return s, false
		}
		if s = s[i:]; s[0] == '}' {
			return s[1:], true
		}
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return s, false
		}
		s = s[len(quoted):]
	}
}

// leadingInt reads the digits that s begins with: 0 and s itself if none.
func leadingInt(s string) (n int, rest string) {
	i := 0
	for i < len(s) && i < 9 && '0' <= s[i] && s[i] <= '9' {
		n = 10*n + int(s[i]-'0')
		i++
	}
	return n, s[i:]
}

// leadingTime reads the RFC 3339 time that s begins with, as Unix time.
func leadingTime(s string) (unix int64, rest string, ok bool) {
	i := strings.IndexAny(s, ",; \n")
	if i < 0 {
		i = len(s)
	}
	t, err := time.Parse(time.RFC3339, s[:i])
	if err != nil {
		return 0, s, false
	}
	return t.Unix(), s[i:], true
}

// cutAfter returns what follows sep in a text that begins with prefix.
func cutAfter(text, prefix, sep string) (rest string, ok bool) {
	if !strings.HasPrefix(text, prefix) {
		return text, false
	}
	_, rest, ok = strings.Cut(text, sep)
	return rest, ok
}
