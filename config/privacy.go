package config

import (
	"bytes"
	"errors"
	"fmt"
)

// MinPseudonymizeKey is the least length of the key of pseudonyms, in bytes:
// with a shorter one the names of a company could be found by trying keys.
const MinPseudonymizeKey = 16

// keyCure shows how a key is made.
const keyCure = "make one with: umask 077; openssl rand -hex 32 > FILE (or: head -c 32 /dev/urandom | base64 > FILE)"

// relatePrivacy checks what belongs to pseudonymize.
func (p *parser) relatePrivacy() {
	c := p.cfg
	if c.Pseudonymize && c.PseudonymizeKeyFile == "" {
		p.complain("pseudonymize", "needs pseudonymize_key_file", keyCure)
	}
	if !c.Pseudonymize && (p.written["pseudonymize_key_file"] || p.written["pseudonymize_logs"]) {
		p.warn("pseudonymize is off: pseudonymize_key_file and pseudonymize_logs have no effect")
	}
	if !c.Redact {
		p.warn("redact is off: passwords, tokens and cookies that stand in a log go to Loki")
	}
}

// CheckPseudonyms reads the key of pseudonyms, where there are to be any. It is
// the part of CheckFiles that matters to whoever pushes nothing.
func (c *Config) CheckPseudonyms() error { return errors.Join(c.checkPseudonyms()...) }

// checkPseudonyms reads the key of pseudonyms.
func (c *Config) checkPseudonyms() []error {
	if !c.Pseudonymize || c.PseudonymizeKeyFile == "" {
		return nil
	}
	key, err := ReadPseudonymizeKey(c.PseudonymizeKeyFile)
	if err != nil {
		return []error{err}
	}
	c.PseudonymizeKey = NewSecret(string(key))
	return nil
}

// ReadPseudonymizeKey reads the key of pseudonyms from a file, white space
// around it cut off. The error is an *Error.
func ReadPseudonymizeKey(path string) ([]byte, error) {
	b, errs := readFile("pseudonymize_key_file", path)
	if errs != nil {
		return nil, errs[0]
	}
	b = bytes.TrimSpace(b)
	if len(b) < MinPseudonymizeKey {
		return nil, &Error{
			Key: "pseudonymize_key_file", Value: path,
			Reason: fmt.Sprintf("the key has %d bytes, at least %d are needed", len(b), MinPseudonymizeKey), Cure: keyCure,
		}
	}
	return b, nil
}
