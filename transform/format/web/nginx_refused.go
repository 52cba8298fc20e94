package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Ends of `user "name"…` of ngx_http_auth_basic_module.c.
const (
	wrongPassword = `": password mismatch`
	unknownUser   = `" was not found in "`
	noPassword    = "no user/password was provided for basic authentication"
)

// isBasicAuthFailure reports whether a message is of a login by a password file
// that failed.
func isBasicAuthFailure(s string) bool {
	return s == noPassword || strings.HasPrefix(s, "PAM: user '") && strings.Contains(s, "' - not authenticated: ") || strings.HasPrefix(s, `user "`) && (strings.HasSuffix(s, wrongPassword) || strings.Contains(s, unknownUser))
}

// basicAuthFailure reads `user "anna": password mismatch` and `user "anna" was
// not found in "/etc/nginx/users"`. The name is what the client sent and may
// hold quotes.
func basicAuthFailure(d *format.Draft, s string) {
	d.Set(format.FieldAction, format.ActionAuth)
	d.Set(format.FieldOutcome, "failure")
	d.Raise(format.LevelWarn)
	if rest, ok := strings.CutPrefix(s, "PAM: user '"); ok { // ngx_http_auth_pam_module.c
		name, reason, _ := scan.CutLast(rest, "' - not authenticated: ")
		d.Set(format.FieldUser, scan.ShortText(name))
		d.Set(format.FieldError, scan.ShortText(reason))
		return
	}
	rest, ok := strings.CutPrefix(s, `user "`)
	if !ok {
		return
	}
	name, ok := strings.CutSuffix(rest, wrongPassword)
	if !ok {
		name = rest[:max(strings.LastIndex(rest, unknownUser), 0)]
	}
	d.Set(format.FieldUser, scan.ShortText(name))
}

// isRefusal reports whether a message says that a request was turned away: by a
// limit (ngx_http_limit_req_module.c, ngx_http_limit_conn_module.c) or by a rule
// (ngx_http_access_module.c). A dry run turns nobody away.
func isRefusal(s string) bool {
	return (strings.HasPrefix(s, "limiting requests") || strings.HasPrefix(s, "limiting connections")) && !strings.Contains(s, "dry run") ||
		strings.HasPrefix(s, "access forbidden by rule")
}

// quotedText returns what the quotes that s starts with hold, or s.
func quotedText(s string) string {
	if len(s) > 1 && s[0] == '"' {
		if i := strings.IndexByte(s[1:], '"'); i >= 0 {
			return s[1 : 1+i]
		}
	}
	return s
}
