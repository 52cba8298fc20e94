package main

import (
	"net"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/health"
	"github.com/zimbraloki/zimbraloki/intake/settings"
)

// healthCommand is for images without a shell or curl.
func (a *app) healthCommand() *cobra.Command {
	c := health.Command()
	ask := c.RunE
	c.Short = "Ask a running server whether it is healthy"
	c.Long = "Ask URL and end with status 0 if it answers 2xx. The default is the check of health\nof the server that has the same settings. ALLOWED_HOSTS has to admit 127.0.0.1."
	c.Example = "  zimbraloki-intake health"
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			s, err := settings.Load(a.environ, a.file)
			if err != nil {
				return usage{err}
			}
			_, port, err := net.SplitHostPort(s.Listen)
			if err != nil {
				return usage{err}
			}
			args = []string{"http://127.0.0.1:" + port + "/api/v1/check/health/"}
		}
		return ask(c, args)
	}
	return c
}
