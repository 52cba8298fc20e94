// Package db has the formats of databases: the slow query log of MariaDB and
// MySQL.
//
// Parsers take a format.Input and fill a format.Draft; see package format for who
// owns the memory.
package db
