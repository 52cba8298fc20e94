package fbconf

import (
	"fmt"
	"os"
	"strings"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// variable finds a variable: the configuration's own win, and Fluent Bit sets
// HOSTNAME where the environment does not (src/flb_env.c).
func (r *reader) variable(name string) (string, bool) {
	if v, ok := r.vars[name]; ok {
		return v, true
	}
	if v, ok := r.env(name); ok {
		return v, true
	}
	if name == "HOSTNAME" {
		host, err := os.Hostname()
		return host, err == nil
	}
	return "", false
}

// set gives a variable of the configuration its value: the text itself, or what
// a file holds for file://PATH (flb_env_set_extended).
func (r *reader) set(name, value string, at Pos) {
	path, ok := strings.CutPrefix(value, "file://")
	if !ok || path == "" {
		r.vars[name] = value
		return
	}
	data, err := smallfile.Read(path)
	text := string(data)
	if n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r') {
		text = text[:n-1]
	}
	switch {
	case err != nil:
		r.problem(at, r.c.YAML, fmt.Sprintf("cannot read %q for the variable %s (%v)", path, name, config.FileCause(err)), "correct the path, or let this user read it")
	case text == "":
		r.problem(at, r.c.YAML, fmt.Sprintf("%q is empty, and the variable %s without a value", path, name), "write the value into the file")
	default:
		r.vars[name] = text
	}
}
