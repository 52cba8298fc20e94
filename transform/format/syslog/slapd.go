package syslog

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Slapd is the format slapd.
var Slapd = format.Spec{
	Name:     "slapd",
	Doc:      "OpenLDAP, by syslog",
	From:     "OpenLDAP by syslog: /var/log/zimbra.log",
	Programs: []string{"slapd"},
	Message:  parseSlapd,
	Fixture:  format.Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "slapd"},
	Question: `{service_name="slapd"} |= "err=49"`,
	Traps:    "An operation is several lines, joined by `connection_id` and `op`.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "a result 0, or the answer of a comparison (5, 6)"},
		{Value: "failure", When: "any other result; a referral (10) and a step of a bind (14) have none"},
	},
}

// parseSlapd reads "conn=1327 op=101 SRCH base="" scope=2 …" (OpenLDAP
// servers/slapd, loglevel stats). Octal escapes ("#012") stay as rsyslog wrote
// them.
func parseSlapd(in *format.Input, d *format.Draft, s string) bool {
	rest, ok := strings.CutPrefix(s, "conn=")
	if !ok {
		return slapdOther(d, s)
	}
	id := scan.Number(rest)
	d.Set(format.FieldConnectionID, id)
	rest = strings.TrimPrefix(rest[len(id):], " ")
	if v, ok := strings.CutPrefix(rest, "op="); ok {
		n := scan.Number(v)
		d.Add("op", n)
		rest = scan.TrimSpaces(v[len(n):])
	} else if v, ok := strings.CutPrefix(rest, "fd="); ok {
		rest = scan.TrimSpaces(v[len(scan.Number(v)):])
	}
	verb, args, _ := strings.Cut(rest, " ")
	return slapdVerb(in, d, verb, args)
}

func slapdVerb(in *format.Input, d *format.Draft, verb, args string) bool {
	switch verb {
	case "SRCH":
		d.Set(format.FieldAction, "search")
		d.Set(format.FieldTarget, scan.ValueOf(args, `base="`, `"`))
	case "BIND":
		d.Set(format.FieldAction, "bind")
		d.Set(format.FieldUser, scan.ValueOf(args, `dn="`, `"`))
		d.Set(format.FieldMechanism, scan.ValueOf(args, "mech=", " "))
	case "ADD", "MOD", "DEL", "CMP", "MODRDN":
		d.Set(format.FieldAction, lowerVerb(verb))
		d.Set(format.FieldTarget, scan.ValueOf(args, `dn="`, `"`))
	case "SEARCH":
		slapdResult(d, args)
	case "RESULT":
		slapdResult(d, args)
	case "ACCEPT":
		d.Set(format.FieldAction, "connect")
		slapdClient(in, d, args)
	case "closed", "UNBIND":
		d.Set(format.FieldAction, "disconnect")
	case "TLS":
		d.Set(format.FieldAction, "tls")
		d.Set(format.FieldTLS, "true")
		d.Set(format.FieldTLSVersion, scan.ValueOf(args, "tls_proto=", " "))
		d.Set(format.FieldTLSCipher, scan.ValueOf(args, "tls_cipher=", " "))
	case "STARTTLS", "EXT", "ABANDON", "WHOAMI", "PASSMOD":
		d.Set(format.FieldAction, lowerVerb(verb))
	default:
		return false
	}
	return true
}

func lowerVerb(v string) string {
	switch v {
	case "ADD":
		return "add"
	case "MOD":
		return "modify"
	case "DEL":
		return "delete"
	case "CMP":
		return "compare"
	case "MODRDN":
		return "rename"
	case "PASSMOD":
		return "password_change"
	case "STARTTLS":
		return "starttls"
	case "ABANDON":
		return "abandon"
	case "WHOAMI":
		return "whoami"
	}
	return "extended"
}

// slapdClient reads "from IP=192.0.2.1:50000 (IP=0.0.0.0:389)".
func slapdClient(in *format.Input, d *format.Draft, s string) {
	peer := scan.ValueOf(s, "IP=", " ")
	if i := strings.LastIndexByte(peer, ':'); i > 0 {
		d.Set(format.FieldPort, peer[i+1:])
		peer = peer[:i]
	}
	d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, peer))
}

// slapdResult reads "tag=97 err=49 nentries=0 text=why". An error is a number
// of RFC 4511 section 4.1.9; 32, noSuchObject, and 14, a bind in several steps,
// are everyday answers.
func slapdResult(d *format.Draft, s string) {
	d.Set(format.FieldAction, "result")
	code := scan.Number(scan.ValueOf(s, "err=", " "))
	d.Set(format.FieldStatus, code)
	d.Add("nentries", scan.Number(scan.ValueOf(s, "nentries=", " ")))
	switch code {
	case "0", "5", "6": // compareFalse and compareTrue are answers as well
		d.Set(format.FieldOutcome, "success")
		return
	case "", "10", "14": // a referral to another server is no end
		return
	}
	d.Set(format.FieldOutcome, "failure")
	if i := strings.Index(s, " text="); i >= 0 {
		d.Set(format.FieldError, scan.ShortText(s[i+len(" text="):]))
	}
	if code != "32" {
		d.Raise(format.LevelWarn)
	}
}

// slapdOther reads what slapd writes of itself.
func slapdOther(d *format.Draft, s string) bool {
	switch {
	case strings.HasPrefix(s, "@(#) $OpenLDAP"), strings.HasPrefix(s, "slapd starting"):
		d.Set(format.FieldAction, "start")
	case strings.HasPrefix(s, "slapd stopped"), strings.HasPrefix(s, "slapd shutdown"):
		d.Set(format.FieldAction, "stop")
	case strings.HasPrefix(s, "slap_queue_csn:"), strings.HasPrefix(s, "slap_graduate_commit_csn:"), strings.HasPrefix(s, "slap_get_csn:"), strings.HasPrefix(s, "connection_"),
		strings.HasPrefix(s, "connections_destroy:"), strings.HasPrefix(s, "daemon: "), strings.HasPrefix(s, "syncprov_"),
		strings.HasPrefix(s, "do_syncrep"), strings.HasPrefix(s, "syncrepl_"):
	case strings.HasPrefix(s, "<="), strings.HasPrefix(s, "=>"): // "<= mdb_equality_candidates: (uid) not indexed"
	default:
		return false
	}
	return true
}
