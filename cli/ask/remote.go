package ask

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/loki"
)

// remote asks a Loki.
func remote(ctx context.Context, c *loki.Client, p engine.Params) (*engine.Result, error) {
	path, q := "/loki/api/v1/query_range", url.Values{"query": {p.Query}}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Direction == engine.Forward {
		q.Set("direction", "forward")
	}
	if p.Instant {
		path = "/loki/api/v1/query"
		q.Set("time", strconv.FormatInt(p.End, 10))
	} else {
		q.Set("start", strconv.FormatInt(p.Start, 10))
		q.Set("end", strconv.FormatInt(p.End, 10))
		q.Set("step", strconv.FormatFloat(p.Step.Seconds(), 'f', -1, 64))
	}
	body, err := c.Get(ctx, path, q)
	if err != nil {
		return nil, err
	}
	r, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("what Loki answers is no answer to a query: %w", err)
	}
	return r, nil
}

// answer is what Loki's API gives.
type answer struct {
	Data struct {
		ResultType engine.Type
		Result     json.RawMessage
	}
}

type labels map[string]string

func (l labels) pairs() []entry.Pair {
	all := make([]entry.Pair, 0, len(l))
	for name, value := range l {
		all = append(all, entry.Pair{Name: name, Value: value})
	}
	slices.SortFunc(all, func(a, b entry.Pair) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// decode reads an answer of Loki's API.
func decode(body []byte) (*engine.Result, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, err
	}
	r := &engine.Result{Type: a.Data.ResultType}
	var err error
	switch r.Type {
	case engine.Streams:
		r.Streams, err = decodeStreams(a.Data.Result)
	case engine.Vector, engine.Matrix:
		r.Series, err = decodeSeries(a.Data.Result)
	case engine.Scalar:
		r.Scalar, err = decodePoint(a.Data.Result)
	default:
		err = fmt.Errorf("result of type %q, want streams, vector, matrix or scalar", r.Type)
	}
	return r, err
}

func decodeStreams(raw json.RawMessage) (all []engine.Stream, err error) {
	var in []struct {
		Stream labels
		Values [][]json.RawMessage
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	for _, s := range in {
		for _, v := range s.Values {
			if len(v) < 2 {
				return nil, fmt.Errorf("an entry of %d values, want time and line", len(v))
			}
			var at, line string
			var more struct {
				StructuredMetadata labels
				Parsed             labels
			}
			err := cmp.Or(json.Unmarshal(v[0], &at), json.Unmarshal(v[1], &line))
			if err == nil && len(v) > 2 {
				err = json.Unmarshal(v[2], &more)
			}
			ns, err2 := strconv.ParseInt(at, 10, 64)
			if err = cmp.Or(err, err2); err != nil {
				return nil, err
			}
			st := engine.Stream{
				Labels: s.Stream.pairs(), Meta: more.StructuredMetadata.pairs(), Parsed: more.Parsed.pairs(),
				Entries: []engine.Line{{Time: ns, Text: line}},
			}
			st.All = slices.Concat(st.Labels, st.Meta, st.Parsed)
			slices.SortFunc(st.All, func(a, b entry.Pair) int { return cmp.Compare(a.Name, b.Name) })
			all = append(all, st)
		}
	}
	return all, nil
}

func decodeSeries(raw json.RawMessage) (all []engine.Series, err error) {
	var in []struct {
		Metric labels
		Value  json.RawMessage
		Values []json.RawMessage
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	for _, s := range in {
		if s.Value != nil {
			s.Values = append(s.Values, s.Value)
		}
		out := engine.Series{Labels: s.Metric.pairs()}
		for _, v := range s.Values {
			p, err := decodePoint(v)
			if err != nil {
				return nil, err
			}
			out.Points = append(out.Points, p)
		}
		all = append(all, out)
	}
	return all, nil
}

func decodePoint(raw json.RawMessage) (p engine.Point, err error) {
	var at float64
	var value string
	if err = json.Unmarshal(raw, &[]any{&at, &value}); err != nil {
		return p, err
	}
	p.Time = int64(math.Round(at * 1000))
	p.Value, err = strconv.ParseFloat(value, 64)
	return p, err
}
