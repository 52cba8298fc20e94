package logql

import "fmt"

// ParseError is a query that cannot be understood, in Loki's words.
type ParseError struct {
	Line, Col int // 1-based; line 0 where Loki says so, both 0 for no place
	Msg       string
}

// Error returns the message with its place.
func (e *ParseError) Error() string {
	if e.Line == 0 && e.Col == 0 {
		return "parse error : " + e.Msg
	}
	return fmt.Sprintf("parse error at line %d, col %d: %s", e.Line, e.Col, e.Msg)
}
