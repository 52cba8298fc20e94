package transform

import (
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/db"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/mta"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

// formats are all formats that are known. A new one is its file, a row here and
// its fixture; documentation, metrics and tests follow from its Spec.
var formats = format.NewTable(
	&format.Unparsed,
	&zimbra.Mailbox,
	&zimbra.Audit,
	&zimbra.CLI,
	&json.Planr,
	&json.JSON,
	&format.Continuation,
	&plain.Text,
	&web.AccessLog,
	&web.NginxAccess,
	&web.NginxError,
	&web.JettyTrace,
	&mta.Clamd, // before those whose lines its own look like: its file tells
	&zimbra.MailboxdOut,
	&zimbra.Activity,
	&db.MySQLSlow,
	&zimbra.Zmconfigd,
	&mta.Cbpolicyd,
	&zimbra.Zmsetup,
	&zimbra.Spamtrain,
	&json.Visiology,
	&mta.Postfix,
	&mta.Amavis,
	&mta.OpenDKIM,
	&mta.Saslauthd,
	&mta.Dovecot,
	&mta.Rspamd,
	&syslog.Slapd,
	&zimbra.Zimbramon,
	&zimbra.Zmstat,
	&mta.SPF,
	&syslog.Syslog,
	&mta.OpenDMARC,
	&mta.PostSRSd,
	&mta.Fail2ban,
	&mta.SOGo,
	&db.MySQLError,
	&web.ZPush,
	&web.PHPFPM,
	&syslog.Certbot,
)

// Formats returns all formats, in the order of the documentation.
func Formats() []*format.Spec { return formats.All() }
