package format

// ActionAuth is the action of a login in every log, by Zimbra's own word for it
// (audit.log's cmd). Zimbra's logs have others that end so: AdminAuth, PreAuth.
const ActionAuth = "Auth"

// Field names one piece of structured metadata of the common vocabulary. The
// order here is the order on the wire.
type Field uint8

// The vocabulary. fieldTable says what each means.
const (
	FieldDetectedLevel Field = iota
	FieldFormat
	FieldComponent
	FieldAction
	FieldOutcome
	FieldUser
	FieldAuthUser
	FieldTarget
	FieldClientIP
	FieldProtocol
	FieldError
	FieldDurationMS
	FieldMailboxID
	FieldRequestID
	FieldTraceID
	FieldSpanID
	FieldMessageID
	FieldUserAgent
	FieldThread
	FieldPath
	FieldAdminPort
	FieldIP
	FieldOIP
	FieldPort
	FieldOPort
	FieldOProto
	FieldVia
	FieldConnectionID
	FieldAccountID
	FieldAuthUserID
	FieldItemID
	FieldDataSource
	FieldDeviceID
	FieldEASVersion
	FieldMechanism
	FieldTLS
	FieldFrom
	FieldTo
	FieldRecipients
	FieldSize
	FieldFolder
	FieldReplyType
	FieldStatus
	FieldReason
	FieldException
	FieldRootCause
	FieldExceptionID
	FieldCode
	FieldLogger
	FieldUserID
	FieldUserLogin
	FieldSpaceID
	FieldCommandName
	FieldRequestSource
	FieldDuration
	FieldAuthSuccess
	FieldStream
	FieldContainerID
	FieldContainerName
	FieldPod
	FieldNamespace
	FieldNode
	FieldProgram
	FieldPID
	FieldRepeat
	FieldTimeSource
	FieldContinued
	FieldTruncated
	FieldPartial
	FieldMethod
	FieldReferer
	FieldUpstream
	FieldServer
	FieldHTTPHost
	FieldVirus
	FieldOperation
	FieldOperationStatus
	FieldAccessType
	FieldObjectType
	FieldObjectID
	FieldWorkspaceID
	FieldSeverityText
	FieldScopeName
	FieldQueueID
	FieldInstance
	FieldClientHost
	FieldOrigTo
	FieldRelay
	FieldDelay
	FieldDelays
	FieldDSN
	FieldQueuedAs
	FieldOrigQueueID
	FieldNotificationID
	FieldResentMessageID
	FieldStage
	FieldHelo
	FieldCommands
	FieldFilter
	FieldDNSBL
	FieldTLSVersion
	FieldTLSCipher
	FieldTLSTrust
	FieldVerdict
	FieldCategory
	FieldDisposition
	FieldPolicyBank
	FieldMailID
	FieldScore
	FieldQuarantine
	FieldDKIM
	NumFields
)

// fieldInfo documents one Field; docs/fields.md is generated from it.
type fieldInfo struct {
	name string // name of the metadata on the wire
	unit string // unit or shape of the value, "" for text
	doc  string
}

var fieldTable = [NumFields]fieldInfo{
	FieldDetectedLevel:   {"detected_level", "trace, debug, info, warn, error, fatal, unknown", "severity; always set, so Loki does not guess from words in the line"},
	FieldFormat:          {"format", "", "set where no parser knew the line (`unparsed`) or only its head (`partly`)"},
	FieldComponent:       {"component", "", "part of the program that wrote the line: the log4j logger (`soap`, `imap`, `mailop`, `SoapEngine`), the logger of a JSON log"},
	FieldAction:          {"action", "", "what was done: SOAP request, IMAP or POP command, audit command, `deliver`, `send`, `Auth` (every login), `connect`, `receive`, `reject`, PLAN-R's command"},
	FieldOutcome:         {"outcome", "success, failure, rejected, …: [outcomes](outcomes.md)", "how it ended; set only where the line says so"},
	FieldUser:            {"user", "", "the account the line is about; for a login the name that was tried"},
	FieldAuthUser:        {"auth_user", "", "who was logged in, where that is not `user` (delegated access, administrators)"},
	FieldTarget:          {"target", "", "the object of an administrative change: account, domain, server, list"},
	FieldClientIP:        {"client_ip", "IPv4, or IPv6 as RFC 5952 writes it", "address of the real client, behind proxies too"},
	FieldProtocol:        {"protocol", "soap, imap, pop3, lmtp, smtp, dav, rest, activesync, zsync, …", "how the client spoke"},
	FieldError:           {"error", "", "why it failed, in the program's words"},
	FieldDurationMS:      {"duration_ms", "milliseconds", "how long it took"},
	FieldMailboxID:       {"mailbox_id", "integer", "Zimbra's number of the mailbox (`mid`)"},
	FieldRequestID:       {"request_id", "", "one request through all its lines, and through mailstores that proxy it (`soapId`)"},
	FieldTraceID:         {"trace_id", "", "one request through all services"},
	FieldSpanID:          {"span_id", "", "one step of a trace"},
	FieldMessageID:       {"message_id", "<id@host>", "Message-ID of the mail, in angle brackets"},
	FieldUserAgent:       {"user_agent", "", "client program as it named itself"},
	FieldThread:          {"thread", "pool-number", "thread that wrote the line, without the URL that Jetty adds"},
	FieldPath:            {"path", "", "URL path of the request, without its query"},
	FieldAdminPort:       {"admin_port", "true", "the request came in by the administration port (7071, 9071)"},
	FieldIP:              {"ip", "", "peer address as the JVM saw it, where that is not `client_ip`"},
	FieldOIP:             {"oip", "", "originating address as the client or proxy gave it, where that is not `client_ip` (a list, say)"},
	FieldPort:            {"port", "integer", "peer port"},
	FieldOPort:           {"oport", "integer", "originating port"},
	FieldOProto:          {"oproto", "", "originating protocol (`smtp` for logins through saslauthd)"},
	FieldVia:             {"via", "ip(program),ip(program)", "chain of proxies"},
	FieldConnectionID:    {"connection_id", "integer; Dovecot's are text", "IMAP, POP or milter connection (`cid`, Dovecot's `session`)"},
	FieldAccountID:       {"account_id", "UUID", "account, where its name could not be found"},
	FieldAuthUserID:      {"auth_user_id", "UUID", "`auth_user`, where its name could not be found"},
	FieldItemID:          {"item_id", "integer, or a list", "item in the mailbox"},
	FieldDataSource:      {"data_source", "", "name of an external account (`ds`)"},
	FieldDeviceID:        {"device_id", "", "mobile device of ActiveSync"},
	FieldEASVersion:      {"eas_version", "", "version of the ActiveSync protocol"},
	FieldMechanism:       {"mechanism", "LOGIN, PLAIN, CRAM-MD5, GSSAPI, …", "how the client authenticated"},
	FieldTLS:             {"tls", "true", "the connection was encrypted"},
	FieldFrom:            {"from", "address", "envelope sender"},
	FieldTo:              {"to", "address, or a comma list", "recipients, at most 20 of them"},
	FieldRecipients:      {"recipients", "integer", "number of recipients"},
	FieldSize:            {"size", "bytes", "size of the message"},
	FieldFolder:          {"folder", "", "mail folder"},
	FieldReplyType:       {"reply_type", "r, w, d", "reply, forward, draft"},
	FieldStatus:          {"status", "", "reply or state in the words of the protocol"},
	FieldReason:          {"reason", "", "why a request was handed to another server, why a mail was held or discarded"},
	FieldException:       {"exception", "Java class", "class of the exception whose stack trace the entry holds"},
	FieldRootCause:       {"root_cause", "Java class", "class of the last `Caused by:`"},
	FieldExceptionID:     {"exception_id", "", "Zimbra's ExceptionId"},
	FieldCode:            {"code", "service.FAILURE, account.AUTH_FAILED, …", "Zimbra's service code"},
	FieldLogger:          {"logger", "", "logger of a JSON log, where `component` says something else"},
	FieldUserID:          {"user_id", "", "identifier of the user"},
	FieldUserLogin:       {"user_login", "", "PLAN-R: login of the user, the same as `user`"},
	FieldSpaceID:         {"space_id", "UUID", "PLAN-R: space"},
	FieldCommandName:     {"command_name", "", "PLAN-R: event, the same as `action`"},
	FieldRequestSource:   {"request_source", "", "PLAN-R: where the request came from"},
	FieldDuration:        {"duration", "milliseconds", "PLAN-R: as written, only for requests over 500 ms"},
	FieldAuthSuccess:     {"auth_success", "true, false", "PLAN-R: result of a login"},
	FieldStream:          {"stream", "stdout, stderr", "stream of the container"},
	FieldContainerID:     {"container_id", "", "container"},
	FieldContainerName:   {"container_name", "", "name of the container inside its pod, where the label `container` holds another"},
	FieldPod:             {"pod", "", "Kubernetes pod"},
	FieldNamespace:       {"namespace", "", "Kubernetes namespace"},
	FieldNode:            {"node", "", "Kubernetes node"},
	FieldProgram:         {"program", "", "program named by the syslog header"},
	FieldPID:             {"pid", "integer", "process that wrote the line, by its header"},
	FieldRepeat:          {"repeat", "integer", "the line stands for so many events"},
	FieldTimeSource:      {"time_source", "arrival", "the line has no time of its own, or one that cannot be right (more than 10 minutes after its arrival): the time of its arrival was used. `arrival_future` names the second case"},
	FieldContinued:       {"continued", "true", "the entry goes on with the lines of an earlier one"},
	FieldTruncated:       {"truncated", "true", "the line was longer than Loki takes; its rest follows in entries with `continued`"},
	FieldPartial:         {"partial", "true", "the container runtime had cut the line and its rest was not in the chunk"},
	FieldMethod:          {"method", "GET, POST, PROPFIND, …", "method of an HTTP request"},
	FieldReferer:         {"referer", "", "page that the request came from"},
	FieldUpstream:        {"upstream", "host:port, or a list", "server that the proxy handed the request to"},
	FieldServer:          {"server", "host:port", "virtual server or address that took the connection"},
	FieldHTTPHost:        {"http_host", "", "host that the client asked for"},
	FieldVirus:           {"virus", "", "name of what the virus scanner found"},
	FieldOperation:       {"operation", "", "Visiology: OperationName, the same as `action`"},
	FieldOperationStatus: {"operation_status", "Success, Failed", "Visiology: as written; `outcome` says the same in the common words"},
	FieldAccessType:      {"access_type", "Read, Write, Create, Delete, …", "Visiology: kind of access"},
	FieldObjectType:      {"object_type", "Dashboard, Theme, Dataset, Global, …", "Visiology: kind of object"},
	FieldObjectID:        {"object_id", "", "Visiology: object"},
	FieldWorkspaceID:     {"workspace_id", "UUID", "Visiology: workspace"},
	FieldSeverityText:    {"severity_text", "", "OpenTelemetry: severity as the program named it"},
	FieldScopeName:       {"scope_name", "", "OpenTelemetry: instrumentation scope"},
	FieldQueueID:         {"queue_id", "", "Postfix queue id; unique on its host only, and only while the mail is in the queue"},
	FieldInstance:        {"instance", "amavisd, dkimmilter, submission, smtps, …", "which of several copies of a service: what Postfix's `syslog_name` has between `postfix` and the service"},
	FieldClientHost:      {"client_host", "", "name of the client by DNS, where it has one"},
	FieldOrigTo:          {"orig_to", "address", "recipient before aliases were followed"},
	FieldRelay:           {"relay", "host[ip]:port, none, local, virtual, …", "where Postfix handed the mail to"},
	FieldDelay:           {"delay", "duration (`900.1s`)", "from the arrival of the mail in this queue to this line"},
	FieldDelays:          {"delays", "a/b/c/d, seconds", "before the queue manager / in it / setting up the connection / transmission"},
	FieldDSN:             {"dsn", "x.y.z", "enhanced status code of RFC 3463"},
	FieldQueuedAs:        {"queued_as", "", "queue id that the mail has after this hop; where `relay` is another host, it is that host's"},
	FieldOrigQueueID:     {"orig_queue_id", "", "queue id that the mail had before this hop (XFORWARD)"},
	FieldNotificationID:  {"notification_id", "", "queue id of the bounce, or of the notice about a delay, that was sent for this mail"},
	FieldResentMessageID: {"resent_message_id", "<id@host>", "Resent-Message-ID of the mail"},
	FieldStage:           {"stage", "CONNECT, MAIL, RCPT, DATA, END-OF-MESSAGE, …", "command of the SMTP session at which it happened"},
	FieldHelo:            {"helo", "", "name that the client gave with HELO or EHLO"},
	FieldCommands:        {"commands", "ehlo=1 auth=0/1 …", "commands of the SMTP session: successful, or successful/all"},
	FieldFilter:          {"filter", "transport:nexthop", "content filter that Postfix chose for the mail"},
	FieldDNSBL:           {"dnsbl", "", "blocklist that lists the client"},
	FieldTLSVersion:      {"tls_version", "", "protocol of the TLS session"},
	FieldTLSCipher:       {"tls_cipher", "", "cipher suite of the TLS session"},
	FieldTLSTrust:        {"tls_trust", "Anonymous, Untrusted, Trusted, Verified", "how far Postfix could check the peer's certificate"},
	FieldVerdict:         {"verdict", "Passed, Blocked", "amavis: whether the mail went on"},
	FieldCategory:        {"category", "CLEAN, SPAM, SPAMMY, INFECTED, BANNED, …", "amavis: what the mail was taken for"},
	FieldDisposition:     {"disposition", "RelayedInbound, Quarantined, add header, …", "amavis, rspamd: what was done with the mail"},
	FieldPolicyBank:      {"policy_bank", "ORIGINATING, MYNETS, …", "amavis: policy banks that were loaded, in their order"},
	FieldMailID:          {"mail_id", "", "amavis: identifier of the mail, also in the name of its quarantine file"},
	FieldScore:           {"score", "points", "score of SpamAssassin or rspamd"},
	FieldQuarantine:      {"quarantine", "", "amavis: where the mail was put"},
	FieldDKIM:            {"dkim", "selector:domain, or a list", "DKIM signatures that were valid, or were made"},
}

// fieldNames are the names on the wire, side by side: they are read for every
// entry.
var fieldNames = func() (names [64 * maskWords]string) {
	for f, info := range fieldTable {
		names[f] = info.name
	}
	return names
}()

// String returns the name on the wire.
func (f Field) String() string { return fieldTable[f].name }

// ValueKind is what the values of a field are, for stores that tell numbers from
// texts. On the wire to Loki all are texts.
type ValueKind uint8

// The kinds.
const (
	KindText   ValueKind = iota
	KindNumber           // an integer, or a decimal fraction
	KindBool             // true or false
)

// Kind is what the values of the field are, by their unit. What may be a list,
// or is a text in some logs, is a text.
func (f Field) Kind() ValueKind {
	switch fieldTable[f].unit {
	case "milliseconds", "integer", "bytes", "points":
		return KindNumber
	case "true", "true, false":
		return KindBool
	}
	return KindText
}

// Fields describes the vocabulary of structured metadata, in the order of the wire.
func Fields() []Description {
	list := make([]Description, 0, NumFields)
	for _, f := range fieldTable {
		list = append(list, Description{f.name, f.unit, f.doc})
	}
	return list
}
