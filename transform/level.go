package transform

// Level is a severity, in the words that Loki's detected_level uses.
type Level uint8

// Levels, least severe first. LevelUnknown is the zero value.
const (
	LevelUnknown Level = iota
	LevelTrace
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelFatal
	numLevels
)

var levelNames = [numLevels]string{"unknown", "trace", "debug", "info", "warn", "error", "fatal"}

// String returns the lower-case name.
func (l Level) String() string { return levelNames[l] }

// log4jLevel reads one of log4j's six level names, upper case.
func log4jLevel(s string) Level {
	switch s {
	case "INFO":
		return LevelInfo
	case "WARN":
		return LevelWarn
	case "ERROR":
		return LevelError
	case "DEBUG":
		return LevelDebug
	case "TRACE":
		return LevelTrace
	case "FATAL":
		return LevelFatal
	}
	return LevelUnknown
}

// wordLevel reads a level as applications write it, in any letter case:
// the names of log4j, logback, pino, zap, slog, Serilog, Python and syslog.
func wordLevel(s string) Level {
	if len(s) < 1 || len(s) > 13 {
		return LevelUnknown
	}
	var b [13]byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b[i] = c
	}
	switch string(b[:len(s)]) {
	case "info", "information", "informational", "inf", "notice", "note", "log", "success", "config":
		return LevelInfo
	case "warn", "warning", "wrn":
		return LevelWarn
	case "error", "err", "severe", "eror":
		return LevelError
	case "debug", "dbg", "dbug", "fine":
		return LevelDebug
	case "trace", "trc", "verbose", "vrb", "finer", "finest", "silly":
		return LevelTrace
	case "fatal", "critical", "crit", "ftl", "panic", "emergency", "emerg", "alert", "dpanic":
		return LevelFatal
	}
	return LevelUnknown
}

// numberLevel reads a level as pino and bunyan number it (10 trace … 60 fatal).
func numberLevel(n int64) Level {
	switch {
	case n < 10 || n > 69:
		return LevelUnknown
	default:
		return Level(n/10-1) + LevelTrace
	}
}
