package logql

import (
	"errors"
	"fmt"
	"math"
	"regexp"
)

// unwrapped is the innermost error: Loki's words without ours around them.
func unwrapped(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// checkRegexpParser wants an expression with names, each of them once.
func checkRegexpParser(expr string) error {
	re, err := regexp.Compile(expr)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, name := range re.SubexpNames() {
		if seen[name] && name != "" {
			return fmt.Errorf("duplicate extracted label name '%s'", name)
		}
		seen[name] = true
	}
	delete(seen, "")
	if len(seen) == 0 {
		return errors.New("at least one named capture must be supplied")
	}
	return nil
}

// captureName finds the captures of a pattern.
var captureName = regexp.MustCompile(`<([a-zA-Z_][a-zA-Z0-9_]*)>`)

// checkPatternParser wants captures with names, each of them once, and text
// between them.
func checkPatternParser(pattern string) error {
	seen, end := map[string]bool{}, -1
	list := captureName.FindAllStringSubmatchIndex(pattern, -1)
	for i, m := range list {
		if m[0] == end {
			return fmt.Errorf("found consecutive capture '%s': invalid expression", pattern[list[i-1][0]:m[1]])
		}
		end = m[1]
	}
	for _, m := range list {
		name := pattern[m[2]:m[3]]
		if name == "_" {
			continue
		}
		if seen[name] {
			return fmt.Errorf("duplicate capture name (%s): invalid expression", name)
		}
		seen[name] = true
	}
	if len(seen) == 0 {
		return errors.New("at least one capture is required")
	}
	return nil
}

// Calculate is a binary operator on two numbers. A comparison gives left and
// whether it holds; division by zero is no number.
func Calculate(op string, left, right float64) (value float64, holds bool) {
	switch op {
	case "+":
		return left + right, true
	case "-":
		return left - right, true
	case "*":
		return left * right, true
	case "/":
		if right == 0 {
			return math.NaN(), true
		}
		return left / right, true
	case "%":
		if right == 0 {
			return math.NaN(), true
		}
		return math.Mod(left, right), true
	case "^":
		return math.Pow(left, right), true
	}
	return left, compares(op, left, right)
}

func compares(op string, left, right float64) bool {
	switch op {
	case "==":
		return left == right
	case "!=":
		return left != right
	case ">":
		return left > right
	case ">=":
		return left >= right
	case "<":
		return left < right
	}
	return left <= right
}
