package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// throttleTexts are the words before the address or the name in the messages of
// Zimbra's throttle module (zm-nginx-conf's nginx, ngx_mail_throttle_module.c),
// the longer ones first.
var throttleTexts = [...]struct {
	text string
	user bool
}{
	{"check ip throttle:", false},
	{"retry to check ip throttle:", false},
	{"ip throttle:", false},
	{"counter for ", false},
	{"throttle allowing access from ip ", false},
	{"allowing ip ", false},
	{"check user throttle:", true},
	{"retry to check user throttle:", true},
	{"user throttle: no alias for user:", true},
	{"user throttle: alias ", true},
	{"user throttle:", true},
	{"create a throttle counter for user ", true},
	{"throttle allowing access from user ", true},
	{"throttle deny since the user name ", true},
	{"allowing user ", true},
}

// throttleEnds are the words behind it.
var throttleEnds = [...]string{
	" allow [count:", " deny [count:", " counter created", " not found, ", ", check only", ", counter created",
	" replaced by ", " is invalid", " login because", " because ",
}

// throttled reads how Zimbra's throttle module judges a login: "check ip
// throttle:[imap, 192.0.2.1]" before it knows, then "ip throttle:[192.0.2.1]
// deny [count:101, limit:100]" or "… allow […]"; the same for a user's name.
func throttled(in *format.Input, d *format.Draft, s string) bool {
	who, tail, user, ok := throttleSubject(s)
	if !ok {
		return false
	}
	d.Set(format.FieldAction, "throttle")
	d.Set(format.FieldComponent, "throttle")
	d.SetNew(format.FieldProtocol, mailProtocol(d.Get(format.FieldServer)))
	if protocol, rest, ok := strings.Cut(who, ", "); ok && !user {
		d.Set(format.FieldProtocol, protocol)
		who = rest
	}
	if user {
		d.Set(format.FieldUser, who) // in full, "login:" as it was typed
	} else {
		d.Set(format.FieldClientIP, scan.OrElse(scan.CanonicalIP(&in.Arena, who), d.Get(format.FieldClientIP)))
	}
	if i := strings.Index(tail, "[count:"); i >= 0 {
		d.Add("count", scan.Number(tail[i+len("[count:"):]))
	}
	switch {
	case strings.HasPrefix(tail, " deny ["), strings.HasPrefix(s, "throttle deny "):
		d.Set(format.FieldOutcome, "rejected")
		d.Raise(format.LevelWarn)
	case strings.HasPrefix(tail, " allow ["), strings.HasPrefix(s, "allowing "), strings.Contains(s, " allowing access "),
		strings.HasSuffix(tail, "access allowed"), strings.Contains(tail, ", allow due to"):
		d.Set(format.FieldOutcome, "passed")
	}
	return true
}

// throttleSubject splits a message of the throttle module around the address or
// the name that it is about; ok is false for other messages.
func throttleSubject(s string) (who, tail string, user, ok bool) {
	if !strings.Contains(s, "throttle") && !strings.Contains(s, " login because ") {
		return
	}
	for _, t := range throttleTexts {
		rest, found := strings.CutPrefix(s, t.text)
		if !found {
			continue
		}
		if strings.HasPrefix(rest, "[") {
			if i := strings.IndexByte(rest, ']'); i > 0 {
				return rest[1:i], rest[i+1:], t.user, true
			}
		}
		for _, end := range throttleEnds { // a name is what the client sent and may hold any of them
			if i := strings.LastIndex(rest, end); i >= 0 {
				return rest[:i], rest[i:], t.user, true
			}
		}
		return rest, "", t.user, true
	}
	return
}
