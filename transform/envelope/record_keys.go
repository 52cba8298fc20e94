package envelope

import "strings"

// recordKey is what a key of a Fluent Bit record means to the transform.
type recordKey uint8

const (
	keyOther    recordKey = iota // the program's own
	keyPlanr                     // the same, and a sign of PLAN-R
	keyFiltered                  // the same, and a sign of our own filter

	// Text of the line, best first.
	keyLog         // tail, Docker's fluentd driver, in_opentelemetry, multiline parsers
	keyMessage     // systemd: MESSAGE
	keyMessageText // message: stock parser cri, in_syslog, programs

	keyPath
	keyStream
	keySource
	keyTime
	keyContainerID
	keyContainerName
	keyComposeService
	keyAttrs
	keyPartial
	keyPartialID
	keyPartialLast
	keyLogtag
	keyJoined
	keyKubernetes
	keyDocker
	keyHost
	keyIdent    // systemd, parsers of syslog: program
	keyPID      // its process
	keyPriority // severity, or PRI
	keyFacility
	keyEnvelope // of an envelope, says nothing that is used
)

// recordKeyOf knows the keys that Fluent Bit's inputs, parsers and filters and
// Docker's log drivers write. Sources: Fluent Bit v5.1.1
// src/multiline/flb_ml_parser_{cri,docker}.c, conf/parsers.conf (cri, docker,
// syslog-*), plugins/in_systemd, plugins/filter_kubernetes/kube_meta.c; moby
// daemon/logger/fluentd/fluentd.go and daemon/logger/journald/journald.go.
func recordKeyOf(k string) recordKey {
	switch k {
	case "log":
		return keyLog
	case "MESSAGE":
		return keyMessage
	case "message":
		return keyMessageText
	case "path", "filename", "file", "log_file", "filepath", "file_path":
		return keyPath
	case "stream":
		return keyStream
	case "source":
		return keySource
	case "time":
		return keyTime
	case "container_id", "CONTAINER_ID_FULL":
		return keyContainerID
	case "container_name", "CONTAINER_NAME":
		return keyContainerName
	case "com.docker.compose.service":
		return keyComposeService
	case "attrs":
		return keyAttrs
	case "partial_message", "CONTAINER_PARTIAL_MESSAGE":
		return keyPartial
	case "partial_id", "CONTAINER_PARTIAL_ID":
		return keyPartialID
	case "partial_last", "CONTAINER_PARTIAL_LAST":
		return keyPartialLast
	case "logtag":
		return keyLogtag
	case "kubernetes":
		return keyKubernetes
	case "docker":
		return keyDocker
	case "host", "hostname", "_HOSTNAME":
		return keyHost
	case "command_name", "trace_id":
		return keyPlanr
	case "detected_level", "service_name":
		return keyFiltered
	// Multiline parser cri: the tag of the first piece stays at the joined line,
	// so a P here says nothing (flb_ml.c, flb_ml_flush_stream_group).
	case "_p":
		return keyJoined
	case "SYSLOG_IDENTIFIER", "ident":
		return keyIdent
	case "SYSLOG_PID", "_PID", "pid":
		return keyPID
	case "PRIORITY", "pri":
		return keyPriority
	case "SYSLOG_FACILITY":
		return keyFacility
	case "partial_ordinal", "CONTAINER_PARTIAL_ORDINAL", "CONTAINER_ID", "CONTAINER_TAG", "IMAGE_NAME",
		"SYSLOG_TIMESTAMP", "SYSLOG_RAW":
		return keyEnvelope
	case "__CURSOR", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP", "__SEQNUM", "__SEQNUM_ID":
		return keyEnvelope
	case "msgid", "extradata", "tag", "date", "offset":
		return keyEnvelope
	}
	if strings.HasPrefix(k, "com.docker.") || len(k) > 1 && k[0] == '_' && 'A' <= k[1] && k[1] <= 'Z' {
		return keyEnvelope
	}
	return keyOther
}

// isStd reports whether s names one of the two streams of a container.
func isStd(s string) bool { return s == "stdout" || s == "stderr" }

// looksLikeLog reports whether the value of a key as common as path is the
// name of a log file and not, say, the path of a request.
func looksLikeLog(s string) bool {
	return strings.HasPrefix(s, "/") &&
		(strings.HasSuffix(s, ".log") || strings.Contains(s, "/log/") || strings.Contains(s, ".log."))
}
