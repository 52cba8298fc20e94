// Package pseudonym is zimbraloki pseudonym: what stands in Loki for a person.
package pseudonym

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/transform/person"
)

const pseudonymLong = `Print what stands in Loki for names and mail addresses of persons where the
plugin runs with pseudonymize, one line a name:

  ivanov@example.com  p_0123456789abcdef@example.com

The way back does not exist: who is behind a hash is found by trying the names
that come into question.

Exit codes: 0 it is printed, 1 the key cannot be read, 2 a mistake in the command
line.`

// Command is zimbraloki pseudonym.
func Command() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:     "pseudonym NAME… --key-file FILE",
		Short:   "Print the pseudonym of a known person, to search for it",
		Long:    pseudonymLong,
		Example: `  zimbraloki pseudonym ivanov@example.com --key-file /etc/zimbraloki/pseudonym.key`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return flags.Usagef("pseudonym needs a name or an address")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" {
				return flags.Usagef("--key-file is missing: name the file of the plugin's pseudonymize_key_file")
			}
			key, err := config.ReadPseudonymizeKey(file)
			if err != nil {
				return err
			}
			p := person.NewPseudonyms(key)
			for _, name := range args {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s\t%s\n", name, p.Name(name)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&file, "key-file", "", "`file` with the key, the plugin's pseudonymize_key_file")
	return c
}
