package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
)

// TokenPrefix starts a personal API token, so that people and scanners of
// repositories know one where they see it.
const TokenPrefix = "zli_"

// BackupCodes is how many codes a user gets at a time.
const BackupCodes = 10

// codeBytes is the randomness of a backup code. With 80 bits a plain SHA-256
// of it is as safe as a slow hash, and ten of them are checked at once.
const codeBytes = 10

// NewAPIToken returns a token of 256 bits, and the hash that is stored of it.
func NewAPIToken() (token string, hash []byte, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", nil, fmt.Errorf("a new token: %w", err)
	}
	token = TokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	return token, HashSecret(token), nil
}

// HashSecret is what is stored of a token or a backup code. They are random,
// so nothing is gained by a slow hash.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// NewBackupCodes returns ten codes for a person to keep, `xxxx-xxxx-xxxx-xxxx`,
// and their hashes.
func NewBackupCodes() (codes []string, hashes [][]byte, err error) {
	for range BackupCodes {
		raw := make([]byte, codeBytes)
		if _, err := rand.Read(raw); err != nil {
			return nil, nil, fmt.Errorf("backup codes: %w", err)
		}
		s := strings.ToLower(base32.StdEncoding.EncodeToString(raw))
		codes = append(codes, s[:4]+"-"+s[4:8]+"-"+s[8:12]+"-"+s[12:])
		hashes = append(hashes, hashCode(s))
	}
	return codes, hashes, nil
}

// hashCode is the hash of a backup code however a person typed it; nil if it
// is not shaped as one.
func hashCode(code string) []byte {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(code))
	if err != nil || len(raw) != codeBytes {
		return nil
	}
	return HashSecret(code)
}
