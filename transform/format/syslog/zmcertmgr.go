package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// zmcertmgrMessage reads what Zimbra's tool for certificates prints, which the
// journal and cron's logger keep: "** Verifying 'a.crt' against 'a.key'",
// "Certificate 'a.crt' and private key 'a.key' match.", "ERROR: …",
// "zmcertmgr: ERROR deploycrt(comm) failed:".
func zmcertmgrMessage(d *format.Draft, s string) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "XXXXX "), "zmcertmgr: ")
	switch {
	case strings.HasPrefix(s, "ERROR"):
		d.Set(format.FieldAction, "certificate")
		d.Set(format.FieldOutcome, "failure")
		d.Set(format.FieldError, scan.ShortText(strings.TrimLeft(s[len("ERROR"):], ": ")))
		d.Raise(format.LevelError)
	case strings.HasPrefix(s, "** "):
		verb, _, _ := strings.Cut(s[len("** "):], " ")
		if verb == "" || strings.IndexByte(verb, '\'') >= 0 {
			return
		}
		d.Set(format.FieldAction, "certificate")
		d.Set(format.FieldTarget, scan.ValueOf(s, "'", "'"))
		switch {
		case strings.HasSuffix(s, "...failed."), strings.HasSuffix(s, "...failed"):
			d.Set(format.FieldOutcome, "failure")
			d.Set(format.FieldError, scan.ShortText(s[len("** "):]))
			d.Raise(format.LevelError)
		case strings.HasSuffix(s, "...done."), strings.HasSuffix(s, "...ok"):
			d.Set(format.FieldOutcome, "success")
		}
	case strings.HasPrefix(s, "Certificate '") && strings.HasSuffix(s, " match."), strings.HasPrefix(s, "Valid certificate chain: "):
		d.Set(format.FieldAction, "certificate")
		d.Set(format.FieldOutcome, "success")
		d.Set(format.FieldTarget, scan.ValueOf(s, "Certificate '", "'"))
	}
}
