package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Unrepeat takes the message out of rsyslog's "message repeated 2 times: [ … ]",
// which stands for so many further events.
func Unrepeat(d *format.Draft, s string) string {
	rest, ok := strings.CutPrefix(s, "message repeated ")
	if !ok {
		return s
	}
	n := scan.Number(rest)
	inner, ok := strings.CutPrefix(rest[len(n):], " times: [")
	if n == "" || !ok {
		return s
	}
	d.Set(format.FieldRepeat, n)
	return strings.TrimSuffix(scan.TrimSpaces(inner), "]")
}

// WithoutMsgID cuts "[ID 197553 mail.info] ", which Solaris puts before a message.
func WithoutMsgID(s string) string {
	if strings.HasPrefix(s, "[ID ") {
		if i := strings.Index(s, "] "); i > 0 && i < 40 {
			return s[i+2:]
		}
	}
	return s
}

// FileKind is which of Zimbra's files a line of syslog is from.
type FileKind uint8

// The kinds.
const (
	FileOther  FileKind = iota
	FileStats           // zimbra-stats.log
	FileZimbra          // zimbra.log, carbonio.log
)

// FileKindOf tells it from the file's path.
func FileKindOf(path string) FileKind {
	switch name := path[strings.LastIndexByte(path, '/')+1:]; {
	case strings.HasPrefix(name, "zimbra-stats"):
		return FileStats
	case strings.HasPrefix(name, "zimbra"), strings.HasPrefix(name, "carbonio"):
		return FileZimbra
	}
	return FileOther
}
