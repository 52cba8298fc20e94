package store_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/store/storetest"
)

// childAddress names the database to a process of TestProcesses.
const childAddress = "ZIMBRALOKI_TEST_STORE"

// TestProcesses: a ticket with one attempt admits one upload of four processes
// with five each.
func TestProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, address string) {
		f := fill(t, storetest.Open(t, address))
		type child struct {
			cmd *exec.Cmd
			in  io.WriteCloser
			out *bufio.Reader
		}
		var children []child
		for range 4 {
			c := exec.Command(os.Args[0], "-test.run", "^TestChild$")
			c.Env = append(os.Environ(), childAddress+"="+address)
			c.Stderr = os.Stderr
			in, err := c.StdinPipe()
			f.no(err)
			out, err := c.StdoutPipe()
			f.no(err)
			f.no(c.Start())
			children = append(children, child{c, in, bufio.NewReader(out)})
		}
		read := func(c child) string {
			line, err := c.out.ReadString('\n')
			f.no(err)
			return strings.TrimSpace(line)
		}
		for _, c := range children {
			f.equal(read(c), "ready")
		}
		for _, c := range children { // all begin when their input ends
			f.no(c.in.Close())
		}
		admitted := 0
		for _, c := range children {
			n := 0
			_, err := fmt.Sscan(read(c), &n)
			f.no(err)
			admitted += n
			f.no(c.cmd.Wait())
		}
		f.equal(admitted, 1)
		f.equal(f.attempts(), 0)
	})
}

// TestChild is a process of TestProcesses; by itself it does nothing.
func TestChild(t *testing.T) {
	address := os.Getenv(childAddress)
	if address == "" {
		t.Skip("runs as a process of TestProcesses alone")
	}
	db, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Fatal(err)
	}
	count := outcomes(atOnce(5, func(int) error {
		_, err := db.SpendAttempt(t.Context(), token, start)
		return err
	}))
	if count["ok"]+count["not found"] != 5 {
		t.Errorf("outcomes %v", count)
	}
	fmt.Println(count["ok"])
}
