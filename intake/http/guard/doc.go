// Package guard stands before every page and every call: it says where a
// request comes from and who asks, refuses what must not go on, and sets the
// headers that hold for all answers.
package guard
