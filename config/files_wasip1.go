package config

// CheckFiles has nothing to check: a WebAssembly filter pushes nothing, so it
// has no certificates, secrets and dead letters. This keeps crypto/tls out of
// the module.
func (c *Config) CheckFiles() error { return nil }
