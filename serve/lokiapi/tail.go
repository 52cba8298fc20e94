package lokiapi

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// tail sends the entries of a log query over a websocket: those from start on,
// then those that come.
func (a *API) tail(w http.ResponseWriter, r *http.Request) {
	p, matchers, err := a.tailParams(r)
	if err != nil {
		status, text := statusOf(r.Context(), err)
		writeText(w, status, text)
		return
	}
	if r.Header.Get("Upgrade") == "" {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		// Browsers come through Grafana; who comes past it must come from here.
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	defer ws.CloseNow()              //nolint:errcheck // it may be closed already
	ctx := ws.CloseRead(r.Context()) // ends when the client goes
	a.counts.tails.Add(1)
	defer a.counts.tails.Add(-1)
	t := tailer{a: a, ws: ws, p: p, categorize: categorized(r)}
	sub := a.o.Store.Subscribe(matchers)
	defer sub.Close()
	if err := t.past(ctx); err != nil {
		_ = ws.Close(websocket.StatusInternalError, err.Error()[:min(len(err.Error()), 120)])
		return
	}
	t.follow(ctx, sub)
}

// maxDelay is Loki's bound of delay_for, in seconds.
const maxDelay = 5

func (a *API) tailParams(r *http.Request) (p engine.Params, matchers []*logql.Matcher, err error) {
	if err := r.ParseForm(); err != nil {
		return p, nil, badf("%v", err)
	}
	e, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return p, nil, badf("%v", err)
	}
	log, ok := e.(*logql.LogExpr)
	if !ok {
		return p, nil, badf("unsupported query expression: want log selector expression, got (%T)", e)
	}
	p = engine.Params{Query: r.Form.Get("query"), Direction: engine.Backward}
	if p.Limit, err = limit(r, "limit", defaultLimit); err != nil {
		return p, nil, err
	}
	start, err := parseTime(r.Form.Get("start"), a.o.Now().Add(-defaultSince))
	if err != nil {
		return p, nil, badf("could not parse 'start' parameter: %v", err)
	}
	if d := r.Form.Get("delay_for"); d != "" {
		if s, err := parseSeconds(d); err != nil || s < 0 || s > maxDelay*time.Second {
			return p, nil, badf("delay_for can't be greater than %d", maxDelay)
		}
	}
	p.Start = start.UnixNano()
	return p, log.Matchers, nil
}

type tailer struct {
	a          *API
	ws         *websocket.Conn
	p          engine.Params
	categorize bool
}

// past sends the last entries that are there.
func (t *tailer) past(ctx context.Context) error {
	p := t.p
	p.End = t.a.o.Now().UnixNano() + 1
	if p.End <= p.Start {
		return nil
	}
	res, err := t.a.engine.Query(ctx, p)
	if err != nil {
		return err
	}
	for i := range res.Streams {
		slices.Reverse(res.Streams[i].Entries) // oldest first
	}
	return t.send(ctx, res, nil)
}

// inOrder gives each entry a stream of its own, oldest first: who
// tails prints them as they come.
func inOrder(streams []engine.Stream) (cut []engine.Stream) {
	type place struct {
		stream int
		line   engine.Line
	}
	var all []place
	for i := range streams {
		for _, l := range streams[i].Entries {
			all = append(all, place{i, l})
		}
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.line.Time, b.line.Time) })
	for _, p := range all {
		s := streams[p.stream]
		s.Entries = []engine.Line{p.line}
		cut = append(cut, s)
	}
	return cut
}

// tailWrite bounds how long one message may take.
const tailWrite = 10 * time.Second

// dropped is one place in which entries were left out.
type dropped struct {
	Timestamp string            `json:"timestamp"`
	Labels    map[string]string `json:"labels"`
}

// send writes one message.
func (t *tailer) send(ctx context.Context, res *engine.Result, lost []dropped) error {
	if len(res.Streams) == 0 && len(lost) == 0 {
		return nil
	}
	streams, err := t.streams(res)
	if err != nil {
		return err
	}
	msg := map[string]any{"streams": streams}
	if t.categorize {
		msg["encodingFlags"] = []string{"categorize-labels"}
	}
	if len(lost) > 0 {
		msg["dropped_entries"] = lost
	}
	data, err := marshal(msg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tailWrite)
	defer cancel()
	return t.ws.Write(ctx, websocket.MessageText, data)
}

// streams are those of a message. Each is encoded alone: one answer would put
// together again what inOrder has cut.
func (t *tailer) streams(res *engine.Result) ([]json.RawMessage, error) {
	streams := []json.RawMessage{}
	for _, s := range inOrder(res.Streams) {
		var body struct {
			Result []json.RawMessage `json:"result"`
		}
		one := engine.Result{Type: res.Type, Streams: []engine.Stream{s}}
		if err := json.Unmarshal(one.AppendJSON(nil, t.categorize), &body); err != nil {
			return nil, err
		}
		streams = append(streams, body.Result...)
	}
	return streams, nil
}

// follow sends what comes until the client goes or the server ends.
func (t *tailer) follow(ctx context.Context, sub *store.Subscription) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.a.ending:
			_ = t.ws.Close(websocket.StatusGoingAway, "the server is stopped")
			return
		case n := <-sub.News:
			if err := t.news(ctx, sub, n); err != nil {
				return
			}
		}
	}
}

// news sends what has come, all that waits in one message.
func (t *tailer) news(ctx context.Context, sub *store.Subscription, n store.News) error {
	src := newsSource{n}
	for {
		select {
		case more := <-sub.News:
			src = append(src, more)
			if len(src) < cap(sub.News) {
				continue
			}
		default:
		}
		break
	}
	p := t.p
	p.Start, p.End, p.Limit, p.Direction = 0, math.MaxInt64, 0, engine.Forward
	res, err := engine.New(src, engine.Options{Timeout: t.a.o.Timeout}).Query(ctx, p)
	if err != nil {
		return err
	}
	var lost []dropped
	if sub.Lost() > 0 {
		lost = append(lost, dropped{time.Unix(0, n.Entries[0].Time).UTC().Format(time.RFC3339Nano), labelMap(n.Labels.Pairs)})
	}
	return t.send(ctx, res, lost)
}

// newsSource is entries that have just come.
type newsSource []store.News

// Ordered implements engine.Source.
func (newsSource) Ordered() bool { return false }

// Select implements engine.Source.
func (s newsSource) Select(_ context.Context, sel *engine.Selection, visit func(*entry.Entry) error) error {
	for _, n := range s {
		for i := range n.Entries {
			e := &n.Entries[i]
			if e.Time < sel.From || e.Time >= sel.To {
				continue
			}
			if err := visit(&entry.Entry{Time: e.Time, Labels: n.Labels, Line: e.Line, Meta: e.Meta}); err != nil {
				if err == engine.ErrStop { //nolint:errorlint // it is never wrapped
					return nil
				}
				return err
			}
		}
	}
	return nil
}
