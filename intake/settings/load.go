package settings

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// originalKey is the default of the original, which everybody can read.
const originalKey = "j9QGbvM9Z4otb47"

// Load reads variables of the form NAME=value, as os.Environ gives them, and
// before them those of a file if it is not "": one in a line, # begins a
// comment. All that is wrong is told at once.
func Load(environ []string, file string) (Settings, error) {
	values := map[string]string{}
	var wrong []error
	if file != "" {
		pairs, err := readFile(file)
		if err != nil {
			return Settings{}, err
		}
		for _, p := range pairs {
			if !known(p[0]) {
				wrong = append(wrong, fmt.Errorf("%s: setting %q is unknown; did you mean %s?", file, p[0], nearest(p[0], names())))
			}
			values[p[0]] = p[1]
		}
	}
	var s Settings
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if known(name) {
			values[name] = value
		} else if near := looksLike(name); near != "" {
			s.Warnings = append(s.Warnings, fmt.Sprintf("setting %s is unknown; did you mean %s?", name, near))
		}
	}
	values, err := synonyms(values)
	wrong = append(wrong, err)
	for _, v := range Variables {
		wrong = append(wrong, v.read(&s, values))
	}
	wrong = append(wrong, s.finish(values))
	return s, errors.Join(wrong...)
}

// names are those of all variables that may be set.
func names() (list []string) {
	for _, v := range Variables {
		list = append(list, v.Name)
		if v.inFile() {
			list = append(list, v.Name+"_FILE")
		}
	}
	for _, o := range Others {
		list = append(list, o.Name)
	}
	return list
}

func known(name string) bool { return slices.Contains(names(), name) }

// prefixes are of names that are ours alone to set, so that an unknown one is
// a slip.
var prefixes = []string{"OIDC_", "IMPORT_", "KEEP_", "TOKEN_", "TICKET_", "TICKETS_", "SESSION_", "TRUSTED_", "S3_"}

// looksLike is the variable that an unknown name of the environment is meant to
// be, or "". The environment is full of names of others, so only clear cases
// count.
func looksLike(name string) string {
	near := nearest(name, names())
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return near
		}
	}
	if len(name) >= 7 && distance(name, near) <= 1 {
		return near
	}
	return ""
}

func readFile(file string) (pairs [][2]string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok {
			return nil, fmt.Errorf("%s:%d: this line is no NAME=value", file, n) // it may be a secret
		}
		value = strings.TrimSpace(value)
		if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		pairs = append(pairs, [2]string{strings.TrimSpace(name), value})
	}
	return pairs, lines.Err()
}

// synonyms puts values under our names that came under the original's.
func synonyms(values map[string]string) (map[string]string, error) {
	if values["LISTEN"] == "" {
		switch bind, port := values["GUNICORN_BIND"], values["WEB_PORT"]; {
		case strings.HasPrefix(bind, "unix:"):
			return values, fmt.Errorf("setting GUNICORN_BIND %q: a unix socket is not served; allowed: host:port", bind)
		case bind != "":
			values["LISTEN"] = bind
		case port != "":
			values["LISTEN"] = net.JoinHostPort("0.0.0.0", port)
		}
	}
	if level := strings.ToLower(values["GUNICORN_LOGLEVEL"]); level != "" && values["LOG_LEVEL"] == "" {
		values["LOG_LEVEL"] = map[string]string{"critical": "error", "warning": "warn"}[level]
		if values["LOG_LEVEL"] == "" {
			values["LOG_LEVEL"] = level
		}
	}
	return values, nil
}

// finish sets what follows from others.
func (s *Settings) finish(values map[string]string) error {
	var wrong []error
	if s.Debug {
		s.LogLevel = "debug"
	}
	dir, err := filepath.Abs(s.DataDir)
	if err != nil {
		return fmt.Errorf("setting DATA_DIR %q: %w", s.DataDir, err)
	}
	s.DataDir = dir
	if s.DBURL == "" {
		s.DBURL = "sqlite://" + filepath.ToSlash(filepath.Join(s.DataDir, "db.sqlite3"))
	}
	if string(s.SecretKey) == originalKey {
		wrong = append(wrong, errors.New("setting SECRET_KEY: this is the default of LOGS-COLLECTOR, which everybody knows; leave it out and one is made, or set another: openssl rand -base64 48"))
	} else if n := len(s.SecretKey); n > 0 && n < 32 {
		wrong = append(wrong, fmt.Errorf("setting SECRET_KEY: %d characters; allowed: 32 at least (openssl rand -base64 48)", n))
	}
	if u := s.BaseURL; u != nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil) {
		wrong = append(wrong, fmt.Errorf("setting BASE_URL %q: pages are at the root of a host; allowed: %s://%s", u.Redacted(), u.Scheme, u.Host))
	}
	if s.OIDC.Issuer != "" {
		for _, name := range []string{"OIDC_CLIENT_ID", "BASE_URL"} {
			if values[name] == "" {
				wrong = append(wrong, fmt.Errorf("setting %s is missing, which OIDC_ISSUER needs", name))
			}
		}
	}
	return errors.Join(wrong...)
}
