package config

import (
	"slices"
	"strings"
)

// Header is one HTTP header sent with every push.
type Header struct {
	Name  string
	Value Secret // headers carry tokens
}

// ownHeaders are set by the client itself, with what to use instead.
var ownHeaders = map[string]string{
	"content-type":      "leave it out: it follows from compress",
	"content-encoding":  "leave it out: it follows from compress",
	"content-length":    "leave it out",
	"transfer-encoding": "leave it out",
	"connection":        "leave it out",
	"host":              "leave it out: it follows from url",
	"x-scope-orgid":     "write tenant_id",
}

// headerCure shows how a header is written.
const headerCure = "write Name: value"

// parseHeader reads "Name: value", or "Name value" as Fluent Bit's own outputs
// take it. The value is not repeated in errors.
func parseHeader(s string) (Header, *Error) {
	i := strings.IndexAny(s, ": \t")
	if i <= 0 {
		return Header{}, badValue(headerCure, "no header name and value")
	}
	name, value := s[:i], strings.TrimSpace(s[i+1:])
	if s[i] != ':' {
		// "Name : value"
		value = strings.TrimSpace(strings.TrimPrefix(value, ":"))
	}
	switch cure, own := ownHeaders[strings.ToLower(name)]; {
	case own:
		return Header{}, badValue(cure, "header %q is set by the plugin itself", name)
	case !isToken(name):
		return Header{}, badValue(headerCure, "%q is no header name", name)
	case value == "":
		return Header{}, badValue(headerCure, "header %q has no value", name)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return Header{}, badValue("", "the value of header %q has control characters", name)
	}
	return Header{Name: name, Value: NewSecret(value)}, nil
}

// isToken reports whether s can name a header (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	})
}

// hasHeader reports whether a header of that name is among hs.
func hasHeader(hs []Header, name string) bool {
	return slices.ContainsFunc(hs, func(h Header) bool { return strings.EqualFold(h.Name, name) })
}
