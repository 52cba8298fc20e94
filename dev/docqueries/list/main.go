// Command list prints the LogQL of the documentation and of the questions that
// `zimbraloki ask` knows, as JSON: for tests in other languages.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/zimbraloki/zimbraloki/dev/docqueries"
	"github.com/zimbraloki/zimbraloki/questions"
)

// query is one of LogQL and where it stands.
type query struct {
	Where string `json:"where"`
	Text  string `json:"text"`
}

func main() {
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	list, err := read(*root)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(list)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "list:", err)
		os.Exit(1)
	}
}

func read(root string) (list []query, err error) {
	documented, err := docqueries.Read(root)
	if err != nil {
		return nil, err
	}
	for _, q := range documented {
		list = append(list, query{q.File, q.Text})
	}
	for _, q := range questions.All() {
		text, err := q.LogQL(q.Examples())
		if err != nil {
			return nil, err
		}
		list = append(list, query{"question " + q.Name, text})
	}
	return list, nil
}
