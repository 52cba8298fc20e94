package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Error is what went wrong, as the original words it: `{"detail": "…"}`, or a
// list of sentences for each field that is wrong.
type Error struct {
	status int
	Detail string
	Code   string
	Fields map[string][]string
}

func fail(status int, detail string) *Error { return &Error{status: status, Detail: detail} }

func wrongField(name, text string) *Error {
	return &Error{status: http.StatusBadRequest, Fields: map[string][]string{name: {text}}}
}

// Error says it for logs.
func (e *Error) Error() string {
	if e.Detail != "" {
		return e.Detail
	}
	body, _ := json.Marshal(e.Fields)
	return string(body)
}

// GetStatus is the answer of HTTP.
func (e *Error) GetStatus() int { return e.status }

// ContentType is plain JSON, not that of RFC 9457.
func (e *Error) ContentType(string) string { return "application/json" }

// MarshalJSON writes it.
func (e *Error) MarshalJSON() ([]byte, error) {
	m := map[string]any{}
	for k, v := range e.Fields {
		m[k] = v
	}
	if e.Detail != "" {
		m["detail"] = e.Detail
	}
	if e.Code != "" {
		m["code"] = e.Code
	}
	return json.Marshal(m)
}

// Schema describes it.
func (e *Error) Schema(r huma.Registry) *huma.Schema {
	r.Map()["Error"] = &huma.Schema{
		Type: huma.TypeObject, Description: "What went wrong: a sentence, or for each wrong field a list of them.",
		Properties: map[string]*huma.Schema{
			"detail": {Type: huma.TypeString, Description: "a sentence"},
			"code":   {Type: huma.TypeString, Description: "token_not_valid, where a token is none"},
		},
		AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}
	return &huma.Schema{Ref: "#/components/schemas/Error"}
}

var _ huma.SchemaProvider = (*Error)(nil)

// huma makes its own errors by a variable of its package: what a body or a
// parameter lacks is 400 here, as in the original, not 422.
func init() {
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		if status == http.StatusUnprocessableEntity {
			status = http.StatusBadRequest
		}
		e := &Error{status: status, Detail: msg}
		for _, err := range errs {
			var d *huma.ErrorDetail
			if !errors.As(err, &d) {
				continue
			}
			where, name, _ := strings.Cut(d.Location, ".")
			if where == "path" { // nothing can have such an address
				return fail(http.StatusNotFound, "Not found.")
			}
			if name == "" {
				if where == "body" {
					e.Detail = "JSON parse error - " + d.Message
				}
				continue
			}
			if e.Fields == nil {
				e.Fields, e.Detail = map[string][]string{}, ""
			}
			e.Fields[name] = append(e.Fields[name], d.Message)
		}
		return e
	}
}

// schemaOf describes a type of ours that is written in another form.
func schemaOf(v any, r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeOf(v), true, "") }
