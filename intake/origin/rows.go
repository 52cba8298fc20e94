package origin

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// count notes how one went; an error is told and ends nothing.
func (r *run) count(c *Count, what string, err error) {
	switch {
	case err == nil:
		c.Taken++
	case errors.Is(err, model.ErrExists):
		c.Present++
	default:
		c.Failed++
		r.Say("%s: not taken over: %v", what, err)
	}
}

func (r *run) takeUsers(ctx context.Context) error {
	err := r.each(ctx, `SELECT `+texts("id", "username", "password", "email", "first_name", "last_name", "is_active", "is_superuser", "last_login", "date_joined")+` FROM account_user ORDER BY id`, func(c []string) error {
		id, _ := strconv.ParseInt(c[0], 10, 64)
		u := model.User{Username: c[1], Password: c[2], Email: c[3], FirstName: c[4], LastName: c[5], Active: c[6] == "1", Admin: c[7] == "1", LastLogin: when(c[8]), Created: when(c[9])}
		if !strings.HasPrefix(u.Password, "pbkdf2_sha256$") {
			if strings.HasPrefix(u.Password, "!") { // Django's sign for none
				u.Password = ""
			} else { // it stays, and lets nobody in: an account without one would wait for its owner at OIDC
				r.Say("user %s: the password's hash is of another kind than pbkdf2_sha256; set a new one: user passwd %s", u.Username, u.Username)
			}
		}
		r.users[id] = u.Username
		err := r.user(ctx, &u)
		r.count(&r.sum.Users, "user "+u.Username, err)
		if err != nil {
			return nil
		}
		return r.authenticator(ctx, id, u)
	})
	return err
}

func (r *run) user(ctx context.Context, u *model.User) error {
	if r.DryRun {
		_, err := r.db.UserByName(ctx, u.Username)
		return present(err)
	}
	return r.db.CreateUser(ctx, u)
}

// present is what a row that is asked for would be answered on creation.
func present(err error) error {
	if err == nil {
		return model.ErrExists
	}
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	return err
}

// authenticator takes a user's TOTP over, where it is of the usual kind: the
// secret, and the last step, so that a code cannot be used here once more.
func (r *run) authenticator(ctx context.Context, id int64, u model.User) error {
	columns, err := r.columns(ctx, "otp_totp_totpdevice")
	if err != nil || len(columns) == 0 || r.DryRun {
		return err
	}
	query := `SELECT key, ` + texts("step", "digits", "t0", "last_t") + ` FROM otp_totp_totpdevice WHERE confirmed AND user_id = ` + strconv.FormatInt(id, 10) + ` ORDER BY id LIMIT 1`
	return r.each(ctx, query, func(c []string) error {
		key, err := hex.DecodeString(c[0])
		if err != nil || len(key) == 0 || c[1] != "30" || c[2] != "6" || c[3] != "0" {
			r.Say("user %s: the authenticator is of an unusual kind and is not taken over; it has to be set up anew", u.Username)
			return nil
		}
		last, _ := strconv.ParseInt(c[4], 10, 64)
		secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
		return r.db.SetTOTP(ctx, u.ID, secret, max(last, 0))
	})
}

var notSlug = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

func (r *run) takePlatforms(ctx context.Context) error {
	return r.each(ctx, `SELECT name, pretty_name FROM collector_platform ORDER BY id`, func(c []string) error {
		p := model.Platform{Name: strings.Trim(notSlug.ReplaceAllString(c[0], "-"), "-"), PrettyName: c[1]}
		if p.Name == "" {
			p.Name = "platform"
		}
		if p.PrettyName == "" {
			p.PrettyName = p.Name
		}
		if p.Name != c[0] {
			r.Say("platform %q: its name is %q here, since it is part of addresses", c[0], p.Name)
		}
		r.platforms[c[0]] = p.Name
		var err error
		if r.DryRun {
			_, err = r.db.PlatformByName(ctx, p.Name)
			err = present(err)
		} else {
			err = r.db.CreatePlatform(ctx, &p)
		}
		r.count(&r.sum.Platforms, "platform "+p.Name, err)
		return nil
	})
}

func (r *run) takeTickets(ctx context.Context) error {
	query := `SELECT ` + texts("number", "resolved", "note", "token", "attempts", "time_create", "time_update", "platform_name", "user_id") + ` FROM collector_ticket ORDER BY id`
	return r.each(ctx, query, func(c []string) error {
		t, err := r.ticket(c)
		what := "ticket " + c[0]
		if err == nil {
			if r.DryRun {
				_, err = r.db.TicketByNumber(ctx, t.Number)
				err = present(err)
			} else {
				err = r.db.CreateTicket(ctx, &t)
			}
		}
		r.count(&r.sum.Tickets, what, err)
		return nil
	})
}

// ticket is one of ours made of one of the original's.
func (r *run) ticket(c []string) (model.Ticket, error) {
	old, err := strconv.ParseInt(c[0], 10, 64)
	if err != nil {
		return model.Ticket{}, fmt.Errorf("number %q: %w", c[0], err)
	}
	number := strconv.FormatInt(old, 10)
	if old < 0 {
		number = "minus" + number
		r.Say("ticket %d: its number is %s here, since a number begins with a letter or a digit", old, number)
	}
	attempts, err := strconv.Atoi(c[4])
	if err != nil {
		return model.Ticket{}, fmt.Errorf("attempts %q: %w", c[4], err)
	}
	token, err := uuid(c[3])
	if err != nil {
		return model.Ticket{}, err
	}
	user, _ := strconv.ParseInt(c[8], 10, 64)
	t := model.Ticket{
		Number: number, Resolved: c[1] == "1", Note: c[2], TokenHash: tickets.HashToken(token), Attempts: min(max(attempts, 0), model.MaxAttempts),
		Created: when(c[5]), Updated: when(c[6]), Platform: r.platforms[c[7]], Owner: r.users[user],
	}
	if t.Resolved {
		t.ResolvedAt = t.Updated
	}
	r.tickets[old] = number
	return t, nil
}

// uuid is a token as the original gives it to customers: Django keeps it
// without hyphens in SQLite.
func uuid(s string) (string, error) {
	plain := strings.ToLower(strings.ReplaceAll(s, "-", ""))
	if _, err := hex.DecodeString(plain); err != nil || len(plain) != 32 {
		return "", fmt.Errorf("its token is no UUID") // the token itself is a secret
	}
	return plain[:8] + "-" + plain[8:12] + "-" + plain[12:16] + "-" + plain[16:20] + "-" + plain[20:], nil
}
