package transform

// formats are all formats that are known. A new one is its file, a row here and
// its fixture; documentation, metrics and tests follow from its Spec.
var formats = NewTable(
	&Unparsed,
	&Mailbox,
	&Audit,
	&CLI,
	&Planr,
	&JSON,
	&Continuation,
	&Text,
	&AccessLog,
	&NginxAccess,
	&NginxError,
	&JettyTrace,
	&MailboxdOut,
	&Activity,
	&Clamd,
	&MySQLSlow,
	&Zmconfigd,
	&Cbpolicyd,
	&Zmsetup,
	&Spamtrain,
	&Visiology,
	&Postfix,
	&Amavis,
	&OpenDKIM,
	&Saslauthd,
	&Slapd,
	&Zimbramon,
	&Zmstat,
	&SPF,
	&Syslog,
)

// Formats returns all formats, in the order of the documentation.
func Formats() []*Spec { return formats.All() }
