package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// Health is whether the server can do its work.
type Health struct {
	Status   string `json:"status" enum:"ok,error"`
	Database string `json:"database" enum:"ok,error"`
	Storage  string `json:"storage" enum:"ok,error"`
}

// Storage is how full the place of the archives is.
type Storage struct {
	Total       int64  `json:"total" doc:"Bytes"`
	Used        int64  `json:"used"`
	Free        int64  `json:"free"`
	UsedPercent int    `json:"used_percent"`
	Status      string `json:"status" enum:"mount,error"`
}

// TokenState is what a customer may know of a ticket.
type TokenState struct {
	Token    string `json:"token"`
	Attempts int    `json:"attempts"`
	Resolved bool   `json:"resolved"`
}

// checkTime bounds a check: what does not answer is ill.
const checkTime = 5 * time.Second

type healthAnswer struct {
	Status int
	Body   Health
}

func (a *API) checkRoutes() {
	huma.Register(a.huma, open(operation(http.MethodGet, "/check/health/", "check_health", tagCheck, "Whether database and storage answer", http.StatusOK), 503),
		func(ctx context.Context, _ *struct{}) (*healthAnswer, error) { return a.health(ctx), nil })
	huma.Register(a.huma, operation(http.MethodGet, "/check/storage/", "check_storage", tagCheck, "How full the storage is", http.StatusOK),
		func(ctx context.Context, _ *struct{}) (*struct{ Body Storage }, error) {
			return &struct{ Body Storage }{a.storage(ctx)}, nil
		})
	op := open(operation(http.MethodGet, "/check/token/", "check_token_info", tagCheck, "Says where to put the token", http.StatusSeeOther))
	huma.Register(a.huma, op, func(context.Context, *struct{}) (*struct{ Body *Error }, error) {
		return &struct{ Body *Error }{fail(http.StatusSeeOther, "to find out the status of the token, place it in the URL")}, nil
	})
	huma.Register(a.huma, throttled(open(operation(http.MethodGet, "/check/token/{token}", "check_token", tagCheck, "What a token still admits", http.StatusOK), 404), throttleToken),
		func(ctx context.Context, in *struct {
			Token string `path:"token"`
		},
		) (*struct{ Body TokenState }, error) {
			t, err := a.Tickets.TokenTicket(ctx, in.Token)
			switch {
			case errors.Is(err, tickets.ErrTokenInvalid):
				return nil, fail(http.StatusNotFound, "Not found.")
			case err != nil:
				return nil, a.refuse(ctx, err)
			}
			attempts := t.Attempts
			if !t.ExpiresAt.IsZero() && !time.Now().Before(t.ExpiresAt) {
				attempts = 0
			}
			return &struct{ Body TokenState }{TokenState{in.Token, attempts, t.Resolved}}, nil
		})
}

// healthEvery is how long an answer is good: anybody may ask, and the storage is
// written to for it.
const healthEvery = time.Second

func (a *API) health(ctx context.Context) *healthAnswer {
	a.checking.Lock()
	defer a.checking.Unlock()
	if a.healthy == nil || time.Since(a.checked) >= healthEvery {
		// For others too, whoever hangs up.
		a.healthy, a.checked = a.check(context.WithoutCancel(ctx)), time.Now()
	}
	return a.healthy
}

func (a *API) check(ctx context.Context) *healthAnswer {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	h := &healthAnswer{http.StatusOK, Health{"ok", "ok", "ok"}}
	if err := a.DB.Ping(ctx); err != nil {
		a.Log.ErrorContext(ctx, "health: the database does not answer", "error", err)
		h.Status, h.Body.Status, h.Body.Database = http.StatusServiceUnavailable, "error", "error"
	}
	if _, _, _, err := a.Usage(ctx); err != nil {
		a.Log.ErrorContext(ctx, "health: the storage does not answer", "error", err)
		h.Status, h.Body.Status, h.Body.Storage = http.StatusServiceUnavailable, "error", "error"
	}
	return h
}

// storage is the original's answer without what it told of an error.
func (a *API) storage(ctx context.Context) Storage {
	total, used, free, err := a.Usage(ctx)
	if err != nil {
		a.Log.ErrorContext(ctx, "the storage does not answer", "error", err)
		return Storage{Status: "error"}
	}
	s := Storage{Total: total, Used: used, Free: free, Status: "mount"}
	if total > 0 {
		s.UsedPercent = int(math.Round(float64(used) / float64(total) * 100))
	}
	return s
}

// writeError is refuse where huma does not write the answer.
func (a *API) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	if !errors.As(a.refuse(r.Context(), err), &e) {
		e = fail(http.StatusInternalServerError, "Internal server error.")
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="api"`)
		if guard.From(r.Context()).BadToken {
			e = fail(http.StatusUnauthorized, "Given token not valid for any token type")
			e.Code = "token_not_valid"
		}
	}
	body, _ := json.Marshal(e)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.status)
	_, _ = w.Write(body)
}
