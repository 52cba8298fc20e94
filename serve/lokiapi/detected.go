package lokiapi

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/logql/stage"
)

// detectedLabels tells the labels of streams, and how many values each has.
func (a *API) detectedLabels(r *http.Request) ([]byte, error) {
	list, err := a.streams(r, defaultSince)
	if err != nil {
		return nil, err
	}
	values := map[string]map[string]bool{}
	for _, l := range list {
		for _, p := range l.Pairs {
			if values[p.Name] == nil {
				values[p.Name] = map[string]bool{}
			}
			values[p.Name][p.Value] = true
		}
	}
	type label struct {
		Label       string `json:"label"`
		Cardinality int    `json:"cardinality"`
	}
	var out struct {
		DetectedLabels []label `json:"detectedLabels,omitempty"`
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out.DetectedLabels = append(out.DetectedLabels, label{name, len(values[name])})
	}
	return marshal(out)
}

// Defaults of Loki's detected fields: how many lines are looked at, how many
// fields are told.
const (
	defaultLineLimit  = 1000
	defaultFieldLimit = 1000
)

// field is one name that was found in metadata or in lines.
type field struct {
	Label       string   `json:"label"`
	Type        string   `json:"type"`
	Cardinality int      `json:"cardinality"`
	Parsers     []string `json:"parsers"`
	JSONPath    []string `json:"jsonPath,omitempty"`

	values map[string]bool
}

// detector finds fields.
type detector struct {
	fields map[string]*field
	limit  int
	json   stage.Stage
	logfmt stage.Stage
	labels stage.Labels
	pairs  []entry.Pair
}

// detect asks for lines and finds the fields of them.
func (a *API) detect(r *http.Request, max int) (*detector, error) {
	p, err := a.rangeParams(r)
	if err != nil {
		return nil, err
	}
	if p.Limit, err = limit(r, "line_limit", defaultLineLimit); err != nil {
		return nil, err
	}
	p.Limit = min(p.Limit, a.o.MaxEntries)
	e, err := logql.Parse(p.Query)
	if err != nil {
		return nil, badf("%v", err)
	}
	if _, ok := e.(*logql.LogExpr); !ok {
		return nil, badf("only log selector is supported")
	}
	res, err := a.engine.Query(r.Context(), p)
	if err != nil {
		return nil, err
	}
	d := &detector{fields: map[string]*field{}, limit: max, json: stage.NewJSON(), logfmt: stage.NewLogfmt(false, false)}
	for i := range res.Streams {
		d.stream(&res.Streams[i])
	}
	return d, nil
}

func (d *detector) stream(s *engine.Stream) {
	labels := &entry.Labels{Pairs: s.Labels}
	for _, line := range s.Entries {
		for _, p := range s.Meta {
			d.add(p, "")
		}
		for _, p := range s.Parsed {
			if p.Name != stage.ErrorLabel && p.Name != stage.DetailsLabel {
				d.add(p, d.parser(labels, line))
			}
		}
		parser := d.parser(labels, line)
		for _, p := range d.pairs {
			d.add(p, parser)
		}
	}
}

// parser parses a line as JSON, or else as logfmt; what is in it goes to
// d.pairs. "" is neither.
func (d *detector) parser(labels *entry.Labels, line engine.Line) string {
	d.pairs = d.pairs[:0]
	for _, try := range []struct {
		name  string
		stage stage.Stage
	}{{"json", d.json}, {"logfmt", d.logfmt}} {
		d.labels.Reset(labels, nil, line.Time)
		if _, ok := try.stage.Process(line.Text, &d.labels); ok && d.labels.Err() == "" {
			d.pairs = d.labels.AppendCategory(d.pairs, stage.Parsed)
			return try.name
		}
	}
	return ""
}

func (d *detector) add(p entry.Pair, parser string) {
	f := d.fields[p.Name]
	if f == nil {
		if len(d.fields) >= d.limit {
			return
		}
		f = &field{Label: strings.Clone(p.Name), values: map[string]bool{}}
		d.fields[f.Label] = f
	}
	f.Type = typeOf(p.Value)
	if !f.values[p.Value] {
		f.values[strings.Clone(p.Value)] = true
	}
	if parser != "" && !slices.Contains(f.Parsers, parser) {
		f.Parsers = append(f.Parsers, parser)
	}
}

// typeOf is what a value looks like, in Loki's words.
func typeOf(value string) string {
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return "int"
	}
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return "float"
	}
	if _, err := strconv.ParseBool(value); err == nil {
		return "boolean"
	}
	if _, err := time.ParseDuration(value); err == nil {
		return "duration"
	}
	if _, ok := logql.ParseBytes(value); ok {
		return "bytes"
	}
	return "string"
}

func (a *API) detectedFields(r *http.Request) ([]byte, error) {
	max, err := limit(r, "limit", defaultFieldLimit)
	if err != nil {
		return nil, err
	}
	r.Form.Del("limit") // of fields, not of lines
	d, err := a.detect(r, max)
	if err != nil {
		return nil, err
	}
	if len(d.fields) == 0 {
		return []byte("{}\n"), nil
	}
	list := slices.Collect(maps.Values(d.fields))
	for _, f := range list {
		f.Cardinality = len(f.values)
	}
	slices.SortFunc(list, func(a, b *field) int { return cmp.Compare(a.Label, b.Label) })
	return marshal(map[string]any{"fields": list, "limit": max})
}

// detectedValues tells the values of one field.
func (a *API) detectedValues(r *http.Request) ([]byte, error) {
	max, err := limit(r, "limit", defaultFieldLimit)
	if err != nil {
		return nil, err
	}
	r.Form.Del("limit")
	d, err := a.detect(r, 1<<30)
	if err != nil {
		return nil, err
	}
	f := d.fields[r.PathValue("name")]
	if f == nil {
		return []byte("{}\n"), nil
	}
	values := slices.Sorted(maps.Keys(f.values))
	return marshal(map[string]any{"values": values[:min(len(values), max)], "limit": max})
}
