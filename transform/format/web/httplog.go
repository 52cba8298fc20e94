package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// clfHead is what every web server's access log starts with: client, user and
// time, up to the bracket behind the time.
type clfHead struct {
	client string
	user   string
	stamp  string
	rest   string // behind "]"
}

// scan reads "client - user [02/Jan/2006:15:04:05 -0700]". The client may be a
// list (a forwarded header), the user may hold brackets; so the time is what
// the head is found by.
func (h *clfHead) scan(s string) bool {
	const tries = 8 // brackets before the time
	from := 0
	for range tries {
		i := strings.Index(s[from:], " [")
		if i < 0 {
			return false
		}
		i += from
		n := logtime.ClfLen(s[i+2:])
		if n == 0 || i+2+n >= len(s) || s[i+2+n] != ']' {
			from = i + 1
			continue
		}
		h.stamp, h.rest = s[i+2:i+2+n], s[i+3+n:]
		var ok bool
		h.client, h.user, ok = strings.Cut(s[:i], " - ")
		h.user = strings.Trim(h.user, " ")
		return ok && h.client != ""
	}
	return false
}

// httpRequest is the request line of an access log.
type httpRequest struct{ method, uri, version string }

// splitRequest splits "GET /path HTTP/1.1". The URI may hold blanks. What is
// no request (bytes of a TLS handshake, say) gives none.
func splitRequest(s string) (q httpRequest) {
	i := strings.IndexByte(s, ' ')
	if i <= 0 || !isMethod(s[:i]) {
		return q
	}
	rest := s[i+1:]
	q.method = s[:i]
	if j := strings.LastIndexByte(rest, ' '); j >= 0 && strings.HasPrefix(rest[j+1:], "HTTP/") {
		q.uri, q.version = rest[:j], rest[j+1:]
		return q
	}
	q.uri = strings.TrimSuffix(rest, " -")
	return q
}

// isMethod reports whether s has the form of a method: RFC 9110 section 9.1
// allows any token, in practice upper-case letters, '-' and '_'.
func isMethod(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && s != "-" && len(s) <= 20
}

// setRequest sets what a request line tells: action is the SOAP request or the
// command of ActiveSync where there is one, else the method.
func setRequest(in *format.Input, d *format.Draft, q httpRequest) {
	d.Set(format.FieldMethod, q.method)
	u := q.uri
	scheme := "http"
	if i := strings.Index(u, "://"); i >= 0 && i <= 5 {
		if i > 0 {
			scheme = u[:i]
		}
		u = u[i+3:]
		j := strings.IndexAny(u, "/?")
		if j < 0 {
			j = len(u)
		}
		setAuthority(in, d, u[:j])
		u = u[j:]
	}
	setURI(in, d, u)
	if d.Get(format.FieldProtocol) == "" && q.method != "" {
		d.Set(format.FieldProtocol, scheme)
	}
	d.SetNew(format.FieldAction, q.method)
}

func setAuthority(in *format.Input, d *format.Draft, host string) {
	d.Set(format.FieldHTTPHost, host)
	if strings.HasSuffix(host, ":7071") || strings.HasSuffix(host, ":9071") {
		d.Set(format.FieldAdminPort, "true")
	}
}

// setURI reads path and query.
func setURI(in *format.Input, d *format.Draft, u string) {
	path, query := u, ""
	if i := strings.IndexAny(u, "?;"); i >= 0 {
		path, query = u[:i], u[i:]
	}
	if path == "" || path[0] != '/' {
		return
	}
	d.Set(format.FieldPath, path)
	if name, ok := zimbra.SOAPPath(path); ok {
		d.Set(format.FieldProtocol, "soap")
		d.Set(format.FieldAction, name)
		return
	}
	protocol := zimbra.PathProtocol(path)
	d.Set(format.FieldProtocol, protocol)
	switch protocol {
	case "activesync":
		zimbra.SetDevice(in, d, query)
	case "dav", "rest":
		setPathUser(in, d, path)
	case "preauth":
		if strings.HasPrefix(query, "?") {
			if v := scan.ValueOf(query, "account=", "&"); strings.IndexByte(v, '@') > 0 || strings.Contains(v, "%40") {
				d.Set(format.FieldUser, zimbra.UnquoteURL(in, v))
			}
		}
	}
}

// setPathUser reads whose mailbox a path of CalDAV or REST names:
// "/dav/user@host/Calendar", "/home/user/Inbox", "/principals/users/user".
// "~" is whoever is logged in.
func setPathUser(in *format.Input, d *format.Draft, path string) {
	for _, p := range [...]string{"/service", "/principals/users/", "/dav/", "/home/", "/user/"} {
		rest, ok := strings.CutPrefix(path, p)
		if !ok {
			continue
		}
		if p == "/service" {
			path = rest
			continue
		}
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			rest = rest[:i]
		}
		if rest != "~" {
			d.Set(format.FieldUser, zimbra.UnquoteURL(in, rest))
		}
		return
	}
}

// setStatus sets the status of the reply, and what follows from it: from 400 on
// the request has failed, from 500 on the server has.
func setStatus(d *format.Draft, status string) {
	d.Level = format.LevelInfo
	if len(status) != 3 || !scan.IsDigit(status[0]) {
		return
	}
	d.Set(format.FieldStatus, status)
	switch {
	case status[0] >= '5':
		d.Level = format.LevelError
		d.Set(format.FieldOutcome, "failure")
	case status[0] == '4':
		d.Level = format.LevelWarn
		d.Set(format.FieldOutcome, "failure")
	case status[0] == '2' || status[0] == '3':
		d.Set(format.FieldOutcome, "success")
	}
}

// setNotDash sets a field unless the value is the "-" that stands for none.
func setNotDash(d *format.Draft, f format.Field, v string) {
	if v != "-" {
		d.Set(f, v)
	}
}

// statusAfter finds the end of the quoted request that s starts inside of: the
// first quote with ` NNN bytes` behind it. Neither Jetty nor nginx writes a
// status without its request's quote, so that quotes inside do no harm.
func statusAfter(s string) (request, status, size, rest string, ok bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], `" `)
		if i < 0 {
			return
		}
		i += from
		status, size, rest, ok = statusSize(s[i+2:])
		if ok {
			return s[:i], status, size, rest, true
		}
		from = i + 1
	}
}

// statusSize reads "200 1834" or "- -"; behind it stand the end or a blank.
func statusSize(s string) (status, size, rest string, ok bool) {
	status = numberOrDash(s)
	if len(status) != 3 && status != "-" || len(s) <= len(status) || s[len(status)] != ' ' {
		return "", "", "", false
	}
	s = s[len(status)+1:]
	size = numberOrDash(s)
	rest = s[len(size):]
	return status, size, rest, size != "" && (rest == "" || rest[0] == ' ' || rest == "\r")
}

func numberOrDash(s string) string {
	if s != "" && s[0] == '-' {
		return s[:1]
	}
	return scan.Number(s)
}
