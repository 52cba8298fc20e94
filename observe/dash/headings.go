package dash

import "strings"

// headings are what people call the labels of a row.
var headings = map[string]string{
	"action": "Action", "category": "Category", "client_ip": "Address", "code": "Code", "component": "Component",
	"device_id": "Device", "dkim": "DKIM", "dnsbl": "Blocklist", "domain": "Domain", "dsn": "Code", "error": "Error",
	"exception": "Exception", "format": "Format", "from": "Sender", "host": "Host", "instance": "Shipper", "log": "Log",
	"mechanism": "Mechanism", "message_id": "Message-ID", "object_id": "Object", "object_type": "Kind", "operation": "Operation",
	"outcome": "Outcome", "protocol": "Protocol", "quarantine": "Quarantine", "queue_id": "Queue ID", "relay": "Server",
	"server": "Host", "service_name": "Service", "stage": "Stage", "step": "Step", "status": "Status", "target": "Target", "time_source": "Time from",
	"tls_trust": "Trust", "tls_version": "Version", "to": "Recipient", "trace_id": "Trace", "user": "User", "user_agent": "Program",
	"verdict": "Verdict", "version": "Version", "virus": "Virus", "what": "What", "state": "State", "service": "Service",
}

// heading of a label's column.
func heading(label string) string {
	if h, ok := headings[label]; ok {
		return h
	}
	return strings.ToUpper(label[:1]) + label[1:]
}
