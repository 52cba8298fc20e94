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
	c := health.Command()
	ask := c.RunE
	c.Short = "Ask a running server whether it is healthy"
	c.Long = "Ask URL and end with status 0 if it answers 2xx. The default is the check of health\nof the server that has the same settings."
	c.Example = "  zimbraloki-intake health"
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			s, err := settings.Load(a.environ, a.file)
			if err != nil {
				return usage{err}
			}
			args = []string{"http://" + local(s.Listen) + guard.HealthPath}
		}
		return ask(c, args)
	}
	return c
}

// local is where a program on the same machine finds what listens there.
func local(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // settings have looked at it
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
