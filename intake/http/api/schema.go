package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed try/try.html
var tryPage []byte

//go:embed try/try.js
var tryScript []byte

//go:embed try/try.css
var tryStyle []byte

// tryCSP is that of the page to try the API: its own files, and calls to here.
const tryCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// schemaRoutes serve the document, and a page to try what is in it, that asks
// nothing of another site.
func (a *API) schemaRoutes(mux *http.ServeMux) {
	op := open(operation(http.MethodGet, "/schema/", "schema", tagCheck, "This document", http.StatusOK))
	op.Parameters = []*huma.Param{{Name: "version", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"3.1", "3.0"}}, Description: "Of OpenAPI; 3.0 is for tools that are not there yet"}}
	op.Responses = map[string]*huma.Response{"200": {Description: "OpenAPI", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}}}}
	a.huma.OpenAPI().AddOperation(&op)
	doc := sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) })
	old := sync.OnceValues(func() ([]byte, error) {
		data, err := a.huma.OpenAPI().Downgrade()
		return bytes.ReplaceAll(data, []byte(`"contentMediaType":"application/octet-stream",`), nil), err // 3.0 has it not
	})
	mux.HandleFunc("GET /api/v1/schema/{$}", func(w http.ResponseWriter, r *http.Request) {
		data, err := doc()
		kind := "application/vnd.oai.openapi+json;version=3.1"
		if strings.HasPrefix(r.URL.Query().Get("version"), "3.0") {
			data, err = old()
			kind = "application/vnd.oai.openapi+json;version=3.0"
		}
		if err != nil {
			a.writeError(w, r, err)
			return
		}
		if !strings.Contains(r.Header.Get("Accept"), "vnd.oai.openapi") {
			kind = "application/json"
		}
		send(w, kind, data)
	})
	mux.HandleFunc("GET /api/v1/schema/swagger/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", tryCSP)
		send(w, "text/html; charset=utf-8", tryPage)
	})
	mux.HandleFunc("GET /api/v1/schema/swagger/try.js", func(w http.ResponseWriter, _ *http.Request) {
		send(w, "text/javascript; charset=utf-8", tryScript)
	})
	mux.HandleFunc("GET /api/v1/schema/swagger/try.css", func(w http.ResponseWriter, _ *http.Request) {
		send(w, "text/css; charset=utf-8", tryStyle)
	})
}

func send(w http.ResponseWriter, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(data)
}
