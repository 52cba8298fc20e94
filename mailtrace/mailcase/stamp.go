package mailcase

import (
	"strings"
	"time"
)

// Stamp is a time as a log has it: with so many digits of the second as the
// line names, and none that was made to keep entries apart.
type Stamp struct {
	time.Time
	Digits int // behind the second: 0, 3, 6…
}

// maxDigits is how many digits of a second are believed: entries of one instant
// are told apart by their nanoseconds.
const maxDigits = 6

// Stamp is the time of the event.
func (e *Event) Stamp() Stamp {
	at := time.Unix(0, e.Time).UTC().Truncate(time.Microsecond)
	n, ok := digits(e.Line)
	if !ok { // a time in another form: what it needs
		for n = 0; n < maxDigits && !at.Equal(at.Truncate(unit(n))); n += 3 {
		}
	}
	return Stamp{at.Truncate(unit(n)), n}
}

// unit is the last digit's worth.
func unit(digits int) time.Duration {
	d := time.Second
	for range digits {
		d /= 10
	}
	return d
}

// stampWithin is how far into a line its time is looked for, bytes.
const stampWithin = 400

// digits counts those behind the second of the first clock time of a line.
func digits(line string) (n int, ok bool) {
	const clock = "00:00:00"
	line = line[:min(len(line), stampWithin)]
	for {
		i := strings.IndexByte(line, ':')
		if i < 0 {
			return 0, false
		}
		if i >= 2 && len(line) >= i-2+len(clock) && isClock(line[i-2:]) {
			line = line[i-2+len(clock):]
			break
		}
		line = line[i+1:]
	}
	if line == "" || line[0] != '.' && line[0] != ',' {
		return 0, true
	}
	for n+1 < len(line) && line[n+1] >= '0' && line[n+1] <= '9' {
		n++
	}
	return min(n, maxDigits), true
}

func isClock(s string) bool {
	for i := range len("00:00:00") {
		if i%3 == 2 {
			if s[i] != ':' {
				return false
			}
		} else if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Clock is the time of day in a zone.
func (s Stamp) Clock(loc *time.Location) string { return s.In(loc).Format("15:04:05" + s.fraction()) }

func (s Stamp) fraction() string {
	if s.Digits == 0 {
		return ""
	}
	return "." + strings.Repeat("0", s.Digits)
}

// MarshalJSON implements json.Marshaler: RFC 3339 with the log's digits.
func (s Stamp) MarshalJSON() ([]byte, error) {
	return []byte(s.UTC().Format(`"2006-01-02T15:04:05` + s.fraction() + `Z07:00"`)), nil
}
