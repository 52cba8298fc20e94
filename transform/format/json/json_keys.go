package json

// jsonSlot is one thing that a JSON log line can tell.
type jsonSlot uint8

const (
	slotTime   jsonSlot = iota
	slotLetter          // MongoDB's severity
	slotEpochSecond
	slotNano
	slotLevel
	slotSeverity
	slotMessage
	slotGELF // a message too, and the sign of GELF
	slotTrace
	slotSpan
	slotRequest
	slotUser
	slotUserID
	slotLogger
	slotComponent
	slotService
	slotError
	slotErrorClass
	slotStack
	slotClientIP
	slotUserAgent
	slotOutcome
	slotMillis
	slotNanos
	slotDuration
	slotMethod
	slotURI
	slotStatus
	slotHTTPHost

	// PLAN-R's own.
	slotLogin
	slotCommand
	slotSpace
	slotSource
	slotAuth
	slotContainer
	numSlots
)

// jsonKey says under which keys a slot stands, best first: the first that a
// line has counts. Keys are case-sensitive.
type jsonKey struct {
	slot  jsonSlot
	names []string
}

// jsonTopKeys are the keys of the line's object itself, after the programs that
// write them: PLAN-R; logback and Log4j's JSON layouts; pino and bunyan; zap,
// slog, zerolog and log15; Serilog's two JSON formats and .NET's console; Python
// (python-json-logger, structlog); Monolog; GELF; Elastic Common Schema, dotted;
// OpenTelemetry; the collector's lokiexporter; Google's cloud logging.
var jsonTopKeys = []jsonKey{
	{slotTime, []string{"time", "@timestamp", "timestamp", "ts", "@t", "Timestamp", "datetime", "asctime", "timeMillis", "eventTime", "event_time", "t", "date", "Time"}},
	{slotLevel, []string{"level_name", "levelname", "@l", "level", "severity", "lvl", "log.level", "loglevel", "logLevel", "log_level", "Level", "LogLevel", "severity_text", "severityText", "SeverityText", "Severity", "LEVEL"}},
	{slotSeverity, []string{"severity_number", "severityNumber", "SeverityNumber"}},
	{slotMessage, []string{"message", "msg", "@m", "Message", "RenderedMessage", "full_message", "@mt", "MessageTemplate", "body", "Body", "event"}},
	{slotLetter, []string{"s"}},
	{slotGELF, []string{"short_message"}},
	{slotTrace, []string{"trace_id", "traceId", "traceid", "trace.id", "TraceId", "TraceID", "traceID", "trace-id", "@tr", "otelTraceID", "dd.trace_id", "X-B3-TraceId", "_trace_id", "trace"}},
	{slotSpan, []string{"span_id", "spanId", "spanid", "span.id", "SpanId", "SpanID", "spanID", "span-id", "@sp", "otelSpanID", "dd.span_id", "X-B3-SpanId", "_span_id"}},
	{slotRequest, []string{"request_id", "requestId", "RequestId", "requestID", "req_id", "reqId", "x_request_id", "x-request-id", "X-Request-Id", "X-Request-ID", "http.request.id", "correlation_id", "correlationId", "CorrelationId", "_request_id"}},
	{slotUser, []string{"user", "username", "user_name", "userName", "UserName", "user.name", "usr.name", "login", "user_email", "user.email", "_user"}},
	{slotUserID, []string{"user_id", "userId", "UserId", "userid", "user.id", "usr.id"}},
	{slotLogger, []string{"logger", "logger_name", "loggerName", "log.logger", "SourceContext", "Category", "category", "channel", "target", "_logger", "name"}},
	{slotComponent, []string{"component", "Component"}},
	{slotService, []string{"service.name", "service", "service_name", "serviceName", "application", "app", "application_name", "app_name", "appName", "dd.service", "_service"}},
	{slotError, []string{"error", "err", "error.message", "errorMessage", "error_message", "errmsg", "exception.message", "_error"}},
	{slotErrorClass, []string{"error.type", "exception.type", "exception_class", "exceptionClass", "exception_type"}},
	{slotStack, []string{"stack_trace", "error.stack_trace", "exception.stacktrace", "stacktrace", "stackTrace", "stack", "exc_info", "exc_text", "exception", "Exception", "@x", "thrown", "traceback"}},
	{slotClientIP, []string{"client_ip", "clientIp", "clientIP", "ClientIp", "client.ip", "remote_ip", "remote_addr", "remoteAddr", "remoteAddress", "RemoteIpAddress", "source.ip", "ip_address", "_client_ip"}},
	{slotUserAgent, []string{"user_agent", "userAgent", "user-agent", "UserAgent", "user_agent.original", "http_user_agent"}},
	{slotOutcome, []string{"event.outcome"}},
	{slotMillis, []string{"duration_ms", "durationMs", "elapsed_ms", "elapsedMs", "ElapsedMilliseconds", "elapsedMilliseconds", "response_time_ms", "latency_ms", "latencyMs", "took_ms", "responseTime", "Elapsed"}},
	{slotNanos, []string{"event.duration", "duration_ns"}},
	{slotDuration, []string{"duration", "elapsed", "latency", "took"}},
	{slotMethod, []string{"method", "request_method", "http.request.method"}},
	{slotURI, []string{"request_uri", "uri", "url.path"}},
	{slotStatus, []string{"status", "status_code", "statusCode", "http.response.status_code"}},
	{slotLogin, []string{"user_login"}},
	{slotCommand, []string{"command_name"}},
	{slotSpace, []string{"space_id"}},
	{slotSource, []string{"request_source"}},
	{slotAuth, []string{"auth_success"}},
	{slotContainer, []string{"container_name"}},
}

// jsonGroup is an object inside of the line. Its keys come after those of the
// line itself: a slot that the line fills is not filled from here.
type jsonGroup struct {
	names []string // of the object
	keys  []jsonKey
	deep  []jsonGroup // objects inside of it
}

// jsonContext are the keys of the objects in which programs keep what belongs
// to the request: Serilog's Properties, Log4j's contextMap, mdc, and others.
var jsonContext = []jsonKey{
	{slotTrace, []string{"trace_id", "traceId", "TraceId"}},
	{slotSpan, []string{"span_id", "spanId", "SpanId"}},
	{slotRequest, []string{"request_id", "requestId", "RequestId", "CorrelationId"}},
	{slotUser, []string{"user", "username", "userName", "UserName", "User"}},
	{slotUserID, []string{"user_id", "userId", "UserId"}},
	{slotClientIP, []string{"client_ip", "clientIp", "ClientIp"}},
	{slotLogger, []string{"SourceContext"}},
	{slotMessage, []string{"message"}},
	{slotMillis, []string{"ElapsedMilliseconds", "Elapsed", "duration_ms"}},
}

// jsonException are the keys of an exception or error: ECS, pino, Log4j.
var jsonException = []jsonKey{
	{slotError, []string{"message", "msg"}},
	{slotErrorClass, []string{"type", "class", "name"}},
	{slotStack, []string{"stack_trace", "stackTrace", "stacktrace", "stack", "extendedStackTrace"}},
}

// jsonRequest are the keys of a request: pino-http, Caddy.
var jsonRequest = []jsonKey{
	{slotRequest, []string{"id"}},
	{slotClientIP, []string{"client_ip", "remoteAddress", "remote_ip", "ip"}},
	{slotMethod, []string{"method"}},
	{slotURI, []string{"uri", "url"}},
	{slotHTTPHost, []string{"host"}},
}

var jsonGroups = []jsonGroup{
	{names: []string{"t"}, keys: []jsonKey{{slotTime, []string{"$date"}}}}, // MongoDB
	{names: []string{"log"}, keys: []jsonKey{{slotLevel, []string{"level"}}, {slotLogger, []string{"logger"}}}},
	{names: []string{"error", "err", "exception", "exc", "thrown", "Exception"}, keys: jsonException},
	{names: []string{"trace"}, keys: []jsonKey{{slotTrace, []string{"id"}}}},
	{names: []string{"span"}, keys: []jsonKey{{slotSpan, []string{"id"}}}},
	{names: []string{"service"}, keys: []jsonKey{{slotService, []string{"name"}}}},
	{names: []string{"user", "usr"}, keys: []jsonKey{{slotUser, []string{"name", "login", "username", "email"}}, {slotUserID, []string{"id"}}}},
	{names: []string{"client", "source"}, keys: []jsonKey{{slotClientIP, []string{"ip"}}}},
	{names: []string{"user_agent"}, keys: []jsonKey{{slotUserAgent, []string{"original"}}}},
	{names: []string{"event"}, keys: []jsonKey{{slotOutcome, []string{"outcome"}}, {slotNanos, []string{"duration"}}}},
	{names: []string{"instant"}, keys: []jsonKey{{slotEpochSecond, []string{"epochSecond"}}, {slotNano, []string{"nanoOfSecond"}}}},
	{
		names: []string{"resource", "resources", "Resource"}, keys: []jsonKey{{slotService, []string{"service.name"}}},
		deep: []jsonGroup{{names: []string{"attributes"}, keys: []jsonKey{{slotService, []string{"service.name"}}}}},
	},
	{names: []string{"http"}, deep: []jsonGroup{{names: []string{"request"}, keys: []jsonKey{{slotRequest, []string{"id"}}}}}},
	{names: []string{"req", "request"}, keys: jsonRequest},
	{names: []string{"Properties", "properties", "contextMap", "mdc", "context", "extra", "fields", "attributes", "Attributes"}, keys: jsonContext},
}
