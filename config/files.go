//go:build !wasip1

package config

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// CheckFiles reads the files that c names and tries to write where dead letters
// go, making that directory if it is missing. It finds at start what would
// otherwise be found when the first entry is lost. The error joins one *Error
// for each file.
func (c *Config) CheckFiles() error {
	return errors.Join(slices.Concat(c.checkSecrets(), c.checkPseudonyms(), c.checkTLS(), c.checkDeadLetter())...)
}

// CheckReadable is the part of CheckFiles that changes nothing: it reads the
// files that c names.
func (c *Config) CheckReadable() error {
	return errors.Join(slices.Concat(c.checkSecrets(), c.checkTLS())...)
}

func (c *Config) checkSecrets() []error {
	var errs []error
	for _, f := range [][2]string{
		{"http_passwd_file", c.HTTPPasswdFile},
		{"bearer_token_file", c.BearerTokenFile},
	} {
		b, err := readFile(f[0], f[1])
		errs = append(errs, err...)
		if f[1] != "" && err == nil && len(bytes.TrimSpace(b)) == 0 {
			errs = append(errs, &Error{Key: f[0], Value: f[1], Reason: "the file is empty"})
		}
	}
	return errs
}

func (c *Config) checkTLS() []error {
	ca, errs := readFile("tls_ca_file", c.TLSCAFile)
	if ca != nil && !x509.NewCertPool().AppendCertsFromPEM(ca) {
		errs = append(errs, &Error{Key: "tls_ca_file", Value: c.TLSCAFile, Reason: "no certificate in PEM form in it"})
	}
	cert, certErrs := readFile("tls_cert_file", c.TLSCertFile)
	key, keyErrs := readFile("tls_key_file", c.TLSKeyFile)
	errs = slices.Concat(errs, certErrs, keyErrs)
	if cert == nil || key == nil {
		return errs
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		errs = append(errs, &Error{Key: "tls_cert_file", Value: c.TLSCertFile, Reason: fmt.Sprintf("does not go with tls_key_file %q (%v)", c.TLSKeyFile, err)})
	}
	return errs
}

func (c *Config) checkDeadLetter() []error {
	if c.DeadLetterPath == "" {
		return nil
	}
	err := tryWrite(c.DeadLetterPath)
	if err == nil {
		return nil
	}
	return []error{&Error{
		Key: "dead_letter_path", Value: c.DeadLetterPath,
		Reason: fmt.Sprintf("cannot be written (%v)", FileCause(err)),
		Cure: fmt.Sprintf("make %s writable for the user that runs Fluent Bit, name another path, or write dead_letter_path off to lose what Loki refuses",
			filepath.Dir(c.DeadLetterPath)),
	}}
}

// tryWrite reports whether path can be appended to, or made. It makes the
// directory, and leaves no file behind.
func tryWrite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make its directory: %w", FileCause(err))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if errors.Is(err, os.ErrNotExist) {
		// Another name: an instance that opens path at this moment must not have
		// it removed.
		return tryCreate(filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func tryCreate(dir string) error {
	f, err := os.CreateTemp(dir, ".zimbraloki-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
