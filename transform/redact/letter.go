package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// letter looks at an option of one letter, of a program that is not among tools,
// which starts at i: "-p x", "-w x", "-pw x". What looks like a password is one;
// where an option before or behind says a user, all goes that is no number, path
// or level. It returns i if there is none.
func (c *scrubber) letter(i int) int {
	s := c.s
	if i == 0 || i+3 >= len(s) || s[i-1] != ' ' {
		return i
	}
	if s[i+1]|0x20 != 'p' && s[i+1]|0x20 != 'w' {
		return i
	}
	from := i + 2
	if strings.HasPrefix(s[i:], "-pw ") {
		from++
	}
	if s[from] != ' ' {
		return c.joined(i)
	}
	from, end, ok := arg(s, from)
	if !ok {
		return i
	}
	v := s[from:end]
	if names.Strong(v) || from > i+3 && s[from-1] != ' ' && mixed(v) || passwordByUser(v) && userBeside(s, i, end) {
		return nextArg(s, c.cut(from, end))
	}
	return i
}

// joined looks at the option of archivers at i, which follows a command of one
// letter: "7z a -px", "rar x -px".
func (c *scrubber) joined(i int) int {
	s := c.s
	from := i + 2
	if i < 3 || strings.IndexByte(beforeJoined, scan.LowerByte[s[i-2]]) < 0 || s[i-3] != ' ' || s[i+1] != 'p' {
		return i
	}
	if inside, end, after := quoted(s, from); after > 0 {
		return c.cut(inside, end)
	}
	if _, end, ok := arg(s, from); ok && names.Strong(s[from:end]) {
		return c.cut(from, end)
	}
	return i
}

// beforeJoined are the commands of archivers.
const beforeJoined = "axetud"

// passwordByUser reports whether v can be a password behind the name of a user:
// no number, path, address, or level of a journal.
func passwordByUser(v string) bool {
	return len(v) >= 4 && v[0] != '-' && v[0] != '/' && v[0] != '.' && v[0] != '$' && !strings.ContainsAny(v, ":/@,=") && !scan.IsDigit(v[0]) && !names.Has(levels, v)
}

var levels = names.NewWords(map[string]bool{
	"emerg": true, "alert": true, "crit": true, "error": true, "warning": true, "notice": true, "info": true, "debug": true, "icmp": true, "batch": true, "high": true,
	"normal": true, "main": true,
})

// userBeside reports whether the command that has the option s[from:to] names a
// user with another one.
func userBeside(s string, from, to int) bool {
	start := max(0, from-160)
	start += strings.LastIndexAny(s[start:from], "\n;|\"") + 1
	end := min(len(s), to+80)
	if k := strings.IndexAny(s[to:end], "\n;|"); k >= 0 {
		end = to + k
	}
	for _, o := range [...]string{" -u ", " -U ", " --user ", " --username ", " -D "} {
		if strings.Contains(s[start:from], o) || strings.Contains(s[to:end], o) {
			return true
		}
	}
	return false
}

// piped looks at a text that a shell hands to a program that asks for a password,
// behind the word echo or printf: "echo x | kinit ann", "echo u:x | chpasswd".
func (c *scrubber) piped(i int) int {
	s := c.s
	from, end, ok := arg(s, i)
	for ok && s[from] == '-' {
		from, end, ok = arg(s, nextArg(s, end))
	}
	if !ok {
		return i
	}
	bar := nextArg(s, end)
	for bar < len(s) && s[bar] == ' ' {
		bar++
	}
	if bar >= len(s) || s[bar] != '|' {
		return i
	}
	rest := strings.TrimLeft(s[bar+1:], " ")
	if strings.HasPrefix(rest, "sudo ") && s[bar+1] == ' ' {
		w := strings.TrimLeft(rest[len("sudo "):], " ")
		if strings.HasPrefix(w, "-S") || strings.HasPrefix(w, "-kS") {
			return c.cut(from, end)
		}
		rest = w
	}
	rest = rest[strings.LastIndexByte(rest[:scan.KeyLen(rest)], '/')+1:]
	switch w := rest[:scan.KeyLen(rest)]; w {
	case "chpasswd":
		c.cutPair(from, end)
	case "passwd", "smbpasswd", "saslpasswd2", "zmldappasswd":
		c.cut(from, end)
	case "kinit":
		if strings.HasPrefix(s[bar:], "| kinit") {
			c.cut(from, end)
		}
	}
	return max(i, c.done)
}

// here looks at a text that a shell hands to a program behind "<<< ", at i.
func (c *scrubber) here(i int) int {
	s := c.s
	from, end, ok := arg(s, i)
	if !ok {
		return i
	}
	v := s[from:end]
	if k := strings.IndexByte(v, ':'); k > 0 && strings.HasSuffix(strings.TrimRight(s[:i-3], " "), "chpasswd") {
		return c.cut(from+k+1, end)
	}
	if names.Strong(v) {
		return c.cut(from, end)
	}
	return i
}

// ahead is how far a rule may look ahead: wide, until the rules have looked at
// the text four times over. A text of nothing but beginnings of commands would
// cost its square.
func (c *scrubber) ahead(wide, narrow int) int {
	if c.spent > 4*len(c.s)+64<<10 {
		return narrow
	}
	return wide
}
