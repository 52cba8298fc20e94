package zimbra

import "github.com/zimbraloki/zimbraloki/transform/format"

// SetLog4jLabels gives the label log and service_name of a log4j line. The
// logger decides where a logger has a file of its own, because Carbonio's
// container writes all of them to one stream; else the file does, or the
// program that a syslog header names.
func SetLog4jLabels(d *format.Draft, logger string) {
	log := d.Log4j
	if log == "" {
		log = "mailbox"
		if d.Get(format.FieldProgram) == "imap" { // the syslog appender of zimbra-imapd
			log = "imapd"
		}
	}
	switch logger {
	case "security":
		switch log {
		case "imapd":
			log = "imapd-audit"
		case "imapd-audit", "zmconfigd-audit":
		default:
			log = "audit"
		}
	case "sync", "synctrace", "syncstate", "wbxml", "activity", "searchstat", "ews":
		log = logger
	}
	d.Log, d.Service, d.Job = log, Log4jService(log), "zimbra"
}

// Log4jLogs are the logs that are written in this shape, by the base name of
// their file.
var Log4jLogs = map[string]bool{
	"mailbox": true, "audit": true, "sync": true, "synctrace": true, "syncstate": true, "wbxml": true,
	"activity": true, "searchstat": true, "ews": true, "milter": true, "imapd": true, "imapd-audit": true,
	"zmconfigd-log4j": true, "zmconfigd-audit": true,
}

// Log4jService is the label service_name of a log of the log4j shape.
func Log4jService(log string) string {
	switch log {
	case "imapd", "imapd-audit":
		return "zimbra-imapd"
	case "milter":
		return "zimbra-milter"
	case "zmconfigd-log4j", "zmconfigd-audit":
		return "zimbra-zmconfigd"
	}
	return "zimbra-mailbox"
}
