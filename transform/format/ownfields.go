package format

// ownFields are the pieces of metadata that only one or two formats have, under
// names of their own beside the vocabulary. What a log itself names (the
// attributes of a command in audit.log, columns of zmstat, keys that no parser
// knows) is passed on under its name there and is not listed.
var ownFields = []Description{
	{"activity_id", "integer", "number of an event in activity.log"},
	{"banned", "", "amavis: part of the mail that is banned"},
	{"batch", "comma list", "SOAP: requests inside of a BatchRequest"},
	{"bytes_read", "bytes", "IMAP, POP: read in the session"},
	{"bytes_sent", "bytes", "slow query: sent to the client"},
	{"bytes_written", "bytes", "IMAP, POP: written in the session"},
	{"chunk_id", "UUID", "zmstat: what joins the pieces of a long table"},
	{"content", "", "Postfix header and body checks: what matched"},
	{"count", "integer", "Postfix: so many connections, mails or logins were over a limit; nginx: logins that its limit has counted"},
	{"db_schema", "", "slow query: database"},
	{"db_user", "", "slow query: user of the database"},
	{"dnsbl_answer", "", "postscreen, dnsblog: answer of the block list"},
	{"dnsbl_rank", "integer", "postscreen: score by block lists"},
	{"domain", "", "opendmarc, opendkim: domain that a mail claims to be from"},
	{"event_host", "", "activity.log: host of the event"},
	{"examined", "integer", "spamtrain: mails looked at"},
	{"items", "integer", "number of items of a mail operation"},
	{"jail", "", "fail2ban: jail that saw or banned the address"},
	{"learned", "integer", "spamtrain: mails learned from"},
	{"lock_ms", "milliseconds", "slow query: waited for locks"},
	{"mailbox_size", "bytes", "size of a mailbox near its quota"},
	{"mysql_code", "MY-000000", "MySQL: number of the message in the error log"},
	{"nentries", "integer", "slapd: entries found"},
	{"notification", "", "Postfix: kind of the notification that was sent"},
	{"op", "integer; text in audit.log", "slapd: operation in its connection"},
	{"original_message_id", "<id@host>", "mail that is answered or forwarded"},
	{"parent_mail_id", "", "amavis: `mail_id` of the mail because of which it sent this one"},
	{"proxy_agent", "", "IMAP: the proxy's own name, where `user_agent` is the client's"},
	{"proxy_target", "", "SOAP: server the request was handed to"},
	{"query", "", "searchstat: the search"},
	{"queue_kb", "kB", "size of the mail queue"},
	{"queue_mails", "integer", "mails in the queue"},
	{"quota", "bytes", "quota of the mailbox"},
	{"quota_used", "used/limit (percent)", "cbpolicyd: what a quota has counted so far"},
	{"rewritten", "address", "postsrsd: what the address was made to"},
	{"rows_affected", "rows", "slow query: rows changed"},
	{"rows_examined", "rows", "slow query: rows read"},
	{"rows_sent", "rows", "slow query: rows of the answer"},
	{"scanned", "", "clamd: file or stream that was scanned"},
	{"target_id", "UUID", "audit: identifier of `target`"},
	{"tls_policy", "", "Postfix: security level of a delivery and the features of TLS that were asked for"},
	{"uid", "integer", "Postfix pickup: user on the host"},
	{"url", "", "saslauthd: address that it asked"},
	{"warn_percent", "percent", "share of the quota from which on the user is warned"},
}

// OwnFields describes the metadata outside of the vocabulary.
func OwnFields() []Description { return ownFields }
