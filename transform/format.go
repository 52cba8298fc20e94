package transform

// Format is what a line was recognised as.
type Format uint8

// The closed set of formats; formatTable says what each is.
const (
	FormatUnparsed Format = iota
	FormatMailbox
	FormatAudit
	FormatCLI
	FormatPlanr
	FormatJSON
	FormatContinuation
	FormatText
	FormatAccessLog
	FormatNginxAccess
	FormatNginxError
	FormatJettyTrace
	FormatMailboxdOut
	FormatActivity
	FormatClamd
	FormatMySQLSlow
	FormatZmconfigd
	FormatCbpolicyd
	FormatZmsetup
	FormatSpamtrain
	FormatVisiology
	FormatPostfix
	FormatAmavis
	FormatOpenDKIM
	FormatSaslauthd
	FormatSlapd
	FormatZimbramon
	FormatZmstat
	FormatSPF
	FormatSyslog
	numFormats
)

// formatTable names and describes each Format; docs/fields.md is generated from it.
var formatTable = [numFormats]struct{ name, doc string }{
	FormatUnparsed:     {"unparsed", "no parser knew the line: delivered as it is"},
	FormatMailbox:      {"mailbox", "Zimbra's log4j shape, any logger but security"},
	FormatAudit:        {"audit", "the same, logger security"},
	FormatCLI:          {"cli", "Zimbra's command line tools: thread before level"},
	FormatPlanr:        {"planr", "PLAN-R event, JSON"},
	FormatJSON:         {"json", "any other JSON object"},
	FormatContinuation: {"continuation", "lines of an event whose head was in an earlier chunk"},
	FormatText:         {"text", "time and level found in a usual place, nothing else"},
	FormatAccessLog:    {"access_log", "Jetty's access_log and what other web servers write in that form"},
	FormatNginxAccess:  {"nginx-access", "nginx.access.log of zimbra-proxy, three generations"},
	FormatNginxError:   {"nginx-error", "nginx.log: error_log, HTTP and mail proxy"},
	FormatJettyTrace:   {"trace_log", "Jetty's DebugHandler"},
	FormatMailboxdOut:  {"zmmailboxd.out", "Jetty's StdErrLog and the JVM's own lines"},
	FormatActivity:     {"activity", "activity.log: log4j and broken JSON"},
	FormatClamd:        {"clamd", "clamd.log and freshclam.log"},
	FormatMySQLSlow:    {"myslow", "slow query log of MariaDB"},
	FormatZmconfigd:    {"zmconfigd", "zmconfigd.log"},
	FormatCbpolicyd:    {"cbpolicyd", "cbpolicyd.log"},
	FormatZmsetup:      {"zmsetup", "zmsetup.log"},
	FormatSpamtrain:    {"spamtrain", "spamtrain.log"},
	FormatVisiology:    {"visiology", "event of Visiology, wrapped as OpenTelemetry's exporter for Loki did"},
	FormatPostfix:      {"postfix", "any service and instance of Postfix, by syslog"},
	FormatAmavis:       {"amavis", "amavisd, by syslog"},
	FormatOpenDKIM:     {"opendkim", "by syslog"},
	FormatSaslauthd:    {"saslauthd", "by syslog"},
	FormatSlapd:        {"slapd", "OpenLDAP, by syslog"},
	FormatZimbramon:    {"zimbramon", "service states and queue sizes, by syslog"},
	FormatZmstat:       {"zmstat", "a table of zmstat: header and values in one line"},
	FormatSPF:          {"policyd-spf", "by syslog"},
	FormatSyslog:       {"syslog", "any other program, by syslog: only the header is known"},
}

// String returns the name that explain and the documentation use.
func (f Format) String() string { return formatTable[f].name }

// Description names a format or a field and says what it is.
type Description struct {
	Name string
	Unit string // unit or shape of a field's value, "" for text
	Doc  string
}

// Formats describes all formats, in order.
func Formats() []Description {
	list := make([]Description, 0, numFormats)
	for _, f := range formatTable {
		list = append(list, Description{Name: f.name, Doc: f.doc})
	}
	return list
}

// Fields describes the vocabulary of structured metadata, in the order of the wire.
func Fields() []Description {
	list := make([]Description, 0, numFields)
	for _, f := range fieldTable {
		list = append(list, Description{f.name, f.unit, f.doc})
	}
	return list
}
