package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// makeKeyPair writes a certificate that signs itself, and its key.
func makeKeyPair(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &priv.PublicKey, priv)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	cert = writeFile(t, dir, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	key = writeFile(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	return cert, key
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCheckFiles(t *testing.T) {
	dir := t.TempDir()
	cert, key := makeKeyPair(t, dir)
	_, otherKey := makeKeyPair(t, filepath.Join(dir, "other"))
	token := writeFile(t, dir, "token", " s3cret\n")
	blank := writeFile(t, dir, "blank", " \n")
	dead := filepath.Join(dir, "new", "dir", "dead.jsonl")

	f := func(c Config, want ...string) {
		t.Helper()
		got := ""
		if err := c.CheckFiles(); err != nil {
			got = strings.ReplaceAll(err.Error(), dir, "DIR")
		}
		if got != strings.Join(want, "\n") {
			t.Errorf("got:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
		}
	}
	f(Config{})
	f(Config{TLSCAFile: cert, TLSCertFile: cert, TLSKeyFile: key, BearerTokenFile: token, HTTPPasswdFile: token, DeadLetterPath: dead})
	f(Config{HTTPPasswdFile: blank}, `http_passwd_file "DIR/blank": the file is empty`)
	f(Config{BearerTokenFile: dir + "/none", TLSCAFile: dir},
		`bearer_token_file "DIR/none": cannot be read (no such file or directory); the user that runs Fluent Bit must be able to read it`,
		`tls_ca_file "DIR": cannot be read (is a directory); the user that runs Fluent Bit must be able to read it`)
	f(Config{TLSCAFile: token}, `tls_ca_file "DIR/token": no certificate in PEM form in it`)
	f(Config{TLSCertFile: cert, TLSKeyFile: otherKey},
		`tls_cert_file "DIR/cert.pem": does not go with tls_key_file "DIR/other/key.pem" (tls: private key does not match public key)`)
	f(Config{DeadLetterPath: filepath.Join(token, "dead.jsonl")},
		`dead_letter_path "DIR/token/dead.jsonl": cannot be written (make its directory: not a directory); `+
			`make DIR/token writable for the user that runs Fluent Bit, name another path, or write dead_letter_path off to lose what Loki refuses`)
	f(Config{DeadLetterPath: dir},
		`dead_letter_path "DIR": cannot be written (is a directory); `+
			`make `+filepath.Dir(dir)+` writable for the user that runs Fluent Bit, name another path, or write dead_letter_path off to lose what Loki refuses`)
}

// TestTryWriteLeavesNoTrace checks that trying makes no file and changes none.
func TestTryWriteLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "dead.jsonl")
	if err := tryWrite(path); err != nil {
		t.Fatal(err)
	}
	if found, err := os.ReadDir(filepath.Dir(path)); err != nil || len(found) != 0 {
		t.Errorf("left behind: %v, %v", found, err)
	}
	writeFile(t, filepath.Dir(path), "dead.jsonl", "kept\n")
	if err := tryWrite(path); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "kept\n" {
		t.Errorf("now %q, %v", b, err)
	}
}

// TestParse goes the whole way, files included.
func TestParse(t *testing.T) {
	dir := t.TempDir()
	cfg, err := Parse(section("url http://127.0.0.1\ndead_letter_path " + dir + "/d/dead.jsonl"))
	if err != nil || cfg.DeadLetterPath != dir+"/d/dead.jsonl" {
		t.Fatalf("%v, %v", cfg, err)
	}
	if _, err := os.Stat(dir + "/d"); err != nil {
		t.Error(err)
	}
	cfg, err = Parse(section("compress lz4\ndead_letter_path off\nbearer_token_file " + dir + "/none"))
	if cfg != nil || err == nil {
		t.Fatalf("%v, %v", cfg, err)
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 2 {
		t.Errorf("%d errors: %v", n, err)
	}
	if e, ok := errors.AsType[*Error](err); !ok || e.Key != "compress" || len(e.Allowed) != 3 {
		t.Errorf("%#v", e)
	}
}

func TestHostUnknown(t *testing.T) {
	noHost := func() (string, error) { return "", errors.New("no name") }
	const want = "the name of this machine is not known (no name); write labels host=NAME"
	_, err := parse(section("url http://127.0.0.1"), noHost)
	if err == nil || err.Error() != "labels: "+want {
		t.Errorf("%v", err)
	}
	_, err = parse(section("url http://127.0.0.1\nlabels host=$HOSTNAME,job=x"), noHost)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
	cfg, err := parse(section("url http://127.0.0.1\nlabels host=mbs1"), noHost)
	if err != nil || cfg.Host != "mbs1" {
		t.Errorf("%v, %v", cfg, err)
	}
}
