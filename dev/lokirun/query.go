package lokirun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Directions of Query.
const (
	Forward  = "forward"  // oldest first
	Backward = "backward" // newest first
)

// Entry is one stored line.
type Entry struct {
	Time time.Time // UTC, to the nanosecond
	Line string
	// Labels are the stream's. Loki adds service_name when it was not sent.
	Labels map[string]string
	// Metadata is the entry's structured metadata. Loki adds detected_level when it was not sent.
	Metadata map[string]string
	// Parsed holds what the query itself extracted (| logfmt, | json …); nil without such a stage.
	Parsed map[string]string
}

// pageSize is in entries: Loki's default max_entries_limit_per_query, so that paging works with that limit on.
const pageSize = 5000

// Query returns the entries with from ≤ time < to, at most limit of them; limit 0 means all, however many.
// dir is Forward or Backward. The order among entries of the same nanosecond is Loki's and not defined.
func (l *Server) Query(ctx context.Context, logql string, from, to time.Time, limit int, dir string) ([]Entry, error) {
	if dir != Forward && dir != Backward {
		return nil, fmt.Errorf("direction %q, want %q or %q", dir, Forward, Backward)
	}
	if limit > 0 {
		return l.queryPage(ctx, logql, from.UnixNano(), to.UnixNano(), limit, dir)
	}
	all, err := l.queryAll(ctx, logql, from.UnixNano(), to.UnixNano(), pageSize)
	if dir == Backward {
		slices.Reverse(all)
	}
	return all, err
}

// queryAll pages forward through [from, to), in Unix nanoseconds.
//
// A page that is full may end in the middle of a nanosecond, and a page can't start in the middle of one. So the last
// nanosecond of a full page is taken off and the next page starts with it; where one nanosecond fills a whole page,
// the page is made larger.
func (l *Server) queryAll(ctx context.Context, logql string, from, to int64, size int) ([]Entry, error) {
	var all []Entry
	for n := size; from < to; {
		page, err := l.queryPage(ctx, logql, from, to, n, Forward)
		if err != nil {
			return nil, err
		}
		if len(page) < n {
			return append(all, page...), nil
		}
		last := page[len(page)-1].Time
		whole := slices.IndexFunc(page, func(e Entry) bool { return e.Time.Equal(last) })
		if whole == 0 {
			n *= 2
			continue
		}
		all = append(all, page[:whole]...)
		from, n = last.UnixNano(), size
	}
	return all, nil
}

// queryPage is one call of query_range, sorted by time. from and to are in Unix nanoseconds.
func (l *Server) queryPage(ctx context.Context, logql string, from, to int64, limit int, dir string) ([]Entry, error) {
	params := url.Values{
		"query":     {logql},
		"start":     {strconv.FormatInt(from, 10)},
		"end":       {strconv.FormatInt(to, 10)},
		"limit":     {strconv.Itoa(limit)},
		"direction": {dir},
	}
	var streams []stream
	if err := l.ask(ctx, "/loki/api/v1/query_range", params, "streams", &streams); err != nil {
		return nil, err
	}
	var entries []Entry
	for _, s := range streams {
		for _, v := range s.Values {
			v.Labels = s.Labels
			entries = append(entries, Entry(v))
		}
	}
	// Loki groups by stream; each group is in order already.
	slices.SortStableFunc(entries, func(a, b Entry) int {
		if dir == Backward {
			return b.Time.Compare(a.Time)
		}
		return a.Time.Compare(b.Time)
	})
	return entries, nil
}

// stream is an element of a "streams" result with the flag categorize-labels.
type stream struct {
	Labels map[string]string `json:"stream"`
	Values []value           `json:"values"`
}

// value is ["nanoseconds", "line", {"structuredMetadata": {…}, "parsed": {…}}]; the third element may be missing.
type value Entry

func (v *value) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) < 2 {
		return errors.New("entry without time and line")
	}
	var nanos string
	var extra struct {
		StructuredMetadata map[string]string `json:"structuredMetadata"`
		Parsed             map[string]string `json:"parsed"`
	}
	err := errors.Join(json.Unmarshal(parts[0], &nanos), json.Unmarshal(parts[1], &v.Line))
	if len(parts) > 2 {
		err = errors.Join(err, json.Unmarshal(parts[2], &extra))
	}
	if err != nil {
		return err
	}
	ns, err := strconv.ParseInt(nanos, 10, 64)
	v.Time, v.Metadata, v.Parsed = time.Unix(0, ns).UTC(), extra.StructuredMetadata, extra.Parsed
	return err
}
