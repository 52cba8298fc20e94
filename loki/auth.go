package loki

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// credentials are what a request is authenticated with, and what no text may
// show. Safe for concurrent use.
type credentials struct {
	user     string
	password *secret // basic, nil if none
	bearer   *secret // nil if none
	hidden   []string
}

// newCredentials checks the authentication options. user is the one of the
// URL, nil if it has none.
func newCredentials(o *Options, user *url.Userinfo) (*credentials, error) {
	if user != nil {
		if o.User != "" {
			return nil, errors.New("http_user is given twice: in url and on its own")
		}
		o.User = user.Username()
		if p, ok := user.Password(); ok {
			if o.Password != "" || o.PasswordFile != "" {
				return nil, errors.New("http_passwd is given twice: in url and on its own")
			}
			o.Password = p
		}
	}
	basic := o.User != "" || o.Password != "" || o.PasswordFile != ""
	bearer := o.BearerToken != "" || o.BearerTokenFile != ""
	switch {
	case basic && bearer:
		return nil, errors.New("http_user and bearer_token exclude each other")
	case basic && o.User == "":
		return nil, errors.New("http_passwd needs http_user")
	}
	c := &credentials{user: o.User}
	var err error
	if basic {
		if c.password, err = newSecret("http_passwd", o.Password, o.PasswordFile); err != nil {
			return nil, err
		}
	}
	if bearer {
		if c.bearer, err = newSecret("bearer_token", o.BearerToken, o.BearerTokenFile); err != nil {
			return nil, err
		}
	}
	for _, h := range o.Headers {
		c.hidden = append(c.hidden, h.Value)
	}
	return c, nil
}

// set authenticates a request.
func (c *credentials) set(r *http.Request) {
	switch {
	case c.bearer != nil:
		r.Header.Set("Authorization", "Bearer "+c.bearer.get())
	case c.password != nil:
		r.SetBasicAuth(c.user, c.password.get())
	}
}

// renew reads the files again and reports whether a secret has changed: worth
// another try after a 401.
func (c *credentials) renew() bool {
	return c.password.renew() || c.bearer.renew()
}

// minHidden is the shortest secret that clean hides, in bytes: replacing
// shorter ones would garble every text.
const minHidden = 4

// clean replaces every secret in a text that somebody else wrote.
func (c *credentials) clean(s string) string {
	for _, secret := range append([]string{c.password.last(), c.bearer.last()}, c.hidden...) {
		if len(secret) >= minHidden {
			s = strings.ReplaceAll(s, secret, "***")
		}
	}
	return s
}

// secret is a password or token, from the configuration or from a file that is
// read again when it changes. A nil secret is empty.
type secret struct {
	name string // of the option, for errors
	file string // "" if the value is fixed

	mu    sync.Mutex
	value string
	mtime time.Time
	size  int64
}

func newSecret(name, value, file string) (*secret, error) {
	s := &secret{name: name, file: file, value: value}
	if file == "" {
		if hasControl(value) {
			return nil, fmt.Errorf("%s holds a control character, which no header can carry", name)
		}
		return s, nil
	}
	if value != "" {
		return nil, fmt.Errorf("%s and %s_file exclude each other", name, name)
	}
	if err := s.read(); err != nil {
		return nil, err
	}
	return s, nil
}

// read takes the value from the file, without the white space around it.
func (s *secret) read() error {
	info, err := os.Stat(s.file)
	if err != nil {
		return fmt.Errorf("cannot read %s_file: %w", s.name, err)
	}
	b, err := smallfile.Read(s.file)
	if err != nil {
		return fmt.Errorf("cannot read %s_file: %w", s.name, err)
	}
	value := strings.TrimSpace(string(b))
	if value == "" {
		return fmt.Errorf("%s_file %q is empty", s.name, s.file)
	}
	if strings.ContainsAny(value, "\r\n") {
		return fmt.Errorf("%s_file %q holds more than one line", s.name, s.file)
	}
	if hasControl(value) {
		return fmt.Errorf("%s_file %q holds a control character, which no header can carry", s.name, s.file)
	}
	s.value, s.mtime, s.size = value, info.ModTime(), info.Size()
	return nil
}

// hasControl reports whether a header could not carry s (RFC 9110 section 5.5).
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}

// get returns the value of now. A file that cannot be read at the moment, as
// while it is being replaced, leaves the last value.
func (s *secret) get() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != "" {
		if info, err := os.Stat(s.file); err == nil && (!info.ModTime().Equal(s.mtime) || info.Size() != s.size) {
			s.read() //nolint:errcheck // the last value stays
		}
	}
	return s.value
}

// renew reads the file again, changed or not, and reports whether the value
// has changed.
func (s *secret) renew() bool {
	if s == nil || s.file == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.value
	return s.read() == nil && s.value != old
}

// last returns the value without looking at the file.
func (s *secret) last() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}
