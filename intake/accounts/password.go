package accounts

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// What a hash of ours costs: OWASP's row for argon2id with the least memory,
// so that sign-ins at once do not need more than the uploads beside them.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2         // passes
	argonThreads = 1
	argonKey     = 32 // bytes
	saltBytes    = 16
)

// Limits on what is read out of a stored hash: a row of a database that
// somebody imported must not be able to stop the server.
const (
	maxArgonMemory = 64 << 10   // KiB
	maxArgonTime   = 16         // passes
	maxIterations  = 10_000_000 // of PBKDF2
	maxHashLength  = 512        // bytes
)

// Lengths of a password. The upper one bounds the work of one request.
const (
	MinPassword = 10   // characters
	MaxPassword = 1024 // bytes
)

// hashing bounds the memory that hashes take together: four of 19 MiB, of 64 if
// they were imported.
var hashing = make(chan struct{}, 4)

// HashPassword returns the argon2id hash of a password as a PHC string.
func HashPassword(password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt of a password: %w", err)
	}
	return argonParams{memory: argonMemory, time: argonTime, threads: argonThreads}.encode(password, salt), nil
}

// argonParams are the costs of argon2id.
type argonParams struct {
	memory, time uint32
	threads      uint8
}

func (p argonParams) key(password string, salt []byte, n int) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, p.time, p.memory, p.threads, uint32(n))
}

func (p argonParams) encode(password string, salt []byte) string {
	key := p.key(password, salt, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// VerifyPassword reports whether a password is the one of a stored hash:
// argon2id as a PHC string, or pbkdf2_sha256 as Django writes it. stale says
// that the hash should be made anew while the password is at hand.
func VerifyPassword(password, encoded string) (ok, stale bool) {
	if len(password) > MaxPassword || len(encoded) > maxHashLength {
		return false, false
	}
	if strings.HasPrefix(encoded, "pbkdf2_sha256$") {
		return verifyDjango(password, encoded), true
	}
	p, salt, key, err := parseArgon(encoded)
	if err != nil {
		return false, false
	}
	ok = subtle.ConstantTimeCompare(p.key(password, salt, len(key)), key) == 1
	return ok, p != argonParams{memory: argonMemory, time: argonTime, threads: argonThreads}
}

// readable tells whether a stored hash can be that of a password: "" and what
// another program wrote cannot.
func readable(encoded string) bool {
	_, _, _, err := parseArgon(encoded)
	return err == nil || strings.HasPrefix(encoded, "pbkdf2_sha256$")
}

var errHash = errors.New("not a hash that is known here; set a new password")

func parseArgon(encoded string) (p argonParams, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return p, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil || n != 3 {
		return p, nil, nil, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	small := p.memory >= 8*uint32(p.threads) && p.memory <= maxArgonMemory && p.time >= 1 && p.time <= maxArgonTime && p.threads >= 1
	if err1 != nil || err2 != nil || !small || len(salt) < 8 || len(key) < 16 || len(key) > 64 {
		return p, nil, nil, errHash
	}
	return p, salt, key, nil
}

// verifyDjango checks `pbkdf2_sha256$iterations$salt$key`.
func verifyDjango(password, encoded string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 4 {
		return false
	}
	n, err := strconv.Atoi(parts[1])
	want, err2 := base64.StdEncoding.DecodeString(parts[3])
	if err != nil || err2 != nil || n < 1 || n > maxIterations || len(want) != sha256.Size || parts[2] == "" {
		return false
	}
	hashing <- struct{}{}
	got, err := pbkdf2.Key(sha256.New, password, []byte(parts[2]), n, sha256.Size)
	<-hashing
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1
}

// Why a password is not taken.
var (
	ErrPasswordShort = fmt.Errorf("the password is shorter than %d characters", MinPassword)
	ErrPasswordLong  = fmt.Errorf("the password is longer than %d bytes", MaxPassword)
	ErrPasswordName  = errors.New("the password contains the user name")
	ErrPasswordPlain = errors.New("the password has too few different characters")
)

// CheckPassword says whether a password may be set for a user.
func CheckPassword(password, username string) error {
	seen := map[rune]bool{}
	for _, r := range password {
		seen[r] = true
	}
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return ErrPasswordShort
	case len(password) > MaxPassword:
		return ErrPasswordLong
	case len(username) >= 4 && strings.Contains(strings.ToLower(password), strings.ToLower(username)):
		return ErrPasswordName
	case len(seen) < 5:
		return ErrPasswordPlain
	}
	return nil
}
