package transform

import "strings"

// Slapd is the format slapd.
var Slapd = Spec{
	Name:     "slapd",
	Doc:      "OpenLDAP, by syslog",
	From:     "OpenLDAP by syslog: /var/log/zimbra.log",
	Programs: []string{"slapd"},
	Message:  parseSlapd,
	Fixture:  Fixture{File: "zimbra-syslog/daemons.log", Path: "/var/log/zimbra.log", Example: "slapd"},
	Question: `{service_name="slapd"} |= "err=49"`,
	Traps:    "An operation is several lines, joined by `connection_id` and `op`.",
}

// parseSlapd reads "conn=1327 op=101 SRCH base="" scope=2 …" (OpenLDAP
// servers/slapd, loglevel stats). Octal escapes ("#012") stay as rsyslog wrote
// them.
func parseSlapd(in *Input, d *draft, s string) bool {
	rest, ok := strings.CutPrefix(s, "conn=")
	if !ok {
		return slapdOther(d, s)
	}
	id := number(rest)
	d.set(FieldConnectionID, id)
	rest = strings.TrimPrefix(rest[len(id):], " ")
	if v, ok := strings.CutPrefix(rest, "op="); ok {
		n := number(v)
		d.add("op", n)
		rest = trimSpaces(v[len(n):])
	} else if v, ok := strings.CutPrefix(rest, "fd="); ok {
		rest = trimSpaces(v[len(number(v)):])
	}
	verb, args, _ := strings.Cut(rest, " ")
	return slapdVerb(in, d, verb, args)
}

func slapdVerb(in *Input, d *draft, verb, args string) bool {
	switch verb {
	case "SRCH":
		d.set(FieldAction, "search")
		d.set(FieldTarget, valueOf(args, `base="`, `"`))
	case "BIND":
		d.set(FieldAction, "bind")
		d.set(FieldUser, valueOf(args, `dn="`, `"`))
		d.set(FieldMechanism, valueOf(args, "mech=", " "))
	case "ADD", "MOD", "DEL", "CMP", "MODRDN":
		d.set(FieldAction, lowerVerb(verb))
		d.set(FieldTarget, valueOf(args, `dn="`, `"`))
	case "SEARCH":
		slapdResult(d, args)
	case "RESULT":
		slapdResult(d, args)
	case "ACCEPT":
		d.set(FieldAction, "connect")
		slapdClient(in, d, args)
	case "closed", "UNBIND":
		d.set(FieldAction, "disconnect")
	case "TLS":
		d.set(FieldAction, "tls")
		d.set(FieldTLS, "true")
		d.set(FieldTLSVersion, valueOf(args, "tls_proto=", " "))
		d.set(FieldTLSCipher, valueOf(args, "tls_cipher=", " "))
	case "STARTTLS", "EXT", "ABANDON", "WHOAMI", "PASSMOD":
		d.set(FieldAction, lowerVerb(verb))
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
func slapdClient(in *Input, d *draft, s string) {
	peer := valueOf(s, "IP=", " ")
	if i := strings.LastIndexByte(peer, ':'); i > 0 {
		d.set(FieldPort, peer[i+1:])
		peer = peer[:i]
	}
	d.set(FieldClientIP, canonicalIP(&in.a, peer))
}

// slapdResult reads "tag=97 err=49 nentries=0 text=why". An error is a number
// of RFC 4511 section 4.1.9; 32, noSuchObject, and 14, a bind in several steps,
// are everyday answers.
func slapdResult(d *draft, s string) {
	d.set(FieldAction, "result")
	code := number(valueOf(s, "err=", " "))
	d.set(FieldStatus, code)
	d.add("nentries", number(valueOf(s, "nentries=", " ")))
	switch code {
	case "0":
		d.set(FieldOutcome, "success")
		return
	case "", "14":
		return
	}
	d.set(FieldOutcome, "failure")
	if i := strings.Index(s, " text="); i >= 0 {
		d.set(FieldError, shortText(s[i+len(" text="):]))
	}
	if code != "32" {
		d.raise(LevelWarn)
	}
}

// slapdOther reads what slapd writes of itself.
func slapdOther(d *draft, s string) bool {
	switch {
	case strings.HasPrefix(s, "@(#) $OpenLDAP"), strings.HasPrefix(s, "slapd starting"):
		d.set(FieldAction, "start")
	case strings.HasPrefix(s, "slapd stopped"), strings.HasPrefix(s, "slapd shutdown"):
		d.set(FieldAction, "stop")
	case strings.HasPrefix(s, "slap_queue_csn:"), strings.HasPrefix(s, "slap_graduate_commit_csn:"), strings.HasPrefix(s, "slap_get_csn:"), strings.HasPrefix(s, "connection_"),
		strings.HasPrefix(s, "connections_destroy:"), strings.HasPrefix(s, "daemon: "), strings.HasPrefix(s, "syncprov_"),
		strings.HasPrefix(s, "do_syncrep"), strings.HasPrefix(s, "syncrepl_"):
	case strings.HasPrefix(s, "<="), strings.HasPrefix(s, "=>"): // "<= mdb_equality_candidates: (uid) not indexed"
	default:
		return false
	}
	return true
}
