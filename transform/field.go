package transform

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
	FieldFile
	FieldProgram
	FieldPID
	FieldRepeat
	FieldTimeSource
	FieldContinued
	FieldTruncated
	FieldPartial
	numFields
)

// fieldInfo documents one Field; docs/fields.md is generated from it.
type fieldInfo struct {
	name string // name of the metadata on the wire
	unit string // unit or shape of the value, "" for text
	doc  string
}

var fieldTable = [numFields]fieldInfo{
	FieldDetectedLevel: {"detected_level", "trace, debug, info, warn, error, fatal, unknown", "severity; always set, so Loki does not guess from words in the line"},
	FieldFormat:        {"format", "", "set where no parser knew the line (`unparsed`) or only its head (`partly`)"},
	FieldComponent:     {"component", "", "part of the program that wrote the line: the log4j logger (`soap`, `imap`, `mailop`, `SoapEngine`), the logger of a JSON log"},
	FieldAction:        {"action", "", "what was done: SOAP request, IMAP or POP command, audit command, `deliver`, `send`, `auth`, PLAN-R's command"},
	FieldOutcome:       {"outcome", "success, failure, lockout, attempt, admin_change, delegate", "how it ended; set only where the line says so"},
	FieldUser:          {"user", "", "the account the line is about; for a login the name that was tried"},
	FieldAuthUser:      {"auth_user", "", "who was logged in, where that is not `user` (delegated access, administrators)"},
	FieldTarget:        {"target", "", "the object of an administrative change: account, domain, server, list"},
	FieldClientIP:      {"client_ip", "IPv4, or IPv6 as RFC 5952 writes it", "address of the real client, behind proxies too"},
	FieldProtocol:      {"protocol", "soap, imap, pop3, lmtp, smtp, dav, rest, activesync, zsync, …", "how the client spoke"},
	FieldError:         {"error", "", "why it failed, in the program's words"},
	FieldDurationMS:    {"duration_ms", "milliseconds", "how long it took"},
	FieldMailboxID:     {"mailbox_id", "integer", "Zimbra's number of the mailbox (`mid`)"},
	FieldRequestID:     {"request_id", "", "one request through all its lines, and through mailstores that proxy it (`soapId`)"},
	FieldTraceID:       {"trace_id", "", "one request through all services"},
	FieldSpanID:        {"span_id", "", "one step of a trace"},
	FieldMessageID:     {"message_id", "<id@host>", "Message-ID of the mail, in angle brackets"},
	FieldUserAgent:     {"user_agent", "", "client program as it named itself"},
	FieldThread:        {"thread", "pool-number", "thread that wrote the line, without the URL that Jetty adds"},
	FieldPath:          {"path", "", "URL path of the request, without its query, where it is no SOAP request"},
	FieldAdminPort:     {"admin_port", "true", "the request came in by the administration port (7071, 9071)"},
	FieldIP:            {"ip", "", "peer address as the JVM saw it, where that is not `client_ip`"},
	FieldOIP:           {"oip", "", "originating address as the client or proxy gave it, where that is not `client_ip` (a list, say)"},
	FieldPort:          {"port", "integer", "peer port"},
	FieldOPort:         {"oport", "integer", "originating port"},
	FieldOProto:        {"oproto", "", "originating protocol (`smtp` for logins through saslauthd)"},
	FieldVia:           {"via", "ip(program),ip(program)", "chain of proxies"},
	FieldConnectionID:  {"connection_id", "integer", "IMAP, POP or milter connection (`cid`)"},
	FieldAccountID:     {"account_id", "UUID", "account, where its name could not be found"},
	FieldAuthUserID:    {"auth_user_id", "UUID", "`auth_user`, where its name could not be found"},
	FieldItemID:        {"item_id", "integer, or a list", "item in the mailbox"},
	FieldDataSource:    {"data_source", "", "name of an external account (`ds`)"},
	FieldDeviceID:      {"device_id", "", "mobile device of ActiveSync"},
	FieldEASVersion:    {"eas_version", "", "version of the ActiveSync protocol"},
	FieldMechanism:     {"mechanism", "LOGIN, PLAIN, CRAM-MD5, GSSAPI, …", "how the client authenticated"},
	FieldTLS:           {"tls", "true", "the connection was encrypted"},
	FieldFrom:          {"from", "address", "envelope sender"},
	FieldTo:            {"to", "address, or a comma list", "recipients, at most 20 of them"},
	FieldRecipients:    {"recipients", "integer", "number of recipients"},
	FieldSize:          {"size", "bytes", "size of the message"},
	FieldFolder:        {"folder", "", "mail folder"},
	FieldReplyType:     {"reply_type", "r, w, d", "reply, forward, draft"},
	FieldStatus:        {"status", "", "reply or state in the words of the protocol"},
	FieldReason:        {"reason", "", "why a request was handed to another server"},
	FieldException:     {"exception", "Java class", "class of the exception whose stack trace the entry holds"},
	FieldRootCause:     {"root_cause", "Java class", "class of the last `Caused by:`"},
	FieldExceptionID:   {"exception_id", "", "Zimbra's ExceptionId"},
	FieldCode:          {"code", "service.FAILURE, account.AUTH_FAILED, …", "Zimbra's service code"},
	FieldLogger:        {"logger", "", "logger of a JSON log, where `component` says something else"},
	FieldUserID:        {"user_id", "", "identifier of the user"},
	FieldUserLogin:     {"user_login", "", "PLAN-R: login of the user, the same as `user`"},
	FieldSpaceID:       {"space_id", "UUID", "PLAN-R: space"},
	FieldCommandName:   {"command_name", "", "PLAN-R: event, the same as `action`"},
	FieldRequestSource: {"request_source", "", "PLAN-R: where the request came from"},
	FieldDuration:      {"duration", "milliseconds", "PLAN-R: as written, only for requests over 500 ms"},
	FieldAuthSuccess:   {"auth_success", "true, false", "PLAN-R: result of a login"},
	FieldStream:        {"stream", "stdout, stderr", "stream of the container"},
	FieldContainerID:   {"container_id", "", "container"},
	FieldContainerName: {"container_name", "", "name of the container inside its pod, where the label `container` holds another"},
	FieldPod:           {"pod", "", "Kubernetes pod"},
	FieldNamespace:     {"namespace", "", "Kubernetes namespace"},
	FieldNode:          {"node", "", "Kubernetes node"},
	FieldFile:          {"file", "", "file that the line was read from"},
	FieldProgram:       {"program", "", "program named by the syslog header"},
	FieldPID:           {"pid", "integer", "process named by the syslog header"},
	FieldRepeat:        {"repeat", "integer", "the line stands for so many events"},
	FieldTimeSource:    {"time_source", "arrival", "the line has no time of its own, or one that cannot be right (more than 10 minutes after its arrival): the time of its arrival was used. `arrival_future` names the second case"},
	FieldContinued:     {"continued", "true", "the entry goes on with the lines of an earlier one"},
	FieldTruncated:     {"truncated", "true", "the line was longer than Loki takes; its rest follows in entries with `continued`"},
	FieldPartial:       {"partial", "true", "the container runtime had cut the line and its rest was not in the chunk"},
}

// String returns the name on the wire.
func (f Field) String() string { return fieldTable[f].name }
