package lokiapi

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
)

// marshal writes JSON as Loki does: <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func writeJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // who went away needs no answer
}

// minGzip is in bytes: shorter bodies are sent as they are.
const minGzip = 4 << 10

// writeBody sends a body, packed if the client likes that.
func writeBody(w http.ResponseWriter, r *http.Request, body []byte) {
	if len(body) < minGzip || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = w.Write(body) // who went away needs no answer
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is one
	_, _ = z.Write(body)
	_ = z.Close()
}

// success is the envelope of most answers; Data is left out if there is none,
// as Loki does for labels.
type success struct {
	Status string   `json:"status"`
	Data   []string `json:"data,omitempty"`
}

// streams returns the labels of the streams that a request asks for.
func (a *API) streams(r *http.Request, since time.Duration) ([]*entry.Labels, error) {
	from, to, err := a.span(r, since)
	if err != nil {
		return nil, err
	}
	m, err := selector(r.Form.Get("query"), true)
	if err != nil {
		return nil, err
	}
	return a.o.Store.Streams(m, from, to), nil
}

func (a *API) labels(r *http.Request) ([]byte, error) {
	list, err := a.streams(r, labelsSince)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, l := range list {
		for _, p := range l.Pairs {
			names[p.Name] = true
		}
	}
	return marshal(success{"success", slices.Sorted(maps.Keys(names))})
}

func (a *API) labelValues(r *http.Request) ([]byte, error) {
	list, err := a.streams(r, labelsSince)
	if err != nil {
		return nil, err
	}
	name := r.PathValue("name")
	values := map[string]bool{}
	for _, l := range list {
		if v := l.Get(name); v != "" {
			values[v] = true
		}
	}
	return marshal(success{"success", slices.Sorted(maps.Keys(values))})
}

// series answers with the streams that match any of match[].
func (a *API) series(r *http.Request) ([]byte, error) {
	from, to, err := a.span(r, labelsSince)
	if err != nil {
		return nil, err
	}
	groups := append(slices.Clone(r.Form["match[]"]), r.Form["match"]...)
	if len(groups) == 0 {
		groups = []string{"{}"}
	}
	seen := map[string]bool{}
	found := []map[string]string{}
	for _, text := range groups {
		m, err := selector(text, true)
		if err != nil {
			return nil, err
		}
		for _, l := range a.o.Store.Streams(m, from, to) {
			if !seen[l.Text] {
				seen[l.Text] = true
				found = append(found, labelMap(l.Pairs))
			}
		}
	}
	return marshal(map[string]any{"status": "success", "data": found})
}

func labelMap(pairs []entry.Pair) map[string]string {
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		m[p.Name] = p.Value
	}
	return m
}

// querySelector reads the matchers of a request that needs a query.
func querySelector(r *http.Request) ([]*logql.Matcher, error) {
	return selector(r.Form.Get("query"), false)
}

func (a *API) indexStats(r *http.Request) ([]byte, error) {
	from, to, err := a.span(r, defaultSince)
	if err != nil {
		return nil, err
	}
	m, err := querySelector(r)
	if err != nil {
		return nil, err
	}
	sizes, err := a.o.Store.Sizes(r.Context(), m, from, to)
	if err != nil {
		return nil, err
	}
	var sum struct {
		Streams int64 `json:"streams"`
		Chunks  int64 `json:"chunks"`
		Bytes   int64 `json:"bytes"`
		Entries int64 `json:"entries"`
	}
	for _, s := range sizes {
		sum.Streams++
		sum.Chunks += s.Blocks
		sum.Bytes += s.Bytes
		sum.Entries += s.Entries
	}
	return marshal(sum)
}

// volumes are bytes by what they are grouped by, the largest first.
type volume struct {
	labels map[string]string
	key    string
	bytes  int64
}

// volumeQuery is the parameters of both volume questions.
type volumeQuery struct {
	matchers []*logql.Matcher
	targets  []string // labels to group by; nil for those of the matchers
	byLabel  bool     // group by the names of labels, not by values
	limit    int
}

func parseVolume(r *http.Request) (q volumeQuery, err error) {
	if q.matchers, err = querySelector(r); err != nil {
		return q, err
	}
	if q.limit, err = limit(r, "limit", defaultLimit); err != nil {
		return q, err
	}
	if t := r.Form.Get("targetLabels"); t != "" {
		q.targets = strings.Split(t, ",")
	}
	switch by := r.Form.Get("aggregateBy"); by {
	case "", "series":
	case "labels":
		q.byLabel = true
	default:
		return q, badf("invalid aggregation option")
	}
	return q, nil
}

// volumes sums up a range.
func (a *API) volumes(r *http.Request, q *volumeQuery, from, to int64) ([]volume, error) {
	sizes, err := a.o.Store.Sizes(r.Context(), q.matchers, from, to)
	if err != nil {
		return nil, err
	}
	sums := map[string]*volume{}
	add := func(pairs []entry.Pair, n int64) {
		key := ""
		for _, p := range pairs {
			key += strconv.Quote(p.Name) + strconv.Quote(p.Value)
		}
		v := sums[key]
		if v == nil {
			v = &volume{labels: labelMap(pairs), key: key}
			sums[key] = v
		}
		v.bytes += n
	}
	for _, s := range sizes {
		group, ok := q.group(s.Labels)
		switch {
		case !ok:
		case q.byLabel:
			for _, p := range group {
				add([]entry.Pair{{Name: p.Name}}, s.Bytes)
			}
		default:
			add(group, s.Bytes)
		}
	}
	list := make([]volume, 0, len(sums))
	for _, v := range sums {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b volume) int { return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.key, b.key)) })
	return list[:min(len(list), q.limit)], nil
}

// group is the labels that a stream counts for; none if it lacks one.
func (q *volumeQuery) group(l *entry.Labels) (group []entry.Pair, ok bool) {
	switch {
	case q.targets != nil:
		for _, name := range q.targets {
			v := l.Get(name)
			if v == "" {
				return nil, false
			}
			group = append(group, entry.Pair{Name: name, Value: v})
		}
	case q.byLabel || len(q.matchers) == 0:
		return l.Pairs, true
	default:
		for _, m := range q.matchers {
			p := entry.Pair{Name: m.Name, Value: l.Get(m.Name)}
			if p.Value != "" && !slices.Contains(group, p) {
				group = append(group, p)
			}
		}
	}
	return group, true
}

func (a *API) volume(r *http.Request) ([]byte, error) {
	from, to, err := a.span(r, defaultSince)
	if err != nil {
		return nil, err
	}
	q, err := parseVolume(r)
	if err != nil {
		return nil, err
	}
	list, err := a.volumes(r, &q, from, to)
	if err != nil {
		return nil, err
	}
	type sample struct {
		Metric map[string]string `json:"metric"`
		Value  [2]any            `json:"value"`
	}
	result := []sample{}
	for _, v := range list {
		result = append(result, sample{v.labels, [2]any{seconds(time.Unix(0, to)), strconv.FormatInt(v.bytes, 10)}})
	}
	return data("vector", result)
}

func data(kind string, result any) ([]byte, error) {
	return marshal(map[string]any{"status": "success", "data": map[string]any{"resultType": kind, "result": result, "stats": map[string]any{}}})
}

// volumeRange sums up step by step; a sum stands at the end of its step.
func (a *API) volumeRange(r *http.Request) ([]byte, error) {
	start, end, err := a.bounds(r, defaultSince)
	if err != nil {
		return nil, err
	}
	by, err := step(r, start, end)
	if err != nil {
		return nil, err
	}
	if int64(end.Sub(start)/by) > 11000 {
		return nil, badf("exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter")
	}
	q, err := parseVolume(r)
	if err != nil {
		return nil, err
	}
	type row struct {
		Metric map[string]string `json:"metric"`
		Values [][2]any          `json:"values"`
	}
	rows := map[string]*row{}
	for at := start; at.Before(end); at = at.Add(by) {
		to := at.Add(by)
		if to.After(end) {
			to = end
		}
		list, err := a.volumes(r, &q, at.UnixNano(), to.UnixNano())
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			if rows[v.key] == nil {
				rows[v.key] = &row{Metric: v.labels}
			}
			rows[v.key].Values = append(rows[v.key].Values, [2]any{seconds(to), strconv.FormatInt(v.bytes, 10)})
		}
	}
	result := []*row{}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		result = append(result, rows[key])
	}
	return data("matrix", result)
}
