package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Amavis is the format amavis.
var Amavis = format.Spec{
	Name:     "amavis",
	Doc:      "amavisd, by syslog",
	From:     "amavisd by syslog: /var/log/zimbra.log",
	Programs: []string{"amavis", "amavisd"},
	Message:  parseAmavis,
	Piece:    amavisPiece,
	Fixture:  format.Fixture{File: "amavis/passed.log", Path: "/var/log/zimbra.log", Example: "Passed CLEAN"},
	Question: `{service_name="amavis"} | verdict="Blocked"`,
	Traps:    "Zimbra scans outgoing mail twice: two lines, two queue ids. A line that amavis cut is [one entry](decisions/0008-lines-cut-by-their-writer.md).",
	Outcomes: []format.Outcome{
		{Value: "passed", When: "`Passed`, whatever was found; `category` tells it"},
		{Value: "discarded", When: "`Blocked` with `Discarded…`"},
		{Value: "rejected", When: "`Blocked` with `Rejected…`"},
		{Value: "bounced", When: "`Blocked` with `Bounced…`"},
		{Value: "deferred", When: "`Blocked` with `TempFailed…`"},
		{Value: "blocked", When: "`Blocked` with none of these"},
	},
}

// parseAmavis reads "(09392-10) message": the job in parentheses is one SMTP
// transaction of amavis. Shapes after amavisd-new 2.11 and Zimbra's
// conf/amavisd.conf.in.
func parseAmavis(in *format.Input, d *format.Draft, s string) bool {
	s = amavisJob(d, s)
	if !d.Has(format.FieldRequestID) { // of itself, at its start and end
		amavisSeverity(d, s)
		return true
	}
	if rest, ok := strings.CutPrefix(s, "..."); ok { // the rest of a line that was too long for syslog
		d.Set(format.FieldContinued, "true")
		if i := strings.Index(rest, ", "); i >= 0 {
			amavisPairs(in, d, rest[i+2:])
		}
		return true
	}
	s = amavisSeverity(d, s)
	switch {
	case strings.HasPrefix(s, "Passed "), strings.HasPrefix(s, "Blocked "):
		amavisSummary(in, d, s)
	case strings.HasPrefix(s, "Checking: "):
		amavisChecking(in, d, s[len("Checking: "):])
	case strings.HasPrefix(s, "ESMTP"), strings.HasPrefix(s, "LMTP"), strings.HasPrefix(s, "SMTP"), strings.HasPrefix(s, "UTF8"):
		return amavisReceive(in, d, s)
	case strings.HasPrefix(s, "TIMING"), strings.HasPrefix(s, "size: ") && strings.Contains(s, ", TIMING"):
		d.Set(format.FieldAction, "timing")
		d.Set(format.FieldSize, scan.Number(strings.TrimPrefix(s, "size: ")))
		d.Set(format.FieldDurationMS, scan.Number(scan.ValueOf(s, "[total ", " ")))
	case strings.HasPrefix(s, "SPAM-TAG, "), strings.HasPrefix(s, "spam-tag, "), strings.HasPrefix(s, "SPAM, "):
		amavisTag(in, d, s)
	case strings.HasPrefix(s, "extra modules loaded"), strings.HasPrefix(s, "RUSAGE"):
	default:
		return amavisForward(in, d, s)
	}
	if strings.HasSuffix(s, "...") {
		d.Set(format.FieldPartial, "true")
	}
	return true
}

// amavisJob takes "(09392-10) " off.
func amavisJob(d *format.Draft, s string) string {
	n := amavisJobLen(s)
	if n > 0 {
		d.Set(format.FieldRequestID, s[1:n-2])
	}
	return s[n:]
}

// amavisJobLen is the length of "(09392-10) ", 0 if s does not start with it.
func amavisJobLen(s string) int {
	if len(s) < 4 || s[0] != '(' || !scan.IsDigit(s[1]) {
		return 0
	}
	if i := strings.Index(s[:min(len(s), 26)], ") "); i > 0 {
		return i + 2
	}
	return 0
}

// amavisSeverity reads the marks of what went wrong: "(!)", "(!!)", "_WARN: ",
// "_DIE: ", "TROUBLE".
func amavisSeverity(d *format.Draft, s string) string {
	var l format.Level
	switch {
	case strings.HasPrefix(s, "(!!)"):
		l, s = format.LevelError, s[4:]
	case strings.HasPrefix(s, "(!)"):
		l, s = format.LevelWarn, s[3:]
	}
	switch {
	case strings.HasPrefix(s, "_WARN: "):
		l, s = max(l, format.LevelWarn), s[len("_WARN: "):]
	case strings.HasPrefix(s, "_DIE: "):
		l, s = format.LevelFatal, s[len("_DIE: "):]
	case strings.HasPrefix(s, "TROUBLE"):
		l = max(l, format.LevelError)
	}
	d.Raise(l)
	if l >= format.LevelError {
		d.Set(format.FieldError, scan.ShortText(s))
	}
	return s
}

// amavisEnvelope reads "<from> -> <to1>,<to2>" where s has its first '<', and
// returns what follows.
func amavisEnvelope(in *format.Input, d *format.Draft, s string) (rest string, ok bool) {
	if s == "" || s[0] != '<' {
		return s, false
	}
	q := 1 + quotedLen(s[1:])
	i := strings.Index(s[q:], "> -> <") + q
	if i < q {
		return s, false
	}
	d.Set(format.FieldFrom, bareAddress(s[:i+1]))
	s = s[i+len("> -> "):]
	n, count := recipientsLen(s)
	if count > 1 {
		d.Set(format.FieldRecipients, in.Arena.Decimal(count))
	}
	d.Set(format.FieldTo, addressList(in, s[:n], count))
	return s[n:], true
}

// recipientsLen is the length of "<a>,<b>" and the number of addresses in it.
// One ends at the '>' that a comma, a space or the end follows.
func recipientsLen(s string) (n, count int) {
	for n < len(s) && s[n] == '<' {
		n += 1 + quotedLen(s[n+1:])
		for {
			i := strings.IndexByte(s[n:], '>')
			if i < 0 {
				return len(s), count + 1
			}
			n += i + 1
			if n == len(s) || s[n] == ',' || s[n] == ' ' {
				break
			}
		}
		count++
		if n+1 >= len(s) || s[n] != ',' || s[n+1] != '<' {
			break
		}
		n++
	}
	return n, count
}

// addressList turns "<a>,<b>" into "a,b".
func addressList(in *format.Input, s string, count int) string {
	if count <= 1 {
		return bareAddress(s)
	}
	b := in.Arena.Alloc(len(s) + count)
	for n := 0; n < format.MaxRecipients && s != ""; n++ {
		i := strings.Index(s, ">,<")
		one := s
		if i >= 0 {
			one, s = s[:i+1], s[i+2:]
		} else {
			s = ""
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, bareAddress(one)...)
	}
	return in.Arena.Commit(b)
}

// amavisReceive reads "ESMTP :10026 /path: <a> -> <b> SIZE=n BODY=… Received: …".
func amavisReceive(in *format.Input, d *format.Draft, s string) bool {
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return false
	}
	rest, ok := amavisEnvelope(in, d, s[i:])
	if !ok {
		return false
	}
	d.Set(format.FieldAction, "receive")
	if j := strings.Index(rest, " Received: "); j >= 0 {
		rest = rest[:j]
	}
	d.Set(format.FieldSize, scan.Number(scan.ValueOf(rest, " SIZE=", " ")))
	return true
}

// amavisChecking reads "mail_id BANKS [ip] <a> -> <b>".
func amavisChecking(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "check")
	id, rest, _ := strings.Cut(s, " ")
	d.Set(format.FieldMailID, id)
	amavisEnvelope(in, d, amavisOrigin(in, d, rest))
}

// amavisForward reads "mail_id FWD from <a> -> <b>, BODY=7BIT 250 2.0.0 from
// MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as X"; older releases write
// "FWD via SMTP: <a> -> <b>,BODY=…", and SEND for notices of their own.
func amavisForward(in *format.Input, d *format.Draft, s string) bool {
	i := strings.Index(s, "FWD ")
	if i < 0 {
		i = strings.Index(s, "SEND ")
	}
	j := strings.IndexByte(s, '<')
	if i < 0 || j < i || i > 40 {
		return false
	}
	rest, ok := amavisEnvelope(in, d, s[j:])
	if !ok {
		return false
	}
	d.Set(format.FieldAction, "forward")
	d.Set(format.FieldMailID, strings.TrimRight(s[:i], " "))
	d.Set(format.FieldQueuedAs, queuedAs(rest))
	d.Set(format.FieldRelay, scan.ValueOf(rest, " from MTA(", ")"))
	return true
}

// amavisTag reads "SPAM-TAG, <a> -> <b>, Yes, score=5.1 tag=2 …".
func amavisTag(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "tag")
	rest, ok := amavisEnvelope(in, d, s[strings.IndexByte(s, ',')+2:])
	if ok {
		d.Set(format.FieldScore, scan.ValueOf(rest, "score=", " ,"))
	}
}

// AmavisMark stands at the end of a piece that goes on and at the start of the
// one that follows (amavisd, write_log).
const AmavisMark = "..."

// amavisPiece reads "(09392-10) first ..." and "(09392-10) ...rest".
func amavisPiece(msg string) (pc format.Piece, ok bool) {
	n := amavisJobLen(msg)
	if n == 0 {
		return pc, false
	}
	pc.ID = msg[1 : n-2]
	pc.Text, pc.Open = strings.CutSuffix(msg, AmavisMark)
	if rest, follows := strings.CutPrefix(msg[n:], AmavisMark); follows {
		pc.Follows = true
		pc.Text, pc.Open = strings.CutSuffix(rest, AmavisMark)
	}
	return pc, true
}
