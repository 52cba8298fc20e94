package config

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// alwaysShown are the properties that the dump names even if they have their
// defaults: where the logs go, in which zone they are read, what is kept.
var alwaysShown = map[string]bool{"url": true, "timezone": true, "dead_letter_path": true}

// String lists in one line what differs from the defaults, and the properties
// of alwaysShown, as key=value. Secrets show as ***.
func (c *Config) String() string {
	var b strings.Builder
	c.shown(func(name, text string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if text == "" || strings.ContainsAny(text, " \"=") && name != "url" {
			text = strconv.Quote(text)
		}
		b.WriteString(name + "=" + text)
	})
	return b.String()
}

// LogValue gives slog what String lists, as a group.
func (c *Config) LogValue() slog.Value {
	var attrs []slog.Attr
	c.shown(func(name, text string) { attrs = append(attrs, slog.String(name, text)) })
	return slog.GroupValue(attrs...)
}

// shown calls show for what String lists.
func (c *Config) shown(show func(name, text string)) {
	base := defaults()
	for i := range fields {
		text := fields[i].render(c)
		if alwaysShown[fields[i].Name] || text != fields[i].render(base) {
			show(fields[i].Name, text)
		}
	}
}

// defaults is the Config of an empty section, but for the name of the host.
var defaults = sync.OnceValue(func() *Config {
	c, _ := parse(func(string) string { return "" }, func() (string, error) { return "localhost", nil })
	return c
})

// render writes the value that c has for f, fit for a log.
func (f *Field) render(c *Config) string {
	switch v := f.bind(c).(type) {
	case *string:
		return f.renderString(*v)
	case *bool:
		if *v {
			return "on"
		}
		return "off"
	case *int:
		return f.formatNumber(int64(*v))
	case *int64:
		return f.formatNumber(*v)
	case *time.Duration:
		return f.formatNumber(int64(*v))
	case *Secret:
		return v.String()
	case **time.Location:
		return renderZone(*v)
	case *[]entry.Pair:
		return formatPairs(*v)
	case *[]string:
		return strings.Join(*v, ",")
	case *[]LabelKey:
		return joinNames(*v, func(k LabelKey) string { return k.Key })
	case *[]Header:
		return joinNames(*v, func(h Header) string { return h.Name + ": " + h.Value.String() })
	case *slog.Level:
		return strings.ToLower(v.String())
	default:
		panic(fmt.Sprintf("no writer for %s", f.Name))
	}
}

func (f *Field) renderString(v string) string {
	switch {
	case f.Kind == KindURL:
		return redactURL(v)
	case f.Name == "dead_letter_path" && v == "":
		return deadLetterOff
	}
	return v
}

func renderZone(loc *time.Location) string {
	switch loc {
	case nil:
		return ""
	case time.Local:
		return "local"
	}
	return loc.String()
}

func joinNames[T any](items []T, name func(T) string) string {
	names := make([]string, len(items))
	for i := range items {
		names[i] = name(items[i])
	}
	return strings.Join(names, ", ")
}
