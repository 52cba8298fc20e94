package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/zimbraloki/zimbraloki/intake/accounts"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/internal/terminal"
)

// console is who the audit trail names for what was done by a command.
const console = "console"

func (a *app) userCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "user", Args: cobra.NoArgs, Short: "Users: the first one is made here",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.userAdd(), a.userPasswd(), a.userList(), a.userDisable())
	return c
}

func (h *house) accounts() *accounts.Service {
	return accounts.New(h.db, accounts.Options{Secret: string(h.settings.SecretKey), Issuer: "Intake", Audit: h.desk.Record})
}

func (a *app) userAdd() *cobra.Command {
	var u model.User
	var noPassword bool
	c := &cobra.Command{
		Use: "add NAME", Args: names("the user's name"), Short: "Make a user; the password is asked for, or read from standard input",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(h *house) error {
				u.Username, u.Active = args[0], true
				password := ""
				if !noPassword {
					var err error
					if password, err = a.password(u.Username); err != nil {
						return err
					}
				}
				if _, err := h.accounts().Create(c.Context(), u, password, console, accounts.Origin{}); err != nil {
					return exists(err)
				}
				a.say("user %s is there, in %s; sign in, and set a second factor up", u.Username, h.db.Name())
				return nil
			})
		},
	}
	c.Flags().BoolVar(&u.Admin, "admin", false, "make an administrator")
	c.Flags().StringVar(&u.Email, "email", "", "address of the user")
	c.Flags().StringVar(&u.FirstName, "first-name", "", "first name")
	c.Flags().StringVar(&u.LastName, "last-name", "", "last name")
	c.Flags().BoolVar(&noPassword, "no-password", false, "no password: the user signs in by OpenID Connect")
	return c
}

// exists says what to do about a name that is taken.
func exists(err error) error {
	if errors.Is(err, model.ErrExists) {
		return fmt.Errorf("%w; `user passwd` sets another password", err)
	}
	return err
}

func (a *app) userPasswd() *cobra.Command {
	var reset bool
	c := &cobra.Command{
		Use: "passwd NAME", Args: names("the user's name"), Short: "Set another password, and end all sessions",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(h *house) error {
				u, err := h.db.UserByName(c.Context(), args[0])
				if err != nil {
					return err
				}
				password, err := a.password(u.Username)
				if err != nil {
					return err
				}
				if err := h.accounts().Change(c.Context(), u, password, console, accounts.Origin{}); err != nil {
					return err
				}
				if reset {
					if _, err := h.accounts().RemoveFactors(c.Context(), u, console, accounts.Origin{}); err != nil {
						return err
					}
				}
				a.say("the password of %s is set, and who was signed in is not any more", u.Username)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&reset, "reset-factors", false, "remove authenticator, passkeys and backup codes too: they have to be set up anew")
	return c
}

func (a *app) userList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: names(), Short: "List the users",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), func(h *house) error {
				users, err := h.db.Users(c.Context())
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(t, "NAME\tROLE\tACTIVE\tSECOND FACTOR\tLAST LOGIN\tE-MAIL")
				for _, u := range users {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", terminal.Safe(u.Username), role(u), yes(u.Active), yes(u.SecondFactor()), since(u.LastLogin), terminal.Safe(u.Email))
				}
				return t.Flush()
			})
		},
	}
}

func role(u model.User) string {
	if u.Admin {
		return "admin"
	}
	return "user"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func since(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.RFC3339)
}

func (a *app) userDisable() *cobra.Command {
	return &cobra.Command{
		Use: "disable NAME", Args: names("the user's name"), Short: "Let a user sign in no more, and end all sessions; tickets stay",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(h *house) error {
				u, err := h.db.UserByName(c.Context(), args[0])
				if err != nil {
					return err
				}
				u.Active = false
				if err := h.accounts().Change(c.Context(), u, "", console, accounts.Origin{}); err != nil {
					return err
				}
				a.say("user %s cannot sign in any more", u.Username)
				return nil
			})
		},
	}
}

// password asks for a password twice, or reads a line where standard input is
// no terminal. It is never an argument, which others can see.
func (a *app) password(name string) (string, error) {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(a.in, 1<<16)).ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return "", errors.Join(usagef("no password on standard input"), notEnd(err))
		}
		return line, nil
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(a.err, what)
		data, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.err)
		return string(data), err
	}
	return twice(ask, name)
}

// twice asks for a password two times. None is no answer: there would be a user
// whom anything but a password lets in, or one whose password stays.
func twice(ask func(what string) (string, error), name string) (string, error) {
	first, err := ask("Password of " + terminal.Safe(name) + ": ")
	if err != nil {
		return "", err
	}
	if first == "" {
		return "", errors.New("no password was given; `user add --no-password` makes a user without one")
	}
	second, err := ask("Once more: ")
	if err == nil && first != second {
		err = errors.New("the two are not the same")
	}
	return first, err
}

func notEnd(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
