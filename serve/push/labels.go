package push

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// parseLabels reads the labels of a stream as they are written: {a="b", c="d"}.
// Values are in double quotes or in backticks.
func parseLabels(text string) ([]entry.Pair, error) {
	in := strings.TrimSpace(text)
	at := func() int { return len(text) - len(in) + 1 }
	skip := func() { in = strings.TrimLeft(in, " \t\r\n") }
	unexpected := func(want string) error {
		return fmt.Errorf("1:%d: parse error: unexpected %.20q in label set, expected %s", at(), in, want)
	}
	if !strings.HasPrefix(in, "{") {
		return nil, unexpected(`"{"`)
	}
	in = in[1:]
	var pairs []entry.Pair
	for {
		skip()
		if strings.HasPrefix(in, "}") && strings.TrimSpace(in[1:]) == "" {
			return pairs, nil
		}
		n := 0
		for n < len(in) && (in[n] == '_' || in[n]|0x20 >= 'a' && in[n]|0x20 <= 'z' || n > 0 && in[n] >= '0' && in[n] <= '9') {
			n++
		}
		if n == 0 {
			return nil, unexpected(`identifier or "}"`)
		}
		p := entry.Pair{Name: in[:n]}
		in = in[n:]
		if skip(); !strings.HasPrefix(in, "=") {
			return nil, unexpected(`"="`)
		}
		in = in[1:]
		skip()
		quoted, err := strconv.QuotedPrefix(in)
		if err != nil || quoted[0] == '\'' {
			return nil, unexpected("string")
		}
		if p.Value, err = strconv.Unquote(quoted); err != nil {
			return nil, unexpected("string")
		}
		pairs = append(pairs, p)
		in = in[len(quoted):]
		skip()
		switch {
		case strings.HasPrefix(in, ","):
			in = in[1:]
		case !strings.HasPrefix(in, "}"):
			return nil, unexpected(`"," or "}"`)
		}
	}
}

func validName(name string) bool { return name != "" && entry.LabelName(name) == name }

// serviceLabels are where Loki's discover_service_name looks, in its order.
var serviceLabels = []string{
	"service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
	"k8s_container_name", "component", "workload", "job", "k8s_job_name",
}

// ServiceNames are those labels.
func ServiceNames() []string { return slices.Clone(serviceLabels) }

func addServiceName(l *entry.Labels) *entry.Labels {
	if l.Get("service_name") != "" {
		return l
	}
	name := "unknown_service"
	for _, from := range serviceLabels {
		if v := l.Get(from); v != "" {
			name = v
			break
		}
	}
	return store.NewLabels(append(l.Pairs, entry.Pair{Name: "service_name", Value: name}))
}

// levelFields are the metadata in which Loki's discover_log_levels looks.
var levelFields = []string{"level", "LEVEL", "Level", "Severity", "severity", "SEVERITY", "lvl", "LVL", "Lvl", "severity_text", "Severity_Text", "SEVERITY_TEXT"}

// levelWords are what a line is searched for, the worst first.
var levelWords = []struct{ word, level string }{
	{"fatal", "fatal"}, {"critical", "critical"}, {"error", "error"}, {"warn", "warn"}, {"info", "info"}, {"debug", "debug"}, {"trace", "trace"},
}

// addLevel gives the entry its metadata detected_level.
func addLevel(e *store.Entry) {
	level := ""
	for _, p := range e.Meta {
		if p.Name == "detected_level" {
			return
		}
		for _, name := range levelFields {
			if level == "" && p.Name == name {
				level = strings.ToLower(p.Value)
			}
		}
	}
	if level == "" {
		level = levelOf(e.Line)
	}
	if level == "warning" {
		level = "warn"
	}
	e.Meta = orderMeta(append(e.Meta[:len(e.Meta):len(e.Meta)], entry.Pair{Name: "detected_level", Value: level}))
}

func levelOf(line string) string {
	low := strings.ToLower(line[:min(len(line), 512)])
	best, level := len(low), "unknown"
	for _, w := range levelWords {
		if i := strings.Index(low, w.word); i >= 0 && i < best {
			best, level = i, w.level
		}
	}
	return level
}
