package config

import "strings"

// foreignKey is a name that other Loki outputs have, or that people reach for,
// and that is no property here.
type foreignKey struct {
	name    string // lower case
	nearest string // the property that comes closest, "" for none
	cure    string
}

// The cures that several names share.
const (
	cureLine     = "leave it out: the line is always sent as it was written"
	cureRetry    = "leave it out: Fluent Bit repeats what was not delivered; write retry_limit no_limits"
	cureBuffer   = "leave it out: Fluent Bit keeps what was not delivered; write storage.type filesystem in the input"
	cureFlush    = "leave it out: Fluent Bit's flush in [SERVICE] decides when a chunk is sent"
	cureMetadata = "leave it out: the structured metadata is made from each line, see docs/fields.md"
)

// foreignLoki are properties of Fluent Bit's own loki output (plugins/out_loki/
// loki.c, v5.1.1) that mean something else here, or nothing.
var foreignLoki = []foreignKey{
	{"uri", "url", "It takes the whole address, such as http://loki.example.com:3100"},
	{"line_format", "", cureLine},
	{"drop_single_key", "", cureLine},
	{"remove_keys", "", cureLine},
	{"label_map_path", "label_keys", ""},
	{"structured_metadata", "", cureMetadata},
	{"structured_metadata_map_keys", "", cureMetadata},
	{"auto_kubernetes_labels", "label_keys", ""},
	{"tenant_id_key_error_handling", "", "leave it out: a chunk counts as delivered when all its tenants have it"},
	{"buffer_size", "", "leave it out: Loki's answer is read as far as it matters"},
}

// foreignCamel are properties of grafana-loki as Fluent Bit writes them when it
// reads camelCase in YAML (src/config_format/flb_config_format.c,
// flb_cf_key_translate): batchWait arrives as batch_wait.
var foreignCamel = []foreignKey{
	{"batch_wait", "", cureFlush},
	{"min_backoff", "", cureRetry},
	{"max_backoff", "", cureRetry},
	{"max_retries", "", cureRetry},
	{"tenant_i_d", "tenant_id", ""},
	{"buffer_type", "", cureBuffer},
	{"dque_dir", "", cureBuffer},
	{"dque_segment_size", "", cureBuffer},
	{"dque_sync", "", cureBuffer},
	{"dque_name", "", cureBuffer},
}

// foreignGrafana are properties of Grafana's Go plugin grafana-loki
// (clients/cmd/fluent-bit/config.go of Loki) that have no equal here.
var foreignGrafana = []foreignKey{
	{"batchwait", "", cureFlush},
	{"minbackoff", "", cureRetry},
	{"maxbackoff", "", cureRetry},
	{"maxretries", "", cureRetry},
	{"autokuberneteslabels", "label_keys", ""},
	{"removekeys", "", cureLine},
	{"dropsinglekey", "", cureLine},
	{"lineformat", "", cureLine},
	{"labelmappath", "label_keys", ""},
	{"buffer", "", cureBuffer},
	{"buffertype", "", cureBuffer},
	{"dquedir", "", cureBuffer},
	{"dquesegmentsize", "", cureBuffer},
	{"dquesync", "", cureBuffer},
	{"dquename", "", cureBuffer},
	{"insecure_skip_verify", "tls_verify", "Its meaning is the opposite: tls_verify off"},
}

// foreignGuesses are names that come to mind but are none.
var foreignGuesses = []foreignKey{
	{"address", "url", ""},
	{"endpoint", "url", ""},
	{"loki_url", "url", ""},
	{"server", "url", ""},
	{"tenant", "tenant_id", ""},
	{"org_id", "tenant_id", ""},
	{"orgid", "tenant_id", ""},
	{"x_scope_orgid", "tenant_id", ""},
	{"labelkey", "label_keys", ""},
	{"static_labels", "labels", ""},
	{"external_labels", "labels", ""},
	{"tz", "timezone", ""},
	{"time_zone", "timezone", ""},
	{"zone", "timezone", ""},
	{"time_offset", "timezone", ""},
	{"user", "http_user", ""},
	{"username", "http_user", ""},
	{"http_username", "http_user", ""},
	{"passwd", "http_passwd", ""},
	{"password", "http_passwd", ""},
	{"password_file", "http_passwd_file", ""},
	{"http_pass", "http_passwd", ""},
	{"token", "bearer_token", ""},
	{"bearer", "bearer_token", ""},
	{"authorization", "header", ""},
	{"token_file", "bearer_token_file", ""},
	{"tls_ca", "tls_ca_file", ""},
	{"tls_cert", "tls_cert_file", ""},
	{"tls_crt", "tls_cert_file", ""},
	{"tls_key", "tls_key_file", ""},
	{"tls_vhost", "tls_server_name", ""},
	{"server_name", "tls_server_name", ""},
	{"tls_insecure", "tls_verify", "Its meaning is the opposite: tls_verify off"},
	{"tls_insecure_skip_verify", "tls_verify", "Its meaning is the opposite: tls_verify off"},
	{"verify", "tls_verify", ""},
	{"encoding", "compress", ""},
	{"gzip", "compress", ""},
	{"batch_max_bytes", "batch_bytes", ""},
	{"max_batch_bytes", "batch_bytes", ""},
	{"max_line_size", "max_line_bytes", ""},
	{"max_line_length", "max_line_bytes", ""},
	{"multiline_max_size", "multiline_max_bytes", ""},
	{"max_lines", "multiline_max_lines", ""},
	{"dead_letter", "dead_letter_path", ""},
	{"dead_letter_file", "dead_letter_path", ""},
	{"dlq_path", "dead_letter_path", ""},
	{"dead_letter_max_size", "dead_letter_max_bytes", ""},
	{"log_key", "payload_key", ""},
	{"message_key", "payload_key", ""},
	{"msg_key", "payload_key", ""},
	{"file_key", "path_key", ""},
	{"verbosity", "log_verbosity", ""},
	{"filename_key", "path_key", ""},
	{"max_label_values", "label_value_limit", ""},
}

// foreignKeys returns all of them.
func foreignKeys() []foreignKey {
	all := append([]foreignKey{}, foreignLoki...)
	all = append(all, foreignGrafana...)
	all = append(all, foreignCamel...)
	return append(all, foreignGuesses...)
}

func (k foreignKey) err(key string) *Error {
	return &Error{Key: key, Reason: "unknown key", Nearest: k.nearest, Cure: k.cure}
}

// Unknown is the error about a key that is no property: with the name that was
// probably meant, or with what to do instead of it in the case of a name that
// other outputs have. For a property it is nil.
func Unknown(key string) *Error {
	name := strings.ToLower(key)
	if _, known := byName[name]; known {
		return nil
	}
	for _, k := range foreignKeys() {
		if k.name == name {
			return k.err(key)
		}
	}
	flat := strings.NewReplacer("-", "", ".", "", "_", "").Replace
	var names []string
	near := ""
	eachName(func(f *Field, n string) {
		names = append(names, n)
		if flat(n) == flat(name) {
			near = f.Name
		}
	})
	if near == "" {
		if f, ok := Lookup(nearest(name, names)); ok {
			near = f.Name
		}
	}
	err := foreignKey{nearest: near}.err(key)
	if near == "" {
		err.Cure = "leave it out, or see docs/configuration.md for the properties there are"
	}
	return err
}

// unknown asks for keys that are no properties, and complains of each that has
// a value. It tries the names of foreignKeys, all names with - or . or nothing
// for _, and everything one slip away from a name: a letter missing, added,
// wrong, or swapped with the next. These are some 50,000 look-ups of well below
// a microsecond, once at start.
func (p *parser) unknown() {
	found := make(map[string]bool)
	ask := func(k foreignKey) {
		if _, known := byName[k.name]; known || p.layers.section(k.name) == "" || found[k.name] {
			return
		}
		found[k.name] = true
		p.errs = append(p.errs, k.err(k.name))
	}
	for _, k := range foreignKeys() {
		ask(k)
	}
	eachName(func(f *Field, name string) {
		for _, sep := range []string{"-", ".", ""} {
			ask(foreignKey{name: strings.ReplaceAll(name, "_", sep), nearest: f.Name})
		}
	})
	eachName(func(f *Field, name string) {
		slips(name, func(slip string) { ask(foreignKey{name: slip, nearest: f.Name}) })
	})
}

// eachName calls do for every name and every alias.
func eachName(do func(f *Field, name string)) {
	for i := range fields {
		do(&fields[i], fields[i].Name)
		for _, a := range fields[i].Aliases {
			do(&fields[i], a)
		}
	}
}

// slipLetters are what a key can be mistyped with.
const slipLetters = "abcdefghijklmnopqrstuvwxyz_-.0123456789"

// slips calls try with everything that is one slip away from name.
func slips(name string, try func(string)) {
	for i := range len(name) + 1 {
		if i < len(name) {
			try(name[:i] + name[i+1:])
		}
		if i+1 < len(name) && name[i] != name[i+1] {
			try(name[:i] + name[i+1:i+2] + name[i:i+1] + name[i+2:])
		}
		for j := range len(slipLetters) {
			try(name[:i] + slipLetters[j:j+1] + name[i:])
			if i < len(name) {
				try(name[:i] + slipLetters[j:j+1] + name[i+1:])
			}
		}
	}
}
