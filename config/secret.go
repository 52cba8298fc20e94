package config

import (
	"fmt"
	"log/slog"
)

// mask is what a secret prints as.
const mask = "***"

// Secret is a value that must not be seen in a log: a password, a token, the
// value of a header. Whatever prints it (fmt with any verb, JSON, slog) prints
// ***, or nothing if there is no value; only Reveal gives the value away.
//
// The text is held by pointer: fmt reaches a Secret in an unexported field of
// another struct by reflection, without calling its methods, and then prints an
// address.
type Secret struct {
	text *string
}

// NewSecret hides s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{text: &s}
}

// Reveal returns the hidden value, "" if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.text != nil }

// String returns ***, or "" if there is no value.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return mask
}

// Format prints what String returns, for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) {
	// An error here is the caller's writer failing; fmt has no way to say so.
	_, _ = f.Write([]byte(s.String()))
}

// MarshalText returns what String returns; encoding/json and others call it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
