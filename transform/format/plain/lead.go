package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// lead is what stands between the time of a line and its message: level,
// thread, logger, in the orders and marks of many programs.
type lead struct {
	level     format.Level
	component string
	named     bool // the component is no word in brackets, which may be an application's name
	thread    string
	rest      string // the message
}

// Bounds of a lead, so that reading one costs little.
const (
	leadWords   = 8
	leadBracket = 80 // bytes between brackets
)

// scan reads the lead of s, which stands behind a time if stamped. False means
// that there is no level in it; a line without a time must start with its level,
// or with the empty or named context of Zimbra's tools ("%z %p: %m").
func (l *lead) scan(s string, stamped bool) bool {
	*l = lead{}
	if stamped {
		s = strings.TrimPrefix(s, ":") // Python: "%(asctime)s:%(levelname)s:%(name)s:%(message)s"
	}
	for n := range leadWords {
		tab := strings.HasPrefix(s, "\t")
		s = strings.TrimLeft(s, " \t")
		if l.level != format.LevelUnknown || stamped {
			s = skipMark(s)
		}
		var ok bool
		switch {
		case strings.HasPrefix(s, "["):
			s, ok = l.bracket(s, stamped || n > 0)
		case strings.HasPrefix(s, "(") && l.component != "" && l.thread == "":
			s, ok = l.round(s)
		default:
			s, ok = l.word(s, tab, stamped || n > 0)
		}
		if !ok {
			break
		}
	}
	l.rest = strings.TrimLeft(s, " \t")
	return l.level != format.LevelUnknown
}

// skipMark cuts a mark that separates the parts of a lead: "- ", "| ", ": ",
// "--- ".
func skipMark(s string) string {
	for _, mark := range [...]string{"--- ", "- ", "| ", ": "} {
		if rest, ok := strings.CutPrefix(s, mark); ok {
			return strings.TrimLeft(rest, " \t")
		}
	}
	return s
}

// bracket reads "[ERROR]", "[main]", "[org.example.App:42]", "[cid=23;]", "[12]".
func (l *lead) bracket(s string, open bool) (rest string, ok bool) {
	i := strings.IndexByte(s[:min(len(s), leadBracket)], ']')
	if i < 0 {
		return s, false
	}
	word := strings.Trim(s[1:i], " ")
	level := format.LevelUnknown
	if l.level == format.LevelUnknown {
		level = format.WordLevel(word)
	}
	switch {
	case level != format.LevelUnknown:
		l.level = level
	case word == "", strings.HasSuffix(word, ";") && strings.IndexByte(word, '=') > 0:
	case !open:
		return s, false
	case len(scan.Number(word)) == len(word):
	case !isName(word):
		return s, false
	case isThread(word):
		l.thread = scan.OrElse(l.thread, word)
	case l.component == "":
		l.component = withoutLine(word)
	default:
		return s, false
	}
	return strings.TrimPrefix(s[i+1:], ":"), true
}

// round reads the thread that JBoss writes behind the logger:
// "[io.quarkus] (main)".
func (l *lead) round(s string) (rest string, ok bool) {
	i := strings.IndexByte(s[:min(len(s), leadBracket)], ')')
	if i < 0 || !isName(s[1:i]) {
		return s, false
	}
	l.thread = s[1:i]
	return s[i+1:], true
}

// word reads a level without brackets, a logger before " - ", " : " or a tab,
// zap's caller, and Spring Boot's number of the process.
func (l *lead) word(s string, tab, open bool) (rest string, ok bool) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, false
	}
	word, rest := s[:i], s[i:]
	if l.level == format.LevelUnknown {
		if level, n := bareLevel(word, tab || rest[0] == '\t' || open && strings.HasSuffix(word, ":")); level != format.LevelUnknown {
			l.level = level
			if n < len(word) { // "ERROR:root:" of Python, or the message behind "ERROR:"
				l.pythonLogger(&s, n)
				return s, s != "" && s[0] == ' '
			}
			return rest, true
		}
	}
	switch {
	case !open:
		return s, false
	case strings.HasPrefix(rest, " --- ") && scan.IsNumber(word):
		return rest, true
	case rest[0] == '\t' && isCaller(word):
		return rest, true
	case rest[0] == '\t' && l.level != format.LevelUnknown && l.component == "" && isName(word) && isField(firstField(rest[1:])):
		l.component = word
		return rest, true
	}
	next := strings.TrimLeft(rest, " ")
	if !l.named && isName(word) && (strings.HasPrefix(next, "- ") || strings.HasPrefix(next, ": ")) && scan.KeyLen(word[:1]) > 0 {
		l.component, l.named = withoutLine(word), true
		return rest, true
	}
	return s, false
}

// pythonLogger cuts "ERROR:" or "ERROR:root:" off s, n the length of the level.
func (l *lead) pythonLogger(s *string, n int) {
	rest := strings.TrimLeft((*s)[n:], ":")
	if i := strings.IndexByte(rest, ':'); i > 0 && isName(rest[:i]) && strings.IndexByte(rest[:i], '/') < 0 {
		l.component, rest = rest[:i], rest[i+1:]
	}
	*s = rest
}

// bareLevel reads a level that has no brackets and the length of its word: in
// upper case, before a colon or not, or in any case where its place says that it
// is one: beside a tab, before a colon behind the time.
func bareLevel(word string, placed bool) (format.Level, int) {
	n := strings.IndexByte(word, ':')
	if n < 0 {
		n = len(word)
	}
	if !scan.IsUpper(word[:n]) && !placed {
		return format.LevelUnknown, 0
	}
	return format.WordLevel(word[:n]), n
}

// isName reports whether s can be the name of a logger, a class, a file or a
// thread.
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !scan.KeyByte[c] && strings.IndexByte(".-:/$#", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isThread reports whether a name is one that thread pools give: main, or one
// with a number behind a dash.
func isThread(s string) bool {
	i := strings.LastIndexAny(s, "-#")
	return s == "main" || i > 0 && i+1 < len(s) && len(scan.Number(s[i+1:])) == len(s)-i-1
}

// isCaller reports whether s is "internal/sender.go:128".
func isCaller(s string) bool {
	i := strings.LastIndexByte(s, ':')
	return i > 0 && i+1 < len(s) && len(scan.Number(s[i+1:])) == len(s)-i-1 && strings.IndexByte(s[:i], '.') > 0
}

// isField reports whether s can be what stands behind zap's logger: a caller, or
// a message, not the fields.
func isField(s string) bool { return s != "" && s[0] != '{' }

func firstField(s string) string {
	field, _, _ := strings.Cut(s, "\t")
	return field
}

// withoutLine cuts the number of a line off a logger: "app.db:42".
func withoutLine(s string) string {
	if i := strings.LastIndexByte(s, ':'); i > 0 && len(scan.Number(s[i+1:])) == len(s)-i-1 {
		return strings.TrimRight(s[:i], ":")
	}
	return s
}

// set takes over what the lead says.
func (l *lead) set(d *format.Draft) {
	d.Level = l.level
	d.SetNew(format.FieldComponent, l.component)
	d.SetNew(format.FieldThread, l.thread)
	d.Msg = strings.Trim(l.rest, " \r")
	zapFields(d)
}

// zapFields takes the fields that zap's console encoder writes as a JSON object
// behind the message and a tab.
func zapFields(d *format.Draft) {
	msg, fields, ok := strings.Cut(d.Msg, "\t{")
	if !ok || !strings.HasSuffix(fields, "}") {
		return
	}
	d.Msg = msg
	if d.Level < format.LevelError {
		return
	}
	v := scan.ValueOf(fields, `"error":"`, `"`)
	if strings.IndexByte(v, '\\') < 0 {
		d.Set(format.FieldError, scan.FirstLine(v))
	}
}

// formMessage is the message behind what glog and Ruby's Logger write beside
// the time: "  12 server.go:42] failed", " #12] ERROR -- app: failed".
func formMessage(form logtime.PlainForm, s string) string {
	switch form {
	case logtime.PlainGlog:
		if _, msg, ok := strings.Cut(s, "] "); ok {
			return msg
		}
	case logtime.PlainRuby:
		if _, after, ok := strings.Cut(s, " -- "); ok {
			if _, msg, ok := strings.Cut(after, ": "); ok {
				return msg
			}
		}
	case logtime.PlainRedis:
		if len(s) > 3 {
			return s[3:]
		}
	}
	return s
}

// loginClient reads "… IP: 192.0.2.7. Username: anna@example.com." of
// Vaultwarden, which refused a login.
func loginClient(in *format.Input, d *format.Draft, s string) {
	i := strings.Index(s, " IP: ")
	if i < 0 {
		return
	}
	s = strings.TrimSuffix(s[i+len(" IP: "):], ".")
	addr, rest, _ := strings.Cut(s, ". ")
	ip := scan.CanonicalIP(&in.Arena, addr)
	if ip == "" {
		return
	}
	d.SetNew(format.FieldClientIP, ip)
	if user, ok := strings.CutPrefix(rest, "Username: "); ok && !d.Has(format.FieldUser) {
		d.Set(format.FieldAction, format.ActionAuth)
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldUser, scan.ShortText(user))
	}
}
