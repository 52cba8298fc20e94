package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// relations fills in the defaults that depend on other properties and checks
// what has to fit together.
func (p *parser) relations() {
	p.relateURL()
	p.relateAuth()
	p.relateLabels()
	p.relateSizes()
	p.relateTimes()
	if p.cfg.Pprof && p.cfg.MetricsListen == "" {
		p.complain("pprof", "there is no address to serve it on", "set metrics_listen, as 127.0.0.1:2112")
	}
	p.relatePrivacy()
	if p.cfg.DeadLetterPath == "" {
		p.warn("dead_letter_path is off: entries that Loki refuses are lost")
	}
}

// relateURL checks what depends on where the address leads.
func (p *parser) relateURL() {
	c := p.cfg
	if !p.written["url"] {
		p.warn("url is not set, sending to %s; Fluent Bit keeps host, port and tls for itself, they do not reach this plugin", c.URL)
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return // cannot be: parseURL wrote it
	}
	if !strings.HasSuffix(u.Path, pushPath) {
		p.warn("the path of url does not end in %s; Loki takes log entries nowhere else", pushPath)
	}
	if u.Scheme == "http" {
		p.relatePlain(u)
	} else if !c.TLSVerify {
		p.warn("tls_verify is off: anyone on the way to Loki can read and change the logs")
	}
}

// relatePlain warns of what goes over http:// and should not.
func (p *parser) relatePlain(u *url.URL) {
	for _, key := range []string{"tls_ca_file", "tls_cert_file", "tls_key_file", "tls_server_name"} {
		if p.written[key] {
			p.warn("%s has no effect: url begins with http://", key)
		}
	}
	secret := p.user != nil || p.written["http_user"] || p.written["bearer_token"] || p.written["bearer_token_file"] ||
		hasHeader(p.cfg.Headers, "Authorization")
	if secret && !isLoopback(u) {
		p.warn("the password or token goes unencrypted to %s: url begins with http://", u.Host)
	}
}

// relateAuth lets at most one way of authentication pass, and that complete.
func (p *parser) relateAuth() {
	c := p.cfg
	if p.user != nil {
		p.useUserinfo()
	}
	for _, pair := range [][2]string{
		{"http_passwd", "http_passwd_file"},
		{"bearer_token", "bearer_token_file"},
	} {
		if p.written[pair[0]] && p.written[pair[1]] {
			p.complain(pair[1], "set beside "+pair[0], "leave one out")
		}
	}
	basic := p.written["http_user"]
	passwd := p.written["http_passwd"] || p.written["http_passwd_file"]
	bearer := p.written["bearer_token"] || p.written["bearer_token_file"]
	switch {
	case basic && !passwd:
		p.complain("http_user", "no password goes with it", "write http_passwd_file or http_passwd (an environment variable that is not set is empty)")
	case passwd && !basic && p.written["http_passwd_file"]:
		p.complain("http_passwd_file", "no name goes with it", "write http_user (an environment variable that is not set is empty)")
	case passwd && !basic:
		p.complain("http_passwd", "no name goes with it", "write http_user (an environment variable that is not set is empty)")
	}
	if basic && bearer {
		p.complain("bearer_token", "set beside http_user", "leave one out: a request has one Authorization header")
	}
	if hasHeader(c.Headers, "Authorization") && (basic || bearer) {
		p.complain("header", "Authorization is set beside http_user or bearer_token", "leave one out")
	}
	if (c.TLSCertFile == "") != (c.TLSKeyFile == "") {
		p.complain("tls_cert_file", "needs tls_key_file, and the other way round", "write both or none")
	}
}

// useUserinfo takes name and password from url.
func (p *parser) useUserinfo() {
	if p.written["http_user"] || p.written["http_passwd"] || p.written["http_passwd_file"] {
		p.complain("url", "has a name in it, beside http_user or http_passwd", "leave one out")
		return
	}
	p.cfg.HTTPUser, p.written["http_user"] = p.user.Username(), true
	if passwd, _ := p.user.Password(); passwd != "" {
		p.cfg.HTTPPasswd, p.written["http_passwd"] = NewSecret(passwd), true
	}
}

// relateLabels finds the name of the host and counts the labels that an entry
// can have.
func (p *parser) relateLabels() {
	c := p.cfg
	if i := slices.IndexFunc(c.Labels, func(l entry.Pair) bool { return l.Name == "host" }); i >= 0 {
		c.Host = c.Labels[i].Value
	} else if host, err := p.host(); err != nil {
		p.complain("labels", err.Reason, err.Cure)
	} else {
		c.Host = host
	}
	p.distinctLabelKeys()
	made := slices.Concat(lineLabels, lateLabels)
	fixed := 0
	for _, l := range c.Labels {
		if !slices.Contains(made, l.Name) {
			fixed++
		}
	}
	if n := fixed + len(c.LabelKeys) + len(made); n > maxLabels {
		p.complain("labels", fmt.Sprintf("%d labels: %d more in labels, %d in label_keys, %d made from each line (%s); Loki takes %d",
			n, fixed, len(c.LabelKeys), len(made), strings.Join(made, ", "), maxLabels),
			fmt.Sprintf("leave %d out", n-maxLabels))
	}
}

// manyValued are fields with a value of their own in nearly every entry.
var manyValued = []string{
	"client_ip", "connection_id", "duration_ms", "exception_id", "item_id",
	"message_id", "request_id", "span_id", "trace_id",
}

// distinctLabelKeys refuses two keys that give the same label, and warns of
// keys that no label should be made of.
func (p *parser) distinctLabelKeys() {
	from := make(map[string]string)
	for _, l := range p.cfg.Labels {
		from[l.Name] = "labels"
	}
	for _, k := range p.cfg.LabelKeys {
		if first, ok := from[k.Label]; ok {
			p.complain("label_keys", fmt.Sprintf("%q gives the label %q, which %s gives already", k.Key, k.Label, first), "leave one out")
		}
		from[k.Label] = fmt.Sprintf("%q", k.Key)
		if slices.Contains(manyValued, k.Key) {
			p.warn("label_keys: %s has too many values for a label and soon becomes __other__; it is in the structured metadata anyway", k.Key)
		}
	}
}

// relateSizes checks the sizes against each other.
func (p *parser) relateSizes() {
	c := p.cfg
	if c.MultilineMaxBytes == 0 {
		c.MultilineMaxBytes = c.MaxLineBytes
	}
	line := formatSize(int64(c.MaxLineBytes))
	if c.MultilineMaxBytes > c.MaxLineBytes {
		p.complain("multiline_max_bytes", "larger than max_line_bytes ("+line+")", "an entry of several lines is one line for Loki")
	}
	if c.BatchBytes < c.MaxLineBytes {
		p.complain("batch_bytes", "smaller than max_line_bytes ("+line+")", "a body has to hold the longest line")
	}
	if c.MaxLineBytes > lokiMaxLine {
		p.warn("max_line_bytes is above Loki's default of 256KiB: set limits_config.max_line_size in Loki too, or long lines are refused")
	}
}

// relateTimes checks the times against each other.
func (p *parser) relateTimes() {
	c := p.cfg
	if c.RequestTimeout == 0 {
		c.RequestTimeout = c.FlushTimeout
	}
	if c.RequestTimeout > c.FlushTimeout {
		p.complain("request_timeout", "longer than flush_timeout ("+formatDuration(c.FlushTimeout)+")", "a request is part of a flush")
	}
	if c.FlushTimeout > grace {
		p.warn("flush_timeout is %s: set grace in [SERVICE] above it (Fluent Bit's default is %s), or an end in the middle of a flush takes longer than Fluent Bit allows",
			formatDuration(c.FlushTimeout), formatDuration(grace))
	}
}

// formatDuration writes d without units that are zero: 5m, not 5m0s.
func formatDuration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}
