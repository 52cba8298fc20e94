package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// isGCHead reports whether s is a line of the garbage collector's log, or of
// the JVM's unified logging (JEP 158, JEP 271), whose decorations are a matter
// of the command line: "[0.010s][info][gc] Using G1",
// "[2026-08-02T16:49:04.123+0300][18.4s][warning][gc] …",
// "[2026-08-02T16:49:04.123+0300] GC(12) Pause …", and before Java 9
// "2026-08-02T16:49:04.123+0300: 12.345: [GC (Allocation Failure) …".
func isGCHead(s string) bool {
	if len(s) > 4 && s[0] == '[' && scan.IsDigit(s[1]) {
		var h gcHead
		return h.scan(s)
	}
	return classicGC(s) >= 0
}

// gcHead are the decorations of unified logging.
type gcHead struct {
	stamp string // the first, a time or an uptime
	level format.Level
	tags  string // "gc", "gc,heap"
	rest  string
}

// scan reads the decorations. They are the JVM's if a level and tags are among
// them, or if what follows a time alone is of the collector or the safepoints.
func (h *gcHead) scan(s string) bool {
	const most = 8 // decorations
	h.level = format.LevelUnknown
	for n := range most {
		end := strings.IndexByte(s, ']')
		if s == "" || s[0] != '[' || end < 0 || end > 40 {
			break
		}
		word := strings.Trim(s[1:end], " ")
		switch l := jvmLogLevel(word); {
		case n == 0:
			h.stamp = word
		case h.level == format.LevelUnknown && l != format.LevelUnknown:
			h.level = l
		case h.level != format.LevelUnknown && h.tags == "" && word != "" && !scan.IsDigit(word[0]):
			h.tags = word
		}
		s = s[end+1:]
	}
	h.rest = scan.TrimSpaces(s)
	if h.level != format.LevelUnknown {
		return h.tags != ""
	}
	h.level, h.tags = format.LevelInfo, "gc"
	return len(h.stamp) >= len("2026-08-02T16:49:04") && h.stamp[4] == '-' && strings.HasPrefix(s, " ") && isGCText(h.rest)
}

// jvmLogLevel reads a level of unified logging, which is in lower case.
func jvmLogLevel(s string) format.Level {
	switch s {
	case "trace", "debug", "info", "warning", "error":
		return format.WordLevel(s)
	}
	return format.LevelUnknown
}

// isGCText reports whether a message is of the collector or of the safepoints.
func isGCText(s string) bool {
	return strings.HasPrefix(s, "GC(") || strings.HasPrefix(s, threadsStopped) || strings.HasPrefix(s, "Application time: ") || strings.HasPrefix(s, `Safepoint "`)
}

// threadsStopped is what a line about a stop of all threads starts with.
const threadsStopped = "Total time for which application threads were stopped: "

// classicGC is where "[GC …", "[Full GC …" or the message about a stop starts
// in a line of the older form, -1 if there is none.
func classicGC(s string) int {
	if s == "" || !scan.IsDigit(s[0]) {
		return -1
	}
	i := strings.Index(s[:min(len(s), 64)], ": ")
	for i >= 0 {
		rest := s[i+2:]
		if strings.HasPrefix(rest, "[GC") || strings.HasPrefix(rest, "[Full GC") || strings.HasPrefix(rest, "[CMS-") || isGCText(rest) {
			return i + 2
		}
		j := strings.Index(rest[:min(len(rest), 64)], ": ")
		if j < 0 || !scan.IsNumber(rest[:j]) {
			break
		}
		i += 2 + j
	}
	return -1
}

// gcLine reads time, level, tags and how long the threads stood still.
func gcLine(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldComponent, "gc")
	if i := classicGC(s); i >= 0 {
		d.Level = format.LevelInfo
		if j := strings.Index(s, ": "); j > 0 {
			d.Time, _ = in.Clock.ISOTime(s[:j], d.Head.Arrival)
		}
		d.Msg = s[i:]
	} else {
		var h gcHead
		h.scan(s)
		d.Time, _ = in.Clock.ISOTime(h.stamp, d.Head.Arrival)
		d.Level, d.Msg = h.level, h.rest
		d.Set(format.FieldComponent, h.tags)
	}
	d.Set(format.FieldDurationMS, pauseMillis(in, strings.TrimRight(d.Msg, " \r")))
}

// pauseMillis is how long the threads stood still, in milliseconds: "… 1.815ms"
// at the end; ", 0.0124 secs]" before the times of the CPU; "stopped: 0.0012
// seconds"; "Total: 123456 ns" of a safepoint. "" for none.
func pauseMillis(in *format.Input, s string) string {
	if rest, ok := strings.CutPrefix(s, threadsStopped); ok {
		word, _, _ := strings.Cut(rest, " ")
		return in.Arena.Seconds(word)
	}
	if strings.HasPrefix(s, `Safepoint "`) {
		_, word, _ := scan.CutLast(s, "Total: ")
		if ns, ok := scan.Integer(strings.TrimSuffix(strings.TrimRight(word, " "), " ns")); ok {
			return in.Arena.Millis(ns)
		}
		return ""
	}
	if v, ok := strings.CutSuffix(s, "ms"); ok {
		if _, v, ok = scan.CutLast(v, " "); ok && scan.IsNumber(v) {
			return trimZeros(v)
		}
		return ""
	}
	s, _, _ = strings.Cut(s, " [Times: ")
	return secondsBefore(in, s, " secs]")
}

// trimZeros cuts the zeros that end a fraction.
func trimZeros(s string) string {
	if strings.IndexByte(s, '.') < 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// secondsBefore reads the number before the last unit as milliseconds.
func secondsBefore(in *format.Input, s, unit string) string {
	i := strings.LastIndex(s, unit)
	if i < 0 {
		return ""
	}
	return in.Arena.Seconds(s[strings.LastIndexByte(s[:i], ' ')+1 : i])
}
