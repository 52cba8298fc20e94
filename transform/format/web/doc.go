// Package web has the formats of the web servers: Jetty's access and trace log,
// nginx's access and error log. Cookies and tokens of a request are replaced before
// anything is taken from the line.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory.
package web
