package plain

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// redisLevel reads the mark behind the time: debug, verbose, notice, warning.
func redisLevel(rest string) format.Level {
	if len(rest) < 3 || rest[2] != ' ' {
		return format.LevelUnknown
	}
	switch rest[1] {
	case '.':
		return format.LevelDebug
	case '-', '*':
		return format.LevelInfo
	case '#':
		return format.LevelWarn
	}
	return format.LevelUnknown
}

// JuliSecond reports whether s is the second line of an event of
// java.util.logging whose first line is head: "SEVERE: failed".
func JuliSecond(s, head string) bool {
	i := strings.IndexByte(s, ':')
	return i > 3 && i < 8 && logtime.JuliHeadLen(head) > 0 && scan.IsUpper(s[:i]) && format.WordLevel(s[:i]) != format.LevelUnknown
}

// formLevel is the level that belongs to a form of time.
func formLevel(form logtime.PlainForm, s, msg string, more []string) format.Level {
	switch form {
	case logtime.PlainGlog, logtime.PlainRuby:
		return format.LetterLevel(s[0])
	case logtime.PlainRedis:
		return redisLevel(msg)
	case logtime.PlainJuliHead:
		if len(more) > 0 && JuliSecond(more[0], s) {
			return format.LeadingLevel(more[0])
		}
	}
	return format.LevelUnknown
}
