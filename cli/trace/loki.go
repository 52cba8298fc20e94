package trace

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// How far back Loki is asked without --since: a message-id names one mail, all
// else may name many.
const (
	lookBack   = 24 * time.Hour
	lookBackID = 7 * 24 * time.Hour
)

// batch is how many message-ids one query asks for: they stand in the address,
// of which proxies take some 8 KB (nginx, large_client_header_buffers).
const batch = 80

// around is how far from the lines that were found the others of a mail are
// looked for: a session of smtpd before, the mailstore after.
const around = time.Hour

// loki finds the mails in Loki. The plugin gives every line of a mail its
// message-id, so these are found first, then the lines around that have them,
// and at last, of mails that still wait, what came later. So Loki reads the time
// that is asked for twice, and days only for the few that waited.
func (t *tracer) loki(ctx context.Context) error {
	until := t.o.Until
	if until.IsZero() {
		until = t.now
	}
	since := t.o.Since
	if since.IsZero() {
		since = until.Add(-lookBack)
		if t.o.Query.Kind == mailcase.ByMessageID {
			since = until.Add(-lookBackID)
		}
	}
	a := &asker{t: t, labels: map[string]*entry.Labels{}}
	events, err := a.ask(ctx, t.o.Selector+" | "+t.condition(), since, until)
	if err != nil {
		return err
	}
	q := t.o.Query
	if q.Kind == mailcase.ByMessageID {
		return t.fromLoki(q, events)
	}
	ids := named(&q, events)
	events = slices.DeleteFunc(events, func(e *mailcase.Event) bool { return e.Get("message_id") != "" })
	more, err := a.byID(ctx, ids, func(some []span) (from, to time.Time) {
		return time.Unix(0, some[0].first).Add(-around), minTime(time.Unix(0, latest(some)).Add(around), t.now)
	})
	if err != nil {
		return err
	}
	late, err := a.byID(ctx, waiting(ids, more), func(some []span) (from, to time.Time) {
		to = time.Unix(0, latest(some))
		return to, minTime(to.Add(lifetime), t.now)
	})
	if err != nil {
		return err
	}
	return t.fromLoki(q, unique(append(events, append(more, late...)...)))
}

// span is a message-id and the times of the lines that were found with it, ns.
type span struct {
	id          string
	first, last int64
}

func latest(some []span) int64 {
	last := some[0].last
	for _, s := range some {
		last = max(last, s.last)
	}
	return last
}

// named keeps the message-ids of the events that match, in order of time.
func named(q *mailcase.Query, events []*mailcase.Event) (ids []span) {
	q.IDs = map[string]bool{}
	at := map[string]int{}
	for _, e := range events {
		id := cmp.Or(e.Get("original_message_id"), e.Get("message_id"))
		if id == "" || !q.Matches(e) {
			continue
		}
		i, ok := at[id]
		if !ok {
			i = len(ids)
			at[id], q.IDs[id] = i, true
			ids = append(ids, span{id, e.Time, e.Time})
		}
		ids[i].first, ids[i].last = min(ids[i].first, e.Time), max(ids[i].last, e.Time)
	}
	slices.SortStableFunc(ids, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	return ids
}

// waiting are the mails that are still in a queue at the end of their lines.
func waiting(ids []span, events []*mailcase.Event) (left []span) {
	open := map[string]map[string]bool{} // queue ids by message-id
	last := map[string]int64{}
	for _, e := range events {
		id := cmp.Or(e.Get("original_message_id"), e.Get("message_id"))
		last[id] = max(last[id], e.Time)
		k := e.Host() + "/" + e.Get("queue_id")
		switch {
		case e.Get("queue_id") == "" || e.Labels.Get("service_name") != "postfix":
		case e.Get("action") == "removed":
			delete(open[id], k)
		case e.Get("action") == "queue" || e.Get("outcome") == "deferred":
			if open[id] == nil {
				open[id] = map[string]bool{}
			}
			open[id][k] = true
		}
	}
	for _, s := range ids {
		if len(open[s.id]) > 0 {
			left = append(left, span{s.id, s.first, max(last[s.id], s.last)})
		}
	}
	slices.SortStableFunc(left, func(a, b span) int { return cmp.Compare(a.last, b.last) })
	return left
}

// byID asks for the lines with the message-ids, batch by batch, within what
// between says of each.
func (a *asker) byID(ctx context.Context, ids []span, between func([]span) (from, to time.Time)) (all []*mailcase.Event, err error) {
	for some := range slices.Chunk(ids, batch) {
		names := make([]string, len(some))
		for i, s := range some {
			names[i] = s.id
		}
		from, to := between(some)
		got, err := a.ask(ctx, a.t.o.Selector+" | "+idCondition(names), from, to)
		if err != nil {
			return nil, err
		}
		all = append(all, got...)
	}
	return all, nil
}

// unique drops what two queries have answered with.
func unique(events []*mailcase.Event) []*mailcase.Event {
	type key struct {
		at     int64
		labels *entry.Labels
		line   string
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(events, func(e *mailcase.Event) bool {
		k := key{e.Time, e.Labels, e.Line}
		again := seen[k]
		seen[k] = true
		return again
	})
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// fromLoki tells the mails of events that Loki has answered with.
func (t *tracer) fromLoki(q mailcase.Query, events []*mailcase.Event) error {
	slices.SortStableFunc(events, func(a, b *mailcase.Event) int { return cmp.Compare(a.Time, b.Time) })
	var found []*mailcase.Case
	cases := mailcase.NewCases(q, t.o.Memory, func(c *mailcase.Case) {
		if !t.keeps(c) {
			return
		}
		if t.o.Limit > 0 && len(found) >= t.o.Limit {
			t.more++
			return
		}
		found = append(found, c)
	})
	for _, e := range events {
		cases.Add(e)
	}
	cases.Finish()
	return t.tell(found, cases)
}

// cim reports whether Loki holds the names of the Common Information Model.
func (t *tracer) cim() bool { return t.o.Config.FieldNames == format.NamesCIM }

// condition is the query as a filter of LogQL. The names of users and
// message-ids are the same in every set.
func (t *tracer) condition() string {
	q, name := &t.o.Query, func(name string) string { return name }
	if t.cim() {
		name = format.CIMName
	}
	among := strconv.Quote("(?i)(.*,)?" + regexp.QuoteMeta(q.Value) + "(,.*)?")
	switch q.Kind {
	case mailcase.ByMessageID:
		return idCondition([]string{q.Value})
	case mailcase.ByQueueID:
		return name("queue_id") + "=" + strconv.Quote(q.Value)
	case mailcase.ByClient:
		if strings.Contains(q.Value, "/") {
			return "client_ip=ip(" + strconv.Quote(q.Value) + ")"
		}
		return "client_ip=" + strconv.Quote(q.Value)
	case mailcase.ByDomain:
		among = strconv.Quote("(?i)(.*,)?[^,]*@([^,]*\\.)?" + regexp.QuoteMeta(q.Value) + "(,.*)?")
	case mailcase.ByUser:
		return `message_id!="" | user=~` + strconv.Quote("(?i)"+regexp.QuoteMeta(q.Value)+"(@.*)?")
	}
	any := fmt.Sprintf("%[1]s=~%[4]s or %[2]s=~%[4]s or %[3]s=~%[4]s or user=~%[4]s", name("from"), name("to"), name("orig_to"), among)
	if q.Kind == mailcase.ByAddress {
		any += " or message_id=" + strconv.Quote("<"+q.Value+">")
	}
	return any
}

// idCondition finds mails and the notifications about them.
func idCondition(ids []string) string {
	if len(ids) == 1 {
		id := strconv.Quote(ids[0])
		return "message_id=" + id + " or original_message_id=" + id
	}
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = regexp.QuoteMeta(id)
	}
	any := strconv.Quote(strings.Join(quoted, "|"))
	return "message_id=~" + any + " or original_message_id=~" + any
}

// asker asks Loki and makes events of what it answers.
type asker struct {
	t      *tracer
	labels map[string]*entry.Labels // by their JSON
}

// page is Loki's max_entries_limit_per_query, unless it is set otherwise.
const page = 5000

// ask returns all entries of a query. A full page may end amid the entries of
// one instant; the next one begins with that instant.
func (a *asker) ask(ctx context.Context, query string, since, until time.Time) (all []*mailcase.Event, err error) {
	from, to := since.UnixNano(), until.UnixNano()+1
	for from < to {
		got, err := a.page(ctx, query, from, to)
		if err != nil {
			return nil, err
		}
		if len(got) < page {
			return append(all, got...), nil
		}
		last := got[len(got)-1].Time
		whole := slices.IndexFunc(got, func(e *mailcase.Event) bool { return e.Time == last })
		if whole == 0 {
			return nil, fmt.Errorf("more than %d entries of one instant in Loki for %s; narrow --since and --until", page, query)
		}
		all = append(all, got[:whole]...)
		from = last
	}
	return all, nil
}

func (a *asker) page(ctx context.Context, query string, from, to int64) (list []*mailcase.Event, err error) {
	body, err := a.t.o.Loki.Get(ctx, "/loki/api/v1/query_range", url.Values{
		"query": {query}, "direction": {"forward"},
		"start": {strconv.FormatInt(from, 10)}, "end": {strconv.FormatInt(to, 10)}, "limit": {strconv.Itoa(page)},
	})
	if err != nil {
		return nil, err
	}
	return a.events(body)
}

// events reads an answer of Loki.
func (a *asker) events(body []byte) (list []*mailcase.Event, err error) {
	var answer struct {
		Data struct {
			Result []struct {
				Stream map[string]string   `json:"stream"`
				Values [][]json.RawMessage `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("what Loki answers is not understood: %w", err)
	}
	for _, s := range answer.Data.Result {
		labels := a.intern(s.Stream)
		for _, v := range s.Values {
			e, err := event(labels, v)
			if err != nil {
				return nil, fmt.Errorf("what Loki answers is not understood: %w", err)
			}
			if a.t.cim() {
				format.FromCIM(e.Meta)
			}
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b *mailcase.Event) int { return cmp.Compare(a.Time, b.Time) })
	return list, nil
}

func (a *asker) intern(stream map[string]string) *entry.Labels {
	pairs := sorted(stream)
	var key strings.Builder
	for _, p := range pairs {
		fmt.Fprintf(&key, "%s=%q,", p.Name, p.Value)
	}
	l := a.labels[key.String()]
	if l == nil {
		l = &entry.Labels{Pairs: pairs, Text: "{" + strings.TrimSuffix(key.String(), ",") + "}"}
		a.labels[key.String()] = l
	}
	return l
}

func sorted(m map[string]string) []entry.Pair {
	var pairs []entry.Pair
	for name, value := range m {
		pairs = append(pairs, entry.Pair{Name: name, Value: value})
	}
	slices.SortFunc(pairs, func(a, b entry.Pair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// event reads ["nanoseconds", "line", {"structuredMetadata": {…}}]; the third
// may be missing.
func event(labels *entry.Labels, v []json.RawMessage) (*mailcase.Event, error) {
	if len(v) < 2 {
		return nil, errors.New("an entry without time and line")
	}
	e := &mailcase.Event{Labels: labels}
	var ns string
	var more struct {
		Metadata map[string]string `json:"structuredMetadata"`
	}
	err := errors.Join(json.Unmarshal(v[0], &ns), json.Unmarshal(v[1], &e.Line))
	if len(v) > 2 {
		err = errors.Join(err, json.Unmarshal(v[2], &more))
	}
	if err != nil {
		return nil, err
	}
	e.Meta = sorted(more.Metadata)
	e.Time, err = strconv.ParseInt(ns, 10, 64)
	return e, err
}
