package settings

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the name of the file in DATA_DIR that keeps a key that was made.
const KeyFile = "secret.key"

// Prepare makes the folder of the data and, where SECRET_KEY says nothing, reads
// the key from it or makes one. Of several processes that start at once one
// makes it.
func (s *Settings) Prepare() error {
	if err := os.MkdirAll(s.DataDir, 0o750); err != nil {
		return fmt.Errorf("setting DATA_DIR %q: %w", s.DataDir, err)
	}
	if len(s.SecretKey) > 0 {
		return nil
	}
	path := filepath.Join(s.DataDir, KeyFile)
	if err := makeKey(path); err != nil {
		return fmt.Errorf("SECRET_KEY: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("SECRET_KEY: %w", err)
	}
	s.SecretKey = []byte(strings.TrimSpace(string(data)))
	if n := len(s.SecretKey); n < 32 {
		return fmt.Errorf("SECRET_KEY: %s holds %d characters, at least 32 are needed; remove it and a new one is made (all are signed out)", path, n)
	}
	return nil
}

// makeKey writes a key whole or not at all: under another name first, which is
// linked to its own unless that is there.
func makeKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key := make([]byte, 48)
	rand.Read(key)                                       // never fails, says its documentation
	f, err := os.CreateTemp(filepath.Dir(path), KeyFile) // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.RawURLEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
