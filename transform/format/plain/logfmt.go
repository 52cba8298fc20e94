package plain

import (
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// logfmtKeys are the keys of logfmt that mean something, and the fields for
// them; best first, where several are of one field.
var logfmtKeys = [...]struct {
	key   string
	field format.Field
}{
	{"error", format.FieldError},
	{"err", format.FieldError},
	{"trace_id", format.FieldTraceID},
	{"traceID", format.FieldTraceID},
	{"traceId", format.FieldTraceID},
	{"traceid", format.FieldTraceID},
	{"span_id", format.FieldSpanID},
	{"spanID", format.FieldSpanID},
	{"spanId", format.FieldSpanID},
	{"request_id", format.FieldRequestID},
	{"requestId", format.FieldRequestID},
	{"req_id", format.FieldRequestID},
	{"user", format.FieldUser},
	{"username", format.FieldUser},
	{"user_name", format.FieldUser},
	{"user_id", format.FieldUserID},
	{"userId", format.FieldUserID},
	{"component", format.FieldComponent},
	{"logger", format.FieldComponent},
	{"module", format.FieldComponent},
	{"client_ip", format.FieldClientIP},
	{"remote_addr", format.FieldClientIP},
	{"remote_ip", format.FieldClientIP},
	{"user_agent", format.FieldUserAgent},
	{"method", format.FieldMethod},
	{"status", format.FieldStatus},
}

// ReadLogfmt reads a line of key=value pairs, which logrus, Grafana, containerd
// and others write: `level=error msg="could not store" err="disk full"`. False
// means that it is none: it starts with no pair, or names no level.
func ReadLogfmt(in *format.Input, d *format.Draft, s string) bool {
	level := format.WordLevel(logfmtValue(s, levelKeys[:]...))
	if level == format.LevelUnknown {
		return false
	}
	d.Level = level
	var msg string
	var best [format.NumFields]uint8 // 1 + index of the key that a field is from
	for s = scan.TrimSpaces(s); s != ""; s = scan.TrimSpaces(s) {
		var key, v string
		key, v, s = logfmtPair(s)
		switch key {
		case "msg", "message":
			msg = logfmtText(in, v)
			continue
		case "duration", "elapsed", "latency", "took", "duration_ms", "elapsed_ms", "latency_ms":
			d.SetNew(format.FieldDurationMS, logfmtMillis(in, key, v))
			continue
		}
		for i := range logfmtKeys {
			f := logfmtKeys[i].field
			if logfmtKeys[i].key != key || best[f] != 0 && int(best[f]) <= i+1 || format.IsPlaceholder(v) {
				continue
			}
			best[f] = uint8(i + 1)
			setLogfmt(in, d, f, v)
		}
	}
	d.Msg = msg
	if d.Level >= format.LevelError {
		d.SetNew(format.FieldError, scan.FirstLine(msg))
	}
	return true
}

func setLogfmt(in *format.Input, d *format.Draft, f format.Field, v string) {
	v = logfmtText(in, v)
	switch f {
	case format.FieldClientIP:
		host, _, _ := strings.Cut(v, ",")
		if ip := scan.CanonicalIP(&in.Arena, host); ip != "" {
			d.Set(f, ip)
		} else if i := strings.LastIndexByte(host, ':'); i > 0 {
			d.Set(f, scan.CanonicalIP(&in.Arena, strings.Trim(host[:i], "[]")))
		}
	case format.FieldError:
		d.Set(f, scan.FirstLine(v))
	default:
		d.Set(f, scan.ShortText(v))
	}
}

// levelKeys are the keys of the level.
var levelKeys = [...]string{"level", "lvl", "severity", "loglevel"}

// logfmtPair cuts the first pair off s, which starts with no blank; v has no
// quotes, but its escapes. A word without "=" is a key without a value.
func logfmtPair(s string) (key, v, rest string) {
	n := 0
	for n < len(s) && s[n] != '=' && s[n] != ' ' {
		n++
	}
	key = s[:n]
	if n == len(s) || s[n] == ' ' {
		return key, "", s[n:]
	}
	s = s[n+1:]
	if s == "" || s[0] != '"' {
		v, rest, _ = strings.Cut(s, " ")
		return key, strings.TrimRight(v, "\r"), rest
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return key, s[1:i], s[i+1:]
		}
	}
	return key, s[1:], ""
}

// logfmtText is a value without its escapes, which are Go's.
func logfmtText(in *format.Input, v string) string {
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	b := in.Arena.Alloc(len(v))
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c == '\\' && i+1 < len(v) {
			i++
			switch c = v[i]; c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'r':
				c = '\r'
			case '"', '\\':
			default:
				b = append(b, '\\')
			}
		}
		b = append(b, c)
	}
	return in.Arena.Commit(b)
}

// logfmtMillis is a duration in milliseconds. A number that names no unit,
// neither itself nor by its key, may be of any.
func logfmtMillis(in *format.Input, key, v string) string {
	if scan.IsNumber(v) {
		if strings.HasSuffix(key, "_ms") {
			return v
		}
		return ""
	}
	if v == "" || len(v) > 32 || !scan.IsDigit(v[0]) {
		return ""
	}
	if n, err := time.ParseDuration(v); err == nil {
		return in.Arena.Millis(int64(n))
	}
	return ""
}

// logfmtTime reads `time="…"`, ts=… or t=… of a line in logfmt, near its
// beginning.
func logfmtTime(in *format.Input, s string, arrival int64) int64 {
	v := logfmtValue(s, "time", "ts", "t", "timestamp")
	if v == "" {
		return 0
	}
	if form, n := logtime.PlainStamp(v); n == len(v) && n > 0 {
		return in.Clock.PlainTime(form, v, arrival)
	}
	t, _ := logtime.NumberTime(v)
	return t
}

// logfmtValue returns the value of the first of the keys among the first pairs
// of s; "" if s is no logfmt.
func logfmtValue(s string, keys ...string) string {
	const pairs = 6
	for range pairs {
		s = scan.TrimSpaces(s)
		k := scan.KeyLen(s)
		if k == 0 || k >= len(s) || s[k] != '=' {
			return ""
		}
		var key, v string
		key, v, s = logfmtPair(s)
		for _, want := range keys {
			if key == want {
				return v
			}
		}
	}
	return ""
}
