package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// replaceAddresses replaces the local part of every address in a text but those
// of the system and message-ids, which join hosts.
func (p *Persons) replaceAddresses(s string) string {
	var b []byte
	done := 0
	for i := 0; i < len(s); {
		from, at, domain, end := nextAddress(s, i)
		if at < 0 {
			break
		}
		i = end
		if from < done || p.isMessageID(s, from, end) {
			continue
		}
		name := p.by.local(s[from:at])
		if name == s[from:at] {
			continue
		}
		b = append(append(b, s[done:from]...), name...)
		b = append(append(b, s[at:domain]...), strings.ToLower(s[domain:end])...)
		done = end
	}
	for i := 0; i < len(s); { // of a directory: uid=ivanov,ou=people,…
		j := strings.Index(s[i:], "uid=")
		if j < 0 {
			break
		}
		i += j + len("uid=")
		n := 0
		for i+n < len(s) && isLocalByte(s[i+n]) {
			n++
		}
		if i < done || n == 0 || i > 4 && scan.IsNameByte(s[i-5]) || i+n >= len(s) || s[i+n] != ',' && s[i+n] != ')' {
			continue
		}
		b = append(append(b, s[done:i]...), p.by.local(s[i:i+n])...)
		done = i + n
		i = done
	}
	if b == nil {
		return s
	}
	return p.arena.Copy(string(append(b, s[done:]...)))
}

// nextAddress finds the next "local@domain", or "local%40domain" of a URL, from
// i on: from is where it starts, at where the local part ends, domain where the
// domain starts. at is -1 if there is none.
func nextAddress(s string, i int) (from, at, domain, end int) {
	for start := i; i < len(s); {
		j := strings.IndexAny(s[i:], "@%")
		if j < 0 {
			break
		}
		i += j
		at = i
		if s[i] == '@' {
			i++
		} else if strings.HasPrefix(s[i:], "%40") {
			i += 3
		} else {
			i++
			continue
		}
		domain = i
		end = domainEnd(s, domain)
		if end == domain || end < len(s) && (s[end] == '@' || s[end] == '_') {
			continue
		}
		from = localStart(s, start, at)
		if from == at {
			continue
		}
		return from, at, domain, end
	}
	return 0, -1, 0, len(s)
}

// localStart is where the local part starts that ends at i. In angle brackets
// it may hold more: "<bounces+ivanov=example.com@lists.example.org>".
func localStart(s string, low, i int) int {
	from := i
	for from > low && (isLocalByte(s[from-1]) || s[from-1] == '@' && from < i && from-1 > low && isLocalByte(s[from-2])) {
		from-- // over a further '@' too, as in a source route
	}
	wide := from
	for wide > low && (isLocalByte(s[wide-1]) || strings.IndexByte("=/#!$&*?^{|}%", s[wide-1]) >= 0) {
		wide--
	}
	if wide > low && wide < from && s[wide-1] == '<' {
		return wide
	}
	for from < i && (s[from] == '.' || s[from] == '-' || s[from] == '\'') {
		from++
	}
	return from
}

func isLocalByte(c byte) bool {
	return scan.KeyByte[c] || c == '.' || c == '-' || c == '+' || c == '~' || c >= 0x80
}

// domainEnd is where the domain ends that starts at i: labels with dots, the
// last of letters. It is i if there is none.
func domainEnd(s string, i int) int {
	end := i
	for end < len(s) && (scan.KeyByte[s[end]] && s[end] != '_' || s[end] == '-' || s[end] == '.' || s[end] >= 0x80) {
		end++
	}
	for end > i && (s[end-1] == '.' || s[end-1] == '-') {
		end--
	}
	last := s[i:end]
	last = last[strings.LastIndexByte(last, '.')+1:]
	if last == "" || scan.IsDigit(last[0]) {
		return i
	}
	return end
}

// isMessageID reports whether the address at s[from:end] is the identifier of a
// mail: by the name before it, or because the parser took it for one.
func (p *Persons) isMessageID(s string, from, end int) bool {
	for _, id := range p.KeepIDs {
		if len(id) > 2 && strings.Contains(id, s[from:end]) {
			return true
		}
	}
	if strings.Contains(s[from:end], ".JavaMail.") {
		return true
	}
	head := s[max(0, from-200):from]
	head = strings.TrimRight(head, `<"' =:\>`)
	if i := strings.LastIndexByte(head, '<'); i >= 0 && strings.HasPrefix(s[end:], ">") && strings.IndexByte(head[i:], ' ') < 0 && strings.IndexByte(head[i:], '@') < 0 {
		head = strings.TrimRight(head[:i], `"' =:\`) // other signs than those of an address before it
	}
	for _, n := range [...]string{"message-id", "msgid", "message_id", "messageid", "in-reply-to", "references"} {
		if len(head) >= len(n) && scan.FoldEqual(head[len(head)-len(n):], n) {
			return true
		}
	}
	return false
}
