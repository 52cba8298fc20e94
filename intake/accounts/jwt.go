package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// How long a token lives: as in the original.
const (
	AccessLife  = time.Hour
	RefreshLife = 24 * time.Hour
)

// The kinds of a JWT, in its claim token_type.
const (
	kindAccess  = "access"
	kindRefresh = "refresh"
)

// ErrToken is a JWT or an API token that is wrong, expired, of the other kind,
// or of a user who changed what he proves himself with, or is gone.
var ErrToken = errors.New("token is invalid or expired")

// claims are what stands in a JWT. Epoch is the user's when it was made.
type claims struct {
	Kind     string `json:"token_type"`
	UserID   int64  `json:"user_id"`
	Verified bool   `json:"otp"`
	Epoch    int64  `json:"epoch"`
	jwt.RegisteredClaims
}

// signer makes and reads JWTs.
type signer struct{ key []byte }

// newSigner derives the key, so that the secret signs nothing else by accident.
func newSigner(secret string) signer {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("jwt"))
	return signer{key: h.Sum(nil)}
}

func (s signer) sign(u model.User, kind string, verified bool, now time.Time, life time.Duration) (string, error) {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return "", fmt.Errorf("a new token: %w", err)
	}
	c := claims{Kind: kind, UserID: u.ID, Verified: verified, Epoch: u.Epoch, RegisteredClaims: jwt.RegisteredClaims{
		ID: hex.EncodeToString(id), Subject: strconv.FormatInt(u.ID, 10), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.key)
}

// read checks signature, algorithm and time; not the user.
func (s signer) read(token string, now time.Time) (claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil || c.Kind != kindAccess && c.Kind != kindRefresh {
		return claims{}, ErrToken
	}
	return c, nil
}

// Pair are the two tokens that a sign-in by the API gives.
type Pair struct{ Access, Refresh string }

// IssueJWT signs in by the API. Without a code the tokens are not verified and
// may read lists only; a wrong code gives no tokens.
func (s *Service) IssueJWT(ctx context.Context, username, password, code string, from Origin) (Pair, error) {
	u, err := s.CheckPassword(ctx, username, password, from)
	if err != nil {
		return Pair{}, err
	}
	if code != "" {
		if err := s.CheckFactor(ctx, u, code, from); err != nil {
			return Pair{}, err
		}
	}
	now := s.now()
	access, err := s.signer.sign(u, kindAccess, code != "", now, AccessLife)
	if err != nil {
		return Pair{}, err
	}
	refresh, err := s.signer.sign(u, kindRefresh, code != "", now, RefreshLife)
	return Pair{Access: access, Refresh: refresh}, err
}

// RefreshJWT gives a new access token for a refresh token.
func (s *Service) RefreshJWT(ctx context.Context, refresh string) (access string, err error) {
	u, c, err := s.owner(ctx, refresh)
	if err != nil {
		return "", err
	}
	if c.Kind != kindRefresh {
		return "", ErrToken
	}
	return s.signer.sign(u, kindAccess, c.Verified, s.now(), AccessLife)
}

// VerifyJWT says whether a token, of either kind, is good.
func (s *Service) VerifyJWT(ctx context.Context, token string) error {
	_, _, err := s.owner(ctx, token)
	return err
}

// ByJWT is whose access token this is, and whether he gave a second factor.
func (s *Service) ByJWT(ctx context.Context, token string) (u model.User, verified bool, err error) {
	u, c, err := s.owner(ctx, token)
	if err == nil && c.Kind != kindAccess {
		err = ErrToken
	}
	if err != nil {
		return model.User{}, false, err
	}
	return u, c.Verified, nil
}

func (s *Service) owner(ctx context.Context, token string) (model.User, claims, error) {
	c, err := s.signer.read(token, s.now())
	if err != nil {
		return model.User{}, claims{}, err
	}
	u, err := s.Current(ctx, c.UserID, c.Epoch)
	if errors.Is(err, model.ErrNotFound) {
		err = ErrToken
	}
	return u, c, err
}
