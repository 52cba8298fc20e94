package config

import (
	"strings"
	"time"
	"unicode"
)

// zoneCure shows how a time zone is written.
const zoneCure = "write a name of the IANA database, such as Europe/Berlin or Etc/GMT-3 (three hours east of Greenwich), or local"

// parseZone finds a time zone by its IANA name; "local" in any case is the one
// of the machine.
func parseZone(s string) (*time.Location, *Error) {
	if strings.EqualFold(s, "local") {
		return time.Local, nil
	}
	loc, err := time.LoadLocation(s)
	if err == nil {
		return loc, nil
	}
	return nil, &Error{Reason: "unknown time zone", Nearest: guessZone(s), Cure: zoneCure}
}

// guessZone tries s with blanks as _ and the case that the database uses:
// "europe/san marino" → "Europe/San_Marino", "utc" → "UTC", "etc/gmt-3" →
// "Etc/GMT-3".
func guessZone(s string) string {
	s = strings.ReplaceAll(s, " ", "_")
	boundary := true
	title := strings.Map(func(r rune) rune {
		defer func() { boundary = r == '/' || r == '_' || r == '-' }()
		if boundary {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, s)
	area, place, _ := strings.Cut(title, "/")
	for _, guess := range []string{title, strings.ToUpper(s), area + "/" + strings.ToUpper(place)} {
		if _, err := time.LoadLocation(guess); err == nil && guess != s {
			return guess
		}
	}
	return ""
}
