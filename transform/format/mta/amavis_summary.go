package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// amavisSummary reads the line that amavis writes of every mail: "Passed CLEAN
// {RelayedInbound}, MYNETS LOCAL [ip]:port [ip2] <a> -> <b>,<c>, Queue-ID: Q,
// Message-ID: <id>, mail_id: m, Hits: 1.2, size: n, queued_as: Q2, 123 ms".
func amavisSummary(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "scan")
	verdict, rest, _ := strings.Cut(s, " ")
	d.Set(format.FieldVerdict, verdict)
	rest = amavisCategory(d, rest)
	d.Set(format.FieldOutcome, amavisOutcome(verdict, d.Get(format.FieldDisposition)))
	if verdict == "Blocked" {
		d.Raise(format.LevelWarn)
	}
	rest = amavisOrigin(in, d, rest)
	rest, ok := amavisEnvelope(in, d, rest)
	if !ok {
		return
	}
	amavisPairs(in, d, strings.TrimPrefix(rest, ", "))
}

// amavisCategory reads "CLEAN {RelayedInbound,Archived}, ", the braces missing
// in old releases. INFECTED and BANNED name what they found in parentheses.
func amavisCategory(d *format.Draft, s string) (rest string) {
	i := strings.IndexAny(s, " ,")
	if i < 0 {
		d.Set(format.FieldCategory, s)
		return ""
	}
	category := s[:i]
	d.Set(format.FieldCategory, category)
	s = s[i:]
	if strings.HasPrefix(s, " (") {
		n := strings.Index(s, ") {")
		if n < 0 {
			n = strings.Index(s, "), ")
		}
		if n < 0 {
			return ""
		}
		if category == "INFECTED" {
			d.Set(format.FieldVirus, s[2:n])
		} else {
			d.Add("banned", s[2:n])
		}
		s = s[n+1:]
	}
	if strings.HasPrefix(s, " {") {
		if n := strings.IndexByte(s, '}'); n > 0 {
			d.Set(format.FieldDisposition, s[2:n])
			s = s[n+1:]
		}
	}
	return strings.TrimPrefix(s, ", ")
}

// amavisOutcome is what became of the mail, by what amavis did with it.
func amavisOutcome(verdict, disposition string) string {
	switch {
	case verdict == "Passed":
		return "passed"
	case strings.HasPrefix(disposition, "Discarded"):
		return "discarded"
	case strings.HasPrefix(disposition, "Rejected"):
		return "rejected"
	case strings.HasPrefix(disposition, "Bounced"):
		return "bounced"
	case strings.HasPrefix(disposition, "TempFailed"):
		return "deferred"
	}
	return "blocked"
}

// amavisOrigin reads "MYNETS LOCAL [ip]:port [ip2] " up to the sender's '<'. The
// first address is the client of the MTA and may be missing; the second is the
// sender's own by the Received lines of the mail, which a sender can forge. It
// counts as the client where the first is this host: mail that comes back from
// amavis or a milter.
func amavisOrigin(in *format.Input, d *format.Draft, s string) (rest string) {
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return s
	}
	s, rest = s[:i], s[i:]
	bank := s
	if j := strings.IndexByte(s, '['); j >= 0 {
		bank = s[:j]
		_, first, port, more, _ := smtpPeer(in, s[j:])
		_, second, _, _, _ := smtpPeer(in, scan.TrimSpaces(more))
		d.Set(format.FieldPort, port)
		amavisClient(d, first, second)
	}
	bank = strings.TrimSuffix(strings.TrimRight(bank, " "), "LOCAL")
	d.Set(format.FieldPolicyBank, strings.TrimRight(bank, " "))
	return rest
}

func amavisClient(d *format.Draft, first, second string) {
	client := first
	if second != "" && (first == "" || strings.HasPrefix(first, "127.") || first == "::1") {
		client = second
	}
	d.SetClient(client, first, second)
}

// amavisPairs reads "Queue-ID: Q, Message-ID: <id>, …, dkim_sd=s:d, 123 ms".
// A value goes to the next ", "; one in angle brackets to the '>' before it,
// one in quotes to the quote before it, a quarantine up to the next key.
func amavisPairs(in *format.Input, d *format.Draft, s string) {
	for s != "" {
		key, v, rest := amavisPair(s)
		s = rest
		switch key {
		case "Queue-ID":
			d.Set(format.FieldQueueID, v)
		case "Message-ID":
			d.Set(format.FieldMessageID, messageID(in, v))
		case "Resent-Message-ID":
			d.Set(format.FieldResentMessageID, messageID(in, v))
		case "mail_id":
			d.Set(format.FieldMailID, v)
		case "Hits":
			if v != "-" {
				d.Set(format.FieldScore, v)
			}
		case "size":
			d.Set(format.FieldSize, v)
		case "queued_as":
			d.Set(format.FieldQueuedAs, v)
		case "quarantine":
			d.Set(format.FieldQuarantine, v)
		case "dkim_sd":
			d.Set(format.FieldDKIM, v)
		case "pt", "dkim_new", "Tests":
			d.Add(key, v)
		case "":
			if n := scan.Number(v); n != "" && v[len(n):] == " ms" {
				d.Set(format.FieldDurationMS, n)
			}
		}
	}
}

// amavisPair splits one pair off; key is "" where there is none.
func amavisPair(s string) (key, v, rest string) {
	n := amavisKeyLen(s)
	if n > 0 {
		key = s[:n]
		s = scan.TrimSpaces(s[n+1:])
	}
	end := ", "
	switch {
	case s == "":
	case s[0] == '<':
		end = ">, "
	case s[0] == '"':
		end = "\", "
	case s[0] == '[':
		end = "], "
	}
	i := strings.Index(s, end)
	if i < 0 {
		return key, s, ""
	}
	for key == "quarantine" && amavisKeyLen(s[i+2:]) == 0 {
		j := strings.Index(s[i+2:], ", ")
		if j < 0 {
			break
		}
		i += 2 + j
	}
	i += len(end) - 2
	return key, s[:i], s[i+2:]
}

// amavisKeyLen is the length of the key that s starts with and behind which ':'
// or '=' stands, else 0.
func amavisKeyLen(s string) int {
	for i := 0; i < len(s) && i < 24; i++ {
		switch c := s[i]; {
		case c == '=' && i > 0, c == ':' && i > 0 && i+1 < len(s) && s[i+1] == ' ':
			return i
		case !scan.KeyByte[c] && c != '-':
			return 0
		}
	}
	return 0
}
