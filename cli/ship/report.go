package ship

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
)

// summary writes what arrived, by source, and returns the sum. It counts all
// runs of the position file.
func (r *runner) summary(lanes []*rotation.Lane, interrupted bool) (sum tally) {
	w := r.o.Stdout
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "source\tlines\tentries\tunparsed\tlate\trefused\tfrom\tto")
	var rows []row
	for _, l := range lanes {
		for _, s := range l.Sources {
			n := r.state.tally(s)
			sum.add(&n)
			rows = append(rows, row{s.Name, len(s.Parts), n})
		}
	}
	for _, x := range shown(rows) {
		r.row(t, x.name, &x.tally)
	}
	if len(rows) > 1 {
		r.row(t, "all", &sum)
	}
	t.Flush() //nolint:errcheck // as for any output
	r.apart(w, &sum)
	r.leftOut(w)
	r.ended(w, "line", "lines", interrupted)
	r.link(w, &sum)
	return sum
}

// apart says of which entries not all is as of the others.
func (r *runner) apart(w io.Writer, sum *tally) {
	if sum.Outside > 0 {
		fmt.Fprintf(w, "%s outside of --since and --until\n", say.Count(sum.Outside, "entry is", "entries are"))
	}
	if sum.Late > 0 {
		fmt.Fprintf(w, "%s late, as Loki has newer ones of the same stream: look into streams with late=\"true\"\n", say.Count(sum.Late, "entry was", "entries were"))
	}
	if sum.Refused > 0 {
		fmt.Fprintf(w, "%s refused by Loki and kept in %s\n", say.Count(sum.Refused, "entry was", "entries were"), orOff(r.o.Config.DeadLetterPath))
	}
}

// ended says how this run ended and what it has sent.
func (r *runner) ended(w io.Writer, one, many string, interrupted bool) {
	took := time.Since(r.began).Round(time.Second / 10)
	switch {
	case interrupted:
		fmt.Fprintf(w, "interrupted after %s; the same command goes on from here (position: %s)\n", took, r.o.State)
	case r.bar.count.Load() == 0:
		fmt.Fprintf(w, "nothing was left to ship: it was delivered before (position: %s; --restart ships it again)\n", r.o.State)
	default:
		fmt.Fprintf(w, "%s, %s in %s\n", say.Count(r.bar.count.Load(), one, many), say.Size(r.bar.bytes.Load()), took)
	}
}

func orOff(path string) string {
	if path == "" {
		return "no file: dead_letter_path is off"
	}
	return path
}

func (r *runner) row(w io.Writer, name string, n *tally) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", terminal.Safe(name), say.Number(n.Lines), say.Number(n.Entries), say.Number(n.Unparsed), say.Number(n.Late), say.Number(n.Refused),
		r.time(n.First), r.time(n.Last))
}

func (r *runner) time(ns int64) string {
	if ns == 0 {
		return "-"
	}
	return time.Unix(0, ns).In(r.o.Config.Location).Format("2006-01-02 15:04:05")
}

// leftOut names again what was skipped or cut short.
func (r *runner) leftOut(w io.Writer) {
	left := r.notices.Left()
	if len(left) == 0 {
		return
	}
	fmt.Fprintf(w, "not shipped, or not to the end (%d):\n", len(left))
	for _, n := range left[:min(len(left), maxLeft)] {
		fmt.Fprintf(w, "  %s: %s\n", terminal.Safe(n.Path), n.Text)
	}
	if more := len(left) - maxLeft; more > 0 {
		fmt.Fprintf(w, "  and %s more, said above\n", say.Number(int64(more)))
	}
}

// link writes where the entries can be looked at. The default range of Grafana,
// the last hour, would show nothing of an archive.
func (r *runner) link(w io.Writer, sum *tally) {
	if sum.First == 0 {
		return
	}
	expr := r.selector()
	if r.o.Grafana == "" {
		fmt.Fprintf(w, "query: %s from %s to %s\n", expr, r.time(sum.First), r.time(sum.Last))
		return
	}
	fmt.Fprintln(w, ExploreLink(r.o.Grafana, r.o.Datasource, expr, sum.First, sum.Last))
}

// selector selects what was sent: by the labels that the user gave, which are
// there for this, else by job.
func (r *runner) selector() string {
	var by []string
	for _, p := range r.o.Config.Labels {
		if p.Value != "" {
			by = append(by, p.Name+"="+strconv.Quote(p.Value))
		}
	}
	if len(by) > 0 {
		return "{" + strings.Join(by, ", ") + "}"
	}
	r.jobs.mu.Lock()
	defer r.jobs.mu.Unlock()
	names := []string{}
	for j := range r.jobs.set {
		names = append(names, j)
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return `{job=~".+"}`
	case 1:
		return "{job=" + strconv.Quote(names[0]) + "}"
	}
	return "{job=~" + strconv.Quote(strings.Join(names, "|")) + "}"
}

// ExploreLink is the address of a query in Grafana's Explore: as schemaVersion
// and panes for Grafana 10.2 and later, and as left for those before, which know
// no panes and would show an empty question. Without a queryType it would have no
// picture of the volume.
func ExploreLink(base, datasource, expr string, from, to int64) string {
	type object = map[string]any
	pane := object{
		"datasource": datasource,
		"queries":    []object{{"refId": "A", "expr": expr, "queryType": "range", "datasource": object{"type": "loki", "uid": datasource}}},
		"range": object{
			"from": strconv.FormatInt(from/1e6, 10),
			"to":   strconv.FormatInt(to/1e6+1, 10), // the end is exclusive
		},
	}
	data, _ := json.Marshal(object{"z": pane}) //nolint:errchkjson // texts only
	left, _ := json.Marshal(pane)              //nolint:errchkjson // the same
	v := url.Values{"schemaVersion": {"1"}, "panes": {string(data)}, "left": {string(left)}, "orgId": {"1"}}
	return strings.TrimSuffix(base, "/") + "/explore?" + v.Encode()
}

// tally returns what is counted of a source.
func (s *state) tally(src *rotation.Source) tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.Sources[src.Name]; h != nil {
		return h.Tally
	}
	return tally{}
}
