package check

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

func noOutput(t *target) {
	if len(t.ours) == 0 && !t.isPart() && !t.filtersOnly() {
		t.found(fbconf.Pos{File: t.Main}, "no output named zimbraloki", "check the main file, the one that Fluent Bit is started with; or add an output with name zimbraloki")
	}
}

// isPart reports whether a file has no pipeline at all: it is there to be
// included.
func (t *target) isPart() bool {
	return len(t.inputs)+len(t.Of(fbconf.Output))+len(t.Of(fbconf.Filter)) == 0
}

// filtersOnly reports whether a configuration uses a filter of ours before other
// outputs; docs/filter.md has what it needs.
func (t *target) filtersOnly() bool {
	return len(t.filters) > 0 || slices.ContainsFunc(t.Of(fbconf.Filter), func(f *fbconf.Section) bool {
		return f.Name() == "wasm" && strings.Contains(f.Last("wasm_path"), pluginName)
	})
}

func onlyPart(t *target) {
	if t.isPart() {
		t.found(fbconf.Pos{File: t.Main}, "no inputs and outputs: this is a part of another configuration", "check the main file, the one that Fluent Bit is started with")
	}
}

// outputName finds names that were meant to be ours: Fluent Bit would look for
// a plugin of that name.
func outputName(t *target) {
	flat := strings.NewReplacer("_", "", "-", "", ".", "", " ", "")
	for _, s := range t.Of(fbconf.Output) {
		name := s.Name()
		if name != pluginName && config.Near(flat.Replace(name), pluginName) {
			t.foundf(s.At("name"), "write name zimbraloki", "there is no output %q", s.Last("name"))
		}
		if name == "" {
			t.found(s.Pos, "an output without a name: Fluent Bit does not start", "write name zimbraloki")
		}
	}
}

// properties returns what the table of config says, and keys that are in none.
func properties(t *target) {
	for _, o := range t.ours {
		var seen []string
		for _, p := range o.Props {
			if p.Key == "name" || p.Key == "@include" || config.IsReserved(p.Key) || slices.Contains(seen, p.Key) {
				continue
			}
			seen = append(seen, p.Key)
			if err := config.Unknown(p.Key); err != nil {
				err.Key = p.Written
				t.found(p.Pos, "unknown key "+p.Written, cureOf(err))
			}
		}
		for _, err := range o.errs {
			if err.Reason != "unknown key" || err.Where != "" {
				t.propertyError(o, err)
			}
		}
	}
}

// propertyError reports an error of config where its value stands: in the
// section, or in config_file.
func (t *target) propertyError(o *output, err *config.Error) {
	key, _, _ := strings.Cut(err.Key, " ")
	at := o.At(key)
	what := err.Key
	if err.Value != "" {
		what += fmt.Sprintf(" %q", err.Value)
	}
	what += ": " + err.Reason
	if err.Where != "" {
		what = err.Where + ": " + what
		at = o.At("config_file")
	}
	t.found(at, what, cureOf(err))
}

// cureOf puts together what an error of config advises.
func cureOf(err *config.Error) string {
	var parts []string
	if len(err.Allowed) > 0 {
		parts = append(parts, "write one of "+strings.Join(err.Allowed, ", "))
	}
	if err.Nearest != "" {
		parts = append(parts, fmt.Sprintf("did you mean %q?", err.Nearest))
	}
	if err.Cure != "" {
		parts = append(parts, err.Cure)
	}
	if len(parts) == 0 {
		return "see docs/configuration.md"
	}
	return strings.Join(parts, "; ")
}

func propertyWarnings(t *target) {
	for _, o := range t.ours {
		for _, w := range o.cfg.Warnings {
			key := strings.TrimRight(w[:strings.IndexAny(w+" ", " :")], ":")
			if key == "url" && o.Has("url") && strings.Contains(w, "not set") {
				continue // an unset variable; unset-variable says so
			}
			t.found(o.At(key), w, "see docs/configuration.md")
		}
	}
}

// noEffect are keys that Fluent Bit takes and never gives to a Go plugin, with
// what to write instead.
var noEffect = []struct{ prefix, cure string }{
	{"host", "write url http://HOST:PORT"},
	{"port", "write url http://HOST:PORT"},
	{"tls.verify", "write tls_verify"},
	{"tls.ca", "write tls_ca_file"},
	{"tls.crt_file", "write tls_cert_file"},
	{"tls.key_file", "write tls_key_file"},
	{"tls.vhost", "write tls_server_name"},
	{"tls", "write url https://…; tls_ca_file, tls_cert_file and tls_key_file where they are needed"},
	{"oauth2", "write bearer_token_file, and let another program renew the file"},
}

func reserved(t *target) {
	for _, o := range t.ours {
		for _, p := range o.Props {
			for _, n := range noEffect {
				exact := n.prefix == "host" || n.prefix == "port"
				if p.Key == n.prefix || !exact && strings.HasPrefix(p.Key, n.prefix+".") || !exact && n.prefix != "tls" && strings.HasPrefix(p.Key, n.prefix) {
					t.foundf(p.Pos, n.cure, "Fluent Bit keeps %s for itself: the plugin does not see it", p.Written)
					break
				}
			}
		}
	}
}

func reservedIdle(t *target) {
	for _, o := range t.ours {
		for _, p := range o.Props {
			if p.Key == "ipv6" || strings.HasPrefix(p.Key, "net.") || strings.HasPrefix(p.Key, "_debug.http.") {
				t.foundf(p.Pos, "leave it out; flush_timeout and request_timeout bound a push", "Fluent Bit keeps %s for itself, and the plugin opens its own connections: it has no effect", p.Written)
			}
		}
	}
}

func outputLogLevel(t *target) {
	for _, o := range t.ours {
		if o.Has("log_level") && !o.Has("log_verbosity") {
			t.found(o.At("log_level"), "Fluent Bit keeps log_level for itself: it does not change what the plugin logs", "write log_verbosity")
		}
	}
}

// repeated finds keys of which Fluent Bit gives the plugin the first only.
func repeated(t *target) {
	for _, o := range t.ours {
		seen := map[string]bool{}
		for _, p := range o.Props {
			if config.IsReserved(p.Key) || p.Key == "name" {
				continue
			}
			if seen[p.Key] {
				t.foundf(p.Pos, repeatedCure(p), "%s is there more than once: Fluent Bit gives a Go plugin only the first", p.Written)
			}
			seen[p.Key] = true
		}
	}
}

func repeatedCure(p fbconf.Property) string {
	f, _ := config.Lookup(p.Key)
	switch f.Kind {
	case config.KindHeader:
		return "write further headers as header_1 to header_9"
	case config.KindList, config.KindPairs:
		return "write all in one value with commas, or a list in config_file"
	}
	return "leave one out"
}

func nested(t *target) {
	for _, o := range t.ours {
		for _, p := range o.Props {
			if p.Nested {
				t.foundf(p.Pos, "write one value (pairs as name=value, name=value), or put it into config_file", "%s is a mapping: Fluent Bit does not start", p.Written)
			}
		}
	}
}

func workersMissing(t *target) {
	for _, o := range t.ours {
		const harm = "each flush runs in Fluent Bit's main loop, and all inputs and outputs wait while Loki is slow"
		switch v := o.Last("workers"); {
		case v == "":
			t.found(o.At("workers"), "no workers: "+harm, "write workers 1")
		case leadingInt(v) <= 0:
			t.foundf(o.At("workers"), "write workers 1", "workers %s is none for Fluent Bit: %s", v, harm)
		}
	}
}

func workersMany(t *target) {
	for _, o := range t.ours {
		if v := o.Last("workers"); leadingInt(v) > 1 {
			t.foundf(o.At("workers"), "write workers 1: one thread parses and ships more than 150 MB/s", "workers is %s: chunks of one file overtake each other, and each worker costs a thread more", v)
		}
	}
}

func retryLimit(t *target) {
	for _, o := range t.ours {
		switch v := strings.ToLower(o.Last("retry_limit")); v {
		case "no_limits", "false", "off":
		case "":
			t.found(o.Pos, "no retry_limit: Fluent Bit throws a chunk away after its second failure", "write retry_limit no_limits")
		default:
			t.foundf(o.At("retry_limit"), "write retry_limit no_limits", "retry_limit is %s: a chunk that fails more often is thrown away", v)
		}
	}
}

func totalLimit(t *target) {
	disk := slices.ContainsFunc(t.feeds(), t.onDisk)
	for _, o := range t.ours {
		if disk && o.Last(totalLimitKey) == "" {
			t.found(o.Pos, "no storage.total_limit_size: what waits for Loki may fill the disk, and a mailstore with a full disk loses mail", "write storage.total_limit_size 10G, or what the disk can spare")
		}
	}
}

func noMatch(t *target) {
	for _, o := range t.ours {
		if o.Last("match") == "" && o.Last("match_regex") == "" && !slices.ContainsFunc(t.inputs, func(in *input) bool { return in.Routed }) {
			t.found(o.Pos, "no match: the output gets nothing", "write match *, or the tags of the inputs")
		}
	}
}

func matchNothing(t *target) {
	if t.retagged() || len(t.inputs) == 0 {
		return
	}
	for _, o := range t.ours {
		if !o.Has("match") && !o.Has("match_regex") {
			continue
		}
		if !slices.ContainsFunc(t.inputs, func(in *input) bool { return takes(o.Section, in) }) {
			t.foundf(o.At("match"), "correct it, or write match *", "match %s takes none of the tags: %s", orText(o.Last("match"), o.Last("match_regex")), t.allTags())
		}
	}
}

func (t *target) allTags() string {
	var all []string
	for _, in := range t.inputs {
		all = append(all, in.tags...)
	}
	if len(all) > 4 {
		all = append(all[:4], "…")
	}
	return strings.Join(all, ", ")
}

func matchTwice(t *target) {
	for i, o := range t.ours {
		for _, other := range t.ours[:i] {
			same := o.cfg.URL == other.cfg.URL && o.cfg.TenantID == other.cfg.TenantID
			both := slices.ContainsFunc(t.inputs, func(in *input) bool {
				return takes(o.Section, in) && takes(other.Section, in) && !in.metrics && !in.Routed
			})
			if same && both {
				t.foundf(o.At("match"), "give the outputs tags that do not overlap, or leave one out", "the output at %s takes the same records and sends them to the same Loki: everything is sent twice", other.Pos)
			}
		}
	}
}

// inputUnmatched finds inputs whose records no output takes: Fluent Bit drops
// them without a word.
func inputUnmatched(t *target) {
	if t.retagged() {
		return
	}
	outputs := t.Of(fbconf.Output)
	for _, in := range t.inputs {
		if !in.metrics && !slices.ContainsFunc(outputs, func(o *fbconf.Section) bool { return takes(o, in) }) {
			t.foundf(in.At("tag"), "add its tag to the match of an output", "no output takes what this input reads (tag %s): Fluent Bit drops it", strings.Join(in.tags, ", "))
		}
	}
}

func clearSecret(t *target) {
	for _, o := range t.ours {
		for _, p := range o.Props {
			if u, err := url.Parse(p.Raw); p.Key == "url" && err == nil && u.User != nil {
				if passwd, _ := u.User.Password(); passwd != "" && !strings.Contains(passwd, "${") {
					t.found(p.Pos, "the url holds a password in clear, in a file that others may read", "take name and password out of it; write http_user and http_passwd_file")
				}
			}
			f, ok := config.Lookup(p.Key)
			if ok && f.Kind == config.KindSecret && p.Raw != "" && !strings.Contains(p.Raw, "${") {
				t.foundf(p.Pos, fmt.Sprintf("write %s_file, or ${NAME} and set it in the environment", f.Name), "%s stands in clear in a file that others may read", p.Written)
			}
		}
	}
}

func outputPathKey(t *target) {
	for _, o := range t.ours {
		for _, in := range t.tails() {
			if want := o.cfg.PathKey; want != "" && takes(o.Section, in) && in.Last("path_key") != want {
				t.foundf(o.At("path_key"), fmt.Sprintf("write path_key %s there too", want), "path_key is %s, but %s at the input at %s: the plugin does not see which file a line is from",
					want, orText(in.Last("path_key"), "not set"), in.Pos)
			}
		}
	}
}
