// Package flblog prints log records as Fluent Bit prints its own, so that the
// plugin's lines stand among Fluent Bit's and tools that read them need one
// pattern:
//
//	[2026/11/23 06:12:00] [ warn] [output:zimbraloki:zimbraloki.0] loki refused status=429
//
// Format: Fluent Bit src/flb_log.c (time in the local zone, level padded to five
// characters). Attributes follow the message as key=value; a value with a blank,
// a quote or a control character is quoted, so that a record is always one line
// and nothing that came over the network can look like a second one.
package flblog

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxBuffer is the size in bytes above which a line buffer is not kept.
const maxBuffer = 64 << 10

// Handler is a slog.Handler. It may be used by several goroutines; each record
// is one Write.
type Handler struct {
	out    *output
	level  slog.Leveler
	source string // "[output:zimbraloki:zimbraloki.0] ", with its blank; "" for none
	attrs  string // what WithAttrs collected, rendered, each with a blank before it
	prefix string // what WithGroup collected: "group.", before every key
}

// output is what a handler and its children share.
type output struct {
	mu  sync.Mutex
	w   io.Writer
	buf []byte
	now func() time.Time // for records without a time
}

// NewHandler returns a handler that writes to w what is at least as grave as
// level. Source names the part of Fluent Bit that speaks, as
// "output:zimbraloki:zimbraloki.0".
func NewHandler(w io.Writer, source string, level slog.Leveler) *Handler {
	h := &Handler{out: &output{w: w, now: time.Now}, level: level}
	if source != "" {
		h.source = "[" + source + "] "
	}
	return h
}

// Enabled says whether a record of the level l is printed.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	return l >= h.level.Level()
}

// Handle prints one record. Its error is the writer's.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	b := h.appendRecord(h.out.buf[:0], r)
	if cap(b) <= maxBuffer {
		h.out.buf = b
	}
	_, err := h.out.w.Write(b)
	return err
}

// WithAttrs returns a handler that prints attrs with every record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	b := []byte(h.attrs)
	for _, a := range attrs {
		b = appendAttr(b, h.prefix, a)
	}
	c.attrs = string(b)
	return &c
}

// WithGroup returns a handler that prints "name." before the keys that follow.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.prefix = h.prefix + name + "."
	return &c
}

func (h *Handler) appendRecord(b []byte, r slog.Record) []byte {
	t := r.Time
	if t.IsZero() {
		t = h.out.now()
	}
	b = t.Local().AppendFormat(b, "[2006/01/02 15:04:05] ")
	b = append(b, levelTag(r.Level)...)
	b = append(b, h.source...)
	b = appendMessage(b, r.Message)
	b = append(b, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		b = appendAttr(b, h.prefix, a)
		return true
	})
	return append(b, '\n')
}

// levelTag is Fluent Bit's word for a level, padded as "%5s".
func levelTag(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "[error] "
	case l >= slog.LevelWarn:
		return "[ warn] "
	case l >= slog.LevelInfo:
		return "[ info] "
	case l >= slog.LevelDebug:
		return "[debug] "
	}
	return "[trace] "
}

func appendAttr(b []byte, prefix string, a slog.Attr) []byte {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		return appendGroup(b, prefix, a.Key, v.Group())
	}
	if a.Equal(slog.Attr{}) {
		return b
	}
	b = append(b, ' ')
	b = append(b, prefix...)
	b = append(b, a.Key...)
	b = append(b, '=')
	return appendValue(b, v)
}

// appendGroup prints the members of a group; a group without a name lends its
// members to the one around it (slog's rule for handlers).
func appendGroup(b []byte, prefix, key string, members []slog.Attr) []byte {
	if key != "" {
		prefix += key + "."
	}
	for _, m := range members {
		b = appendAttr(b, prefix, m)
	}
	return b
}

func appendValue(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindTime:
		return v.Time().AppendFormat(b, time.RFC3339Nano)
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(b, v.Uint64(), 10)
	}
	s := v.String()
	if needsQuotes(s) {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

// appendMessage prints a message as it is but for what would break the line or
// the terminal.
func appendMessage(b []byte, s string) []byte {
	if strings.IndexFunc(s, unsafeRune) < 0 && utf8.ValidString(s) {
		return append(b, s...)
	}
	q := strconv.AppendQuote(nil, s)
	q = q[1 : len(q)-1]
	return append(b, strings.ReplaceAll(string(q), `\"`, `"`)...)
}

func needsQuotes(s string) bool {
	return s == "" || !utf8.ValidString(s) ||
		strings.IndexFunc(s, func(r rune) bool { return r == ' ' || r == '"' || unsafeRune(r) }) >= 0
}

// unsafeRune reports control characters, line separators and all else that
// does not show as a character of its own.
func unsafeRune(r rune) bool { return !unicode.IsPrint(r) }
