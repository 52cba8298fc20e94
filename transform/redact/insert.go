package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// inserted looks at the values of "INSERT INTO users (name, password) VALUES
// ('u', 'x')" behind its first word: those go whose column is a secret's. Where
// no columns are named, those of a table of accounts go that look like a secret.
func (c *scrubber) inserted(i int) int {
	s := c.s
	k := strings.IndexByte(s[i:min(len(s), i+24)], '(')
	into := foldIndexIn(s, " into ", i, min(len(s), i+24))
	if into < 0 || k >= 0 && i+k < into {
		return i
	}
	table := into + len(" into ")
	end := table
	for end < len(s) && (scan.KeyByte[s[end]] || strings.IndexByte("`\"'\\.[]", s[end]) >= 0) {
		end++
	}
	var secret uint64
	named := false
	from := blanksEnd(s, end)
	if from < len(s) && s[from] == '(' {
		named = true
		stop := strings.IndexByte(s[from:min(len(s), from+2048)], ')')
		if stop < 0 {
			return i
		}
		secret = secretColumns(s[from+1 : from+stop])
		from = blanksEnd(s, from+stop+1)
	}
	if !scan.FoldPrefix(s[from:], "value") || named && secret == 0 || !named && !tableOfAccounts(s[table:from], s[from:]) {
		return i
	}
	for from < len(s) && isWordByte(s[from]) {
		from++
	}
	stop := from + c.ahead(len(s), 256)
	defer func(start int) { c.spent += from - start }(from)
	for from < stop {
		from = blanksEnd(s, from)
		if from >= len(s) || s[from] != '(' {
			break
		}
		if from = c.row(from+1, min(stop, len(s)), secret, named); from >= len(s) || s[from] != ',' {
			break
		}
		from++
	}
	return max(i, c.done)
}

// secretColumns are the places in a list of columns that are names of secrets, a
// bit each.
func secretColumns(list string) (bits uint64) {
	for n := 0; list != "" && n < 64; n++ {
		name, rest, _ := strings.Cut(list, ",")
		list = rest
		if name = strings.Trim(name, " \t\r\n`\"'\\[]"); names.IsSecretKey(name) && columnSeen(name) {
			bits |= 1 << n
		}
	}
	return bits
}

// columnSeen reports whether the filter finds the name of a column by itself.
func columnSeen(name string) bool {
	end, _ := names.LastSecretWord(name)
	return end > 0
}

// tableOfAccounts reports whether table, and what follows, is one whose rows hold
// passwords, as the filter finds it.
func tableOfAccounts(table, rest string) bool {
	if !scan.FoldPrefix(rest, "values") || len(table) < 5 || len(table) > 80 || table[len(table)-1] != ' ' {
		return false
	}
	t := strings.ToLower(strings.TrimRight(table[:len(table)-1], "`\"\\"))
	quote := len(table) - 1 - len(t)
	return quote < 2 && (strings.HasSuffix(t, "users") || strings.HasSuffix(t, "accounts")) || strings.HasSuffix(t, "credentials")
}

// row cuts the secrets of the row of values that starts at i, before stop, and
// returns where it ends.
func (c *scrubber) row(i, stop int, secret uint64, named bool) int {
	s := c.s[:stop]
	for n := 0; i < len(s); n++ {
		i = blanksEnd(s, i)
		if i >= len(s) {
			return i
		}
		if s[i] == ')' {
			return i + 1
		}
		start := i
		pre := i + prefixLen(s[i:])
		if inside, end, after := quoted(s, pre); after > 0 {
			if v := s[inside:end]; named && secret>>n&1 != 0 || !named && n > 0 && mixed(v) {
				c.cut(inside, end)
			}
			for i = after; i < len(s) && (s[i] == '\\' || s[i] == s[inside-1]); i++ {
			}
		} else {
			i = itemEnd(s, i)
			if v := s[start:i]; secret>>n&1 != 0 && v != "" {
				if strings.IndexByte(v, '(') > 0 {
					c.called(start)
				} else if strings.IndexByte("?$:@%", v[0]) < 0 && !names.PlainWord(v) {
					c.cut(start, i)
				}
			}
		}
		i = blanksEnd(s, i)
		if i < len(s) && s[i] == ',' {
			i++
		} else if i >= len(s) || s[i] != ')' {
			return len(s)
		}
	}
	return i
}

// itemEnd is where an item without quotes ends in a list: at a comma or bracket
// that is not one of its own.
func itemEnd(s string, i int) int {
	depth := 0
	for i < len(s) && s[i] != '\n' {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		if _, _, after := quoted(s, i); after > i {
			i = after
			continue
		}
		i++
	}
	return i
}

// foldIndexIn is where text stands in s[from:to], in any letter case; -1 if
// nowhere.
func foldIndexIn(s, text string, from, to int) int {
	for i := from; i+len(text) <= to; i++ {
		if scan.FoldPrefix(s[i:], text) {
			return i
		}
	}
	return -1
}

// unequal looks at a quoted value behind "password != " and "password <> ", whose
// sign starts at i.
func (c *scrubber) unequal(i int) int {
	s := c.s
	from := i + 2
	for from < len(s) && s[from] == ' ' {
		from++
	}
	name, start, _ := nameBefore(s, i)
	if from >= len(s) || !names.IsSecretKey(name) || len(name) < 5 || !shortPlace(s, start, name) {
		return i + 2
	}
	if inside, end, after := quoted(s, from); after > 0 && !names.PlainWord(s[inside:end]) {
		return c.cut(inside, end)
	}
	return i + 2
}
