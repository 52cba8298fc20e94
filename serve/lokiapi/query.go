package lokiapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/logql/engine"
	"github.com/zimbraloki/zimbraloki/serve/push"
)

// query answers an instant query.
func (a *API) query(r *http.Request) ([]byte, error) {
	at, err := parseTime(r.Form.Get("time"), a.o.Now())
	if err != nil {
		return nil, badf("%v", err)
	}
	n, err := limit(r, "limit", defaultLimit)
	if err != nil {
		return nil, err
	}
	dir, err := direction(r)
	if err != nil {
		return nil, err
	}
	ns := at.UnixNano()
	return a.ask(r, engine.Params{Query: r.Form.Get("query"), Start: ns, End: ns, Limit: n, Direction: dir, Instant: true})
}

// queryRange answers a query over a range.
func (a *API) queryRange(r *http.Request) ([]byte, error) {
	p, err := a.rangeParams(r)
	if err != nil {
		return nil, err
	}
	return a.ask(r, p)
}

func (a *API) rangeParams(r *http.Request) (p engine.Params, err error) {
	start, end, err := a.bounds(r, defaultSince)
	if err != nil {
		return p, err
	}
	if !end.After(start) && !end.Equal(start) {
		return p, badf("end timestamp must not be before or equal to start time")
	}
	p = engine.Params{Query: r.Form.Get("query"), Start: start.UnixNano(), End: end.UnixNano()}
	if p.Limit, err = limit(r, "limit", defaultLimit); err != nil {
		return p, err
	}
	if p.Direction, err = direction(r); err != nil {
		return p, err
	}
	if p.Step, err = step(r, start, end); err != nil {
		return p, err
	}
	if s := r.Form.Get("interval"); s != "" {
		if p.Interval, err = parseSeconds(s); err != nil {
			return p, err
		}
		if p.Interval < 0 {
			return p, badf("interval must be >= 0")
		}
	}
	if int64(end.Sub(start)/p.Step) > 11000 {
		return p, badf("exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter")
	}
	return p, nil
}

// ask puts a query to the engine.
func (a *API) ask(r *http.Request, p engine.Params) ([]byte, error) {
	if p.Limit > a.o.MaxEntries {
		if e, err := logql.Parse(p.Query); err == nil {
			if _, ok := e.(*logql.LogExpr); ok {
				return nil, badf("max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)", p.Limit, a.o.MaxEntries)
			}
		}
	}
	p.Categorize = categorized(r)
	res, err := a.engine.Query(r.Context(), p)
	if err != nil {
		return nil, err
	}
	body := append(make([]byte, 0, 64<<10), `{"status":"success","data":`...)
	return append(res.AppendJSON(body, p.Categorize), '}'), nil
}

// categorized reports whether the client wants metadata apart from labels.
func categorized(r *http.Request) bool {
	return r.Header.Get("X-Loki-Response-Encoding-Flags") == "categorize-labels"
}

// formatQuery writes a query as Loki would.
func (a *API) formatQuery(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	e, err := logql.Parse(r.FormValue("query"))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]string{"status": "invalid-query", "error": err.Error()})
		return
	}
	writeJSON(w, map[string]string{"status": "success", "data": logql.Pretty(e)})
}

// buildInfo says which Loki this is like, since Grafana chooses its questions
// by it, and who it is.
func (a *API) buildInfo(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	writeJSON(w, map[string]string{
		"version": "3.7.0", "revision": "zimbraloki " + a.o.Version, "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
	})
}

// drilldownLimits tells Grafana's Logs Drilldown what it may ask for: those of
// Loki's limits that hold here. There are no patterns.
func (a *API) drilldownLimits(*http.Request) ([]byte, error) {
	names := []string{}
	if a.o.Push.ServiceName {
		names = push.ServiceNames()
	}
	return json.Marshal(map[string]any{
		"limits": map[string]any{
			"discover_log_levels": a.o.Push.Level, "discover_service_name": names,
			"max_entries_limit_per_query": a.o.MaxEntries, "max_query_series": a.o.MaxSeries,
			"query_timeout": a.o.Timeout.String(), "retention_period": a.o.Push.MaxAge.String(), "volume_enabled": true,
		},
		"pattern_ingester_enabled": false, "version": "zimbraloki " + a.o.Version,
	})
}

// patterns are not looked for: the answer is as of a Loki without them.
func (a *API) patterns(r *http.Request) ([]byte, error) {
	if _, err := selector(r.Form.Get("query"), false); err != nil {
		return nil, err
	}
	if _, _, err := a.span(r, defaultSince); err != nil {
		return nil, err
	}
	return []byte(`{"status":"success","data":[]}`), nil
}

// seconds is a time as Prometheus' answers have it.
func seconds(t time.Time) int64 { return t.Unix() }
