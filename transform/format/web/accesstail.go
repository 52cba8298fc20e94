package web

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// accessTail is what an access log has behind status and size.
type accessTail struct {
	referer, agent string
	forwarded      string // X-Forwarded-For, where it has a field of its own
	rest           string // behind the quoted fields
}

// splitAccessTail reads ` "referer" "agent" latency` of Jetty, and what nginx
// and Apache are often told to write behind the agent: X-Forwarded-For in
// quotes (log_format main of nginx's packages), more quoted fields, times.
//
// The referer ends at the first `" "`, since URLs have no quotes. Jetty copies
// an agent with its quotes: it ends at the last one. nginx and Apache escape
// them, so that an agent with another field behind it ends at the first; jetty
// says that the line cannot have one.
func splitAccessTail(s string, jetty bool) (t accessTail) {
	s = strings.Trim(s, " \r")
	end := strings.LastIndexByte(s, '"')
	if len(s) < 2 || s[0] != '"' || end == 0 {
		t.rest = s
		return t
	}
	s, t.rest = s[1:end], scan.TrimSpaces(s[end+1:])
	t.referer, t.agent, _ = strings.Cut(s, `" "`)
	if jetty && scan.IsNumber(t.rest) && strings.IndexByte(t.rest, '.') < 0 {
		return t
	}
	agent, more, ok := strings.Cut(t.agent, `" "`)
	if !ok || strings.IndexByte(agent, '"') >= 0 {
		if agent, more, ok = strings.Cut(t.agent, `" `); ok && strings.IndexByte(agent, '"') < 0 && strings.Contains(more, `="`) {
			t.agent, t.rest = agent, more // rt=0.012 uct="0.001"
		}
		return t
	}
	t.agent = agent
	t.forwarded, _, _ = strings.Cut(more, `"`)
	if i := strings.LastIndexByte(more, '"'); i >= 0 && t.rest == "" {
		_, more, _ = strings.Cut(more, `" `)
		t.rest = more
	}
	return t
}

// isJettyFile reports whether a path is that of mailboxd's access log, the only
// one whose agents may hold quotes.
func isJettyFile(path string) bool {
	return strings.HasPrefix(path[strings.LastIndexByte(path, '/')+1:], "access_log")
}

// setAccessClient sets the client: the first address of X-Forwarded-For, where
// it has one, else who connected, which may be such a list itself.
func setAccessClient(in *format.Input, d *format.Draft, peer, forwarded string) {
	if scan.CanonicalIP(&in.Arena, scan.FirstOf(forwarded)) != "" {
		zimbra.SetClient(in, d, peer, forwarded)
		peer = forwarded
	} else {
		zimbra.SetClient(in, d, "", peer)
	}
	if d.Has(format.FieldClientIP) && strings.IndexByte(peer, ',') < 0 {
		d.Unset(format.FieldOIP) // another spelling of the same
	}
	if ip := d.Get(format.FieldIP); ip != "" && scan.CanonicalIP(&in.Arena, ip) == d.Get(format.FieldClientIP) {
		d.Unset(format.FieldIP)
	}
}

// virtualHost takes the name of the server off the client, as Apache's
// vhost_combined writes them (LogFormat "%v:%p %h …"): "www.example.com:443
// 192.0.2.7".
func virtualHost(in *format.Input, d *format.Draft, s string) (client string) {
	host, client, ok := scan.CutLast(s, " ")
	if !ok || strings.ContainsAny(host, " ,") || scan.CanonicalIP(&in.Arena, client) == "" {
		return s
	}
	d.Set(format.FieldHTTPHost, host)
	return client
}

// requestMillis is the time that a request took, in milliseconds, from what
// stands behind the quoted fields: a number with a point is seconds (nginx's
// $request_time, Tomcat's %T), one without is milliseconds (Jetty's latency) if
// nothing follows it. "" for none.
func requestMillis(in *format.Input, s string) string {
	if scan.IsNumber(s) && strings.IndexByte(s, '.') < 0 {
		return s
	}
	const words = 4 // a length may stand before the time
	var word string
	for range words {
		word, s, _ = strings.Cut(s, " ")
		for _, key := range [...]string{"rt=", "request_time=", "urt="} {
			word = strings.TrimPrefix(word, key)
		}
		if word = strings.Trim(word, `"`); scan.IsNumber(word) && strings.IndexByte(word, '.') > 0 {
			return in.Arena.Seconds(word)
		}
	}
	return ""
}

// accessLabels names the log: that of nginx where the file says so, since nginx
// writes the usual form unless it is told otherwise.
func accessLabels(d *format.Draft) {
	path := d.Head.Path
	switch file := path[strings.LastIndexByte(path, '/')+1:]; {
	case strings.HasPrefix(file, "nginx"):
		d.SetLog(NginxAccess.Log, NginxAccess.Service)
	case strings.Contains(path, "/nginx/"):
		d.SetLog(NginxAccess.Log, "nginx")
	default:
		d.SetLog(d.Format.Log, d.Format.Service)
	}
}
