package config

import (
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
)

// Config is one [OUTPUT] section, checked. docs/configuration.md says what each
// property does.
type Config struct {
	URL         string // whole address of the push endpoint, no user in it
	TenantID    string // "" for none; where TenantIDKey finds nothing
	TenantIDKey string // "" for none

	Labels          []entry.Pair // as written, sorted by name; they win over the labels made from lines
	Host            string       // label host of lines that name no host; the machine's name
	LabelKeys       []LabelKey   // in the order written
	LabelValueLimit int          // distinct values of one label

	Location   *time.Location // zone of log times without one; never nil
	PathKey    string         // record key that holds the file, "" for the usual ones
	PayloadKey string         // record key that holds the log text, "" for the usual ones

	MaxLineBytes      int // of a line, Loki's limit
	MultilineMaxLines int // of one entry
	MultilineMaxBytes int // of one entry

	MailTrace        bool
	MailTraceEntries int           // mails, sessions and mailboxes remembered
	MailTraceAge     time.Duration // after the last line of a mail

	Redact              bool     // secrets are replaced by ***
	Pseudonymize        bool     // persons are replaced by keyed hashes
	PseudonymizeKeyFile string   // "" for none
	PseudonymizeKey     Secret   // what is in the file, once CheckFiles has read it
	PseudonymizeLogs    []string // values of the labels log and service_name; empty for all

	HTTPUser        string
	HTTPPasswd      Secret
	HTTPPasswdFile  string // "" for none
	BearerToken     Secret
	BearerTokenFile string // "" for none
	Headers         []Header

	TLSCAFile     string // PEM, "" for the system's
	TLSCertFile   string // PEM, "" for none
	TLSKeyFile    string // PEM, "" for none
	TLSServerName string // "" for the host in URL
	TLSVerify     bool

	Compress       string        // "snappy", "gzip" or "none"
	FieldNames     string        // "zimbraloki" or "cim"
	BatchBytes     int           // of one body before compression
	FlushTimeout   time.Duration // for one chunk, everything included
	RequestTimeout time.Duration // for one request; never above FlushTimeout

	DeadLetterPath     string // "" if turned off
	DeadLetterMaxBytes int64

	MetricsListen string // host:port, "" if turned off
	Pprof         bool   // on the same address

	LogVerbosity slog.Level

	ConfigFile string // "" for none

	// Warnings are sentences about what works but is probably not wanted. They
	// are for the log, once at start.
	Warnings []string
}

// Parse reads all properties through get, checks them and the files that they
// name, and makes the directory of the dead-letter file.
//
// get returns the first value written for a key, "" if there is none or it is
// empty; it does not care about the case of the key. The error joins one *Error
// for everything that is wrong (errors.Join).
func Parse(get func(key string) string) (*Config, error) {
	cfg, err := ParseValues(get)
	if err = errors.Join(err, cfg.CheckFiles()); err != nil {
		return nil, err
	}
	return cfg, nil
}

// ParseValues is Parse without looking at any file but config_file: for
// checking a configuration on another machine. The Config is usable, with defaults for
// what is wrong, even if there is an error.
func ParseValues(get func(key string) string) (*Config, error) {
	return parse(get, os.Hostname)
}

// ParseFilter is ParseValues for a native filter: of config_file it takes what
// FilterFields names, and leaves to the output what only that has.
func ParseFilter(get func(key string) string) (*Config, error) {
	return (&parser{get: get, hostname: os.Hostname, filter: true}).parse()
}

func parse(get func(key string) string, hostname func() (string, error)) (*Config, error) {
	return (&parser{get: get, hostname: hostname}).parse()
}

func (p *parser) parse() (*Config, error) {
	p.cfg, p.written = &Config{}, make(map[string]bool)
	p.readConfigFile()
	p.fields()
	p.unknown()
	p.relations()
	return p.cfg, errors.Join(p.errs...)
}
