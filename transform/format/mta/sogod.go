package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// SOGo is the format sogod.
var SOGo = format.Spec{
	Name:     "sogod",
	Doc:      "sogo.log, and by syslog",
	From:     "SOGo: /var/log/sogo/sogo.log, and by syslog",
	Log:      "sogo",
	Programs: []string{"sogod"},
	Message:  parseSOGo,
	Fixture:  format.Fixture{File: "sogod/lines.log", Path: "/var/log/sogo/sogo.log", Example: "Login from"},
	Question: `{service_name="sogod"} | action="Auth" | outcome="failure"`,
	Traps:    "A login that failed is said to have perhaps not worked, in these words; SOGo knows no better.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`successful login`; a request with 2xx or 3xx"},
		{Value: "failure", When: "a login that \"might not have worked\"; a request with 4xx or 5xx"},
	},
}

// parseSOGo reads "SOGoRootPage Login from 'ip' for user 'u' might not have
// worked - password policy: …" and "SOGoRootPage successful login from 'ip' for
// user 'u' …" (UI/MainUI/SOGoRootPage.m), its access lines, and "[ERROR]
// <0x0x1[Class]> text" of its objects (sope-core, NGLogger).
func parseSOGo(in *format.Input, d *format.Draft, s string) bool {
	if word, rest, ok := strings.Cut(s, "] "); ok && strings.HasPrefix(word, "[") && format.WordLevel(word[1:]) != format.LevelUnknown {
		d.Level = format.WordLevel(word[1:])
		s = rest
	}
	if who, rest, ok := strings.Cut(s, "> "); ok && strings.HasPrefix(who, "<0x") {
		if _, class, ok := strings.Cut(who, "["); ok {
			class, _, _ = strings.Cut(class, "]")
			class, _, _ = strings.Cut(class, ":")
			d.Set(format.FieldComponent, class)
		}
		s = rest
	} else if rest, ok := strings.CutPrefix(s, "SOGoRootPage "); ok {
		d.Set(format.FieldComponent, "SOGoRootPage")
		s = rest
	}
	if d.Level >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(s))
	}
	if sogoLogin(in, d, s) || sogoAccess(in, d, s) {
		return true
	}
	return d.Has(format.FieldComponent) || strings.HasPrefix(s, "version ") || d.Level != format.LevelInfo
}

// sogoLogin reads one login. The name is what the client sent; it ends at the
// text that SOGo puts behind it.
func sogoLogin(in *format.Input, d *format.Draft, s string) bool {
	rest, failed := strings.CutPrefix(s, "Login from '")
	if !failed {
		var ok bool
		if rest, ok = strings.CutPrefix(s, "successful login from '"); !ok {
			return false
		}
	}
	ip, user, ok := strings.Cut(rest, "' for user '")
	if !ok {
		return false
	}
	end := "' - expire"
	if failed {
		end = "' might not have worked"
	}
	i := strings.LastIndex(user, end)
	if i < 0 {
		i = max(0, strings.LastIndexByte(user, '\''))
	}
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldProtocol, "http")
	d.Set(format.FieldUser, user[:i])
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.FirstOf(ip))) // X-Forwarded-For is a list
	d.Set(format.FieldOutcome, "success")
	if failed {
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(user[min(len(user), i+2):]))
		d.Raise(format.LevelWarn)
	}
	return true
}

// sogoAccess reads `192.0.2.7 "GET /SOGo/x HTTP/1.1" 200 1234/0 0.012 5678 70%
// 4M - 10` (sope-appserver, WOHttpTransaction): the time is in seconds.
func sogoAccess(in *format.Input, d *format.Draft, s string) bool {
	who, rest, ok := strings.Cut(s, ` "`)
	if !ok || strings.IndexByte(who, ' ') >= 0 && strings.IndexByte(who, ',') < 0 {
		return false
	}
	request, rest, ok := strings.Cut(rest, `" `)
	i := strings.IndexByte(request, ' ')
	if !ok || i <= 0 || !scan.IsUpper(request[:i]) {
		return false
	}
	status, rest, _ := strings.Cut(rest, " ")
	if len(scan.Number(status)) != 3 {
		return false
	}
	d.Set(format.FieldMethod, request[:i])
	d.Set(format.FieldPath, scan.ValueOf(request[i+1:], "", " ?"))
	d.Set(format.FieldStatus, status)
	switch status[0] {
	case '2', '3':
		d.Set(format.FieldOutcome, "success")
	case '4', '5':
		d.Set(format.FieldOutcome, "failure")
	}
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, scan.FirstOf(who)))
	size, rest, _ := strings.Cut(rest, " ")
	d.Set(format.FieldSize, scan.Number(size))
	if took := scan.ValueOf(rest, "", " "); scan.IsNumber(took) {
		d.Set(format.FieldDurationMS, in.Arena.Seconds(took))
	}
	return true
}
