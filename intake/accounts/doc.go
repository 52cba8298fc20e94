// Package accounts says who somebody is: passwords, second factors, sessions,
// tokens for programs. What somebody may do is decided by package tickets.
package accounts
