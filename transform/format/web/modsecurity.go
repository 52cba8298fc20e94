package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// modSecurity reads a message of ModSecurity in nginx's error_log (libmodsecurity
// 3, src/rule_message.cc), with the client before it since 3.0.6:
//
//	[client 192.0.2.7] ModSecurity: Access denied with code 403 (phase 2). Matched "Operator `Ge' … [id "949110"] [msg "…"] … [ref ""], client: …
//
// It quotes operators and what the client sent, cut in the middle: quotes do not
// tell where nginx's pairs begin, the tags that end the message do.
func modSecurity(in *format.Input, d *format.Draft, s string) bool {
	text, client := s, ""
	if rest, ok := strings.CutPrefix(s, "[client "); ok {
		client, text, _ = strings.Cut(rest, "] ")
	}
	text, ok := strings.CutPrefix(text, "ModSecurity: ")
	if !ok {
		return false
	}
	d.Set(format.FieldComponent, "modsecurity")
	d.Set(format.FieldAction, "match")
	if strings.HasPrefix(text, "Access denied ") {
		d.Set(format.FieldOutcome, "rejected")
	}
	tags := text
	if i := strings.Index(text, ` [file "`); i >= 0 {
		tags = text[i:]
	}
	d.Set(format.FieldReason, scan.ShortText(scan.ValueOf(tags, ` [msg "`, `"`)))
	if i := strings.LastIndex(tags, ` [unique_id "`); i >= 0 {
		if j := strings.Index(tags[i:], "], client: "); j >= 0 {
			nginxPairs(in, d, tags[i+j+1:])
		}
	}
	if client != "" {
		setClientPort(in, d, client, false)
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(text))
	}
	return true
}
