package pages

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
)

// errorPages are the statuses that have texts of their own.
var errorPages = map[int]bool{400: true, 403: true, 404: true, 405: true, 409: true, 413: true, 423: true, 429: true, 500: true, 507: true}

type errorView struct {
	view
	Status            int
	Detail, RequestID string
}

// details are what a status means to programs, as the original words it.
var details = map[int]string{
	400: "Bad Request", 401: "Authentication credentials were not provided.", 403: "You do not have permission to perform this action.",
	404: "Not found.", 409: "Conflict.", 413: "Request entity too large.", 423: "Locked.", 429: "Request was throttled.", 500: "Internal server error.", 507: "Insufficient storage.",
}

// Fail writes an error: as JSON to the API, as a page to people.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, status int, detail string) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		if detail == "" {
			detail = details[status]
		}
		body, _ := json.Marshal(map[string]string{"detail": detail})
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(body)
		return
	}
	i := guard.From(r.Context())
	if !errorPages[status] {
		status = http.StatusInternalServerError
	}
	v := errorView{Status: status, Detail: detail, view: p.base(r, i, "", "error.title")}
	v.Width = "middle"
	if status >= 500 {
		v.RequestID = i.ID
	}
	if err := p.render(w, i, status, "error", v); err != nil {
		p.Log.ErrorContext(r.Context(), "the page of an error failed", "request", i.ID, "error", err)
		http.Error(w, http.StatusText(status), status)
	}
}
