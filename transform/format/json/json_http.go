package json

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// jsonHTTP moves what a line tells of an HTTP request (Caddy's access log,
// pino-http, nginx with a log_format in JSON) to the metadata. Other programs use
// the same keys for other things: only what looks like a method, a path and a
// status of HTTP counts.
func jsonHTTP(d *format.Draft, o *jsonObject) {
	const longest = 20 // bytes of a method
	method := o.text(slotMethod)
	if !scan.IsUpper(method) || len(method) > longest {
		return
	}
	d.Set(format.FieldMethod, method)
	d.Set(format.FieldHTTPHost, o.short(slotHTTPHost))
	if v := o.short(slotURI); strings.HasPrefix(v, "/") {
		path, _, _ := strings.Cut(v, "?")
		d.Set(format.FieldPath, path)
	}
	if v := o.text(slotStatus); len(v) == 3 && len(scan.Number(v)) == 3 && '1' <= v[0] && v[0] <= '5' {
		d.Set(format.FieldStatus, v)
	}
}
