package envelope

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// composePrefix reads what `docker compose up` and `docker compose logs` print
// before each line, and returns the service in it and the length of it all:
//
//	web-1  | text
//	web_1       | text                        Compose before version 2
//	ESC[36mweb-1  | ESC[0mtext                on a terminal
//
// Names are padded to the longest, two blanks stand behind that
// (docker/compose, cmd/formatter/logs.go; docker/compose v1, cli/log_printer.py).
// 0 if s has none: a level before a bar is what loguru prints, and a table has
// one blank.
func composePrefix(s string) (service string, n int) {
	i := colourLen(s)
	start := i
	for i < len(s) && (scan.KeyByte[s[i]] || s[i] == '-' || s[i] == '.') {
		i++
	}
	name := s[start:i]
	blanks := i
	for i < len(s) && s[i] == ' ' {
		i++
	}
	const longest = 64 // bytes of a name
	if name == "" || len(name) > longest || i == blanks || i == len(s) || s[i] != '|' || name[0] == '-' || name[0] == '.' {
		return "", 0
	}
	service = withoutNumber(name)
	if service == "" || service == name && i-blanks < 2 || isLevelWord(name) || isDigits(name) {
		return "", 0
	}
	i++
	i += colourLen(s[i:])
	if i < len(s) && s[i] == ' ' {
		i++
	} else if i < len(s) {
		return "", 0
	}
	return service, i + colourLen(s[i:])
}

func isDigits(s string) bool { return scan.Number(s) == s }

// withoutNumber cuts the number of the replica off "web-1" and "web_1".
func withoutNumber(name string) string {
	i := len(name)
	for i > 0 && scan.IsDigit(name[i-1]) {
		i--
	}
	if i > 1 && i < len(name) && (name[i-1] == '-' || name[i-1] == '_') {
		return name[:i-1]
	}
	return name
}

// colourLen is the length of the terminal's sequences for a colour that s starts
// with: "ESC[36;1m".
func colourLen(s string) int {
	n := 0
	for strings.HasPrefix(s[n:], "\x1b[") {
		i := n + 2
		for i < len(s) && (scan.IsDigit(s[i]) || s[i] == ';') {
			i++
		}
		if i == len(s) || s[i] != 'm' {
			break
		}
		n = i + 1
	}
	return n
}

// MayCompose is a quick look: false for all that cannot start with Compose's
// prefix.
func MayCompose(s string) bool {
	if c := s[0]; c == 0x1b {
		return true
	} else if c == '{' || c == '<' || c == '[' || c == '\t' || c == ' ' || len(s) > 4 && s[4] == '-' {
		return false
	}
	if len(s) > 5 && s[3] == ' ' && scan.IsDigit(s[5]) && (s[4] == ' ' || scan.IsDigit(s[4])) {
		return false // "Aug  2": a bar would have to follow the blanks
	}
	_, n := composePrefix(s)
	return n > 0
}

// unwrapCompose takes the prefix off p.Text; a container's stdout is what it
// stands before.
func (p *Payload) unwrapCompose() bool {
	service, n := composePrefix(p.Text)
	if n == 0 {
		return false
	}
	p.Text, p.Container, p.Service, p.IsContainer, p.composed = p.Text[n:], service, service, true, true
	return true
}

// NextComposed takes the prefix off a further line of a text whose first line
// had one; it reports whether the line is another container's.
func (p *Payload) NextComposed() (other bool) {
	if !p.composed {
		return false
	}
	before := p.Container
	return p.unwrapCompose() && p.Container != before
}
