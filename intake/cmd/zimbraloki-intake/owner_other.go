//go:build !unix

package main

func rootsGuest(string) string { return "" }
