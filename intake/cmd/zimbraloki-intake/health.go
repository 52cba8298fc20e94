package main

import (
	"net"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/health"
	"github.com/zimbraloki/zimbraloki/intake/http/guard"
	"github.com/zimbraloki/zimbraloki/intake/settings"
)

// healthCommand is for images without a shell or curl.
func (a *app) healthCommand() *cobra.Command {
	return &cobra.Command{
		Use: "health [URL]", Short: "Ask a running server whether it is healthy",
		Long:    "Ask URL and end with status 0 if it answers 2xx. The default is the check of health\nof the server that has the same settings.",
		Example: "  zimbraloki-intake health\n  zimbraloki-intake health https://logs.example.com/api/v1/check/health/",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("health takes one URL at most; it has %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			url := ""
			if len(args) == 1 {
				url = args[0]
			} else {
				s, err := settings.Load(a.environ, a.file)
				if err != nil {
					return usage{err}
				}
				url = "http://" + local(s.Listen) + guard.HealthPath
			}
			return health.Ask(c.Context(), url, "is it running, and is LISTEN the same here and there?", c.OutOrStdout())
		},
	}
}

// local is where a program on the same machine finds what listens there.
func local(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // settings have looked at it
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
