// Command sbom writes a CycloneDX bill of materials of Go programs: what their
// builds say of themselves, as `go version -m` shows it.
//
//	go run ./sbom -version 0.1.0 zimbraloki.so zimbraloki > sbom.cdx.json
package main

import (
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	version := flag.String("version", "", "of the package")
	flag.Parse()
	bom, err := describe(*version, flag.Args())
	if err == nil {
		err = cdx.NewBOMEncoder(os.Stdout, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// describe makes the bill of programs: one component for each, and one for each
// module that any of them holds.
func describe(version string, programs []string) (*cdx.BOM, error) {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Timestamp: timestamp(), Component: &cdx.Component{
		BOMRef: "zimbraloki", Type: cdx.ComponentTypeApplication, Name: "zimbraloki", Version: version,
		Licenses: &cdx.Licenses{{License: &cdx.License{ID: "Apache-2.0"}}},
	}}
	modules := map[string]cdx.Component{}
	var components []cdx.Component
	dependencies := []cdx.Dependency{{Ref: "zimbraloki", Dependencies: &[]string{}}}
	for _, path := range programs {
		c, info, err := program(path, version)
		if err != nil {
			return nil, err
		}
		components = append(components, c)
		*dependencies[0].Dependencies = append(*dependencies[0].Dependencies, c.BOMRef)
		var refs []string
		for _, m := range append(info.Deps, &debug.Module{Path: "std", Version: info.GoVersion}) {
			lib := module(m)
			modules[lib.BOMRef] = lib
			refs = append(refs, lib.BOMRef)
		}
		slices.Sort(refs)
		dependencies = append(dependencies, cdx.Dependency{Ref: c.BOMRef, Dependencies: &refs})
	}
	var libs []cdx.Component
	for _, m := range modules {
		libs = append(libs, m)
	}
	slices.SortFunc(libs, func(a, b cdx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	components = append(components, libs...)
	bom.Components, bom.Dependencies = &components, &dependencies
	return bom, nil
}

// timestamp is SOURCE_DATE_EPOCH, so that two builds agree, or now.
func timestamp() string {
	at := time.Now()
	if n, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		at = time.Unix(n, 0)
	}
	return at.UTC().Format(time.RFC3339)
}

func program(path, version string) (c cdx.Component, info *buildinfo.BuildInfo, err error) {
	if info, err = buildinfo.ReadFile(path); err != nil {
		return c, nil, fmt.Errorf("%s: %w", path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return c, nil, err
	}
	sum := sha256.Sum256(data)
	name := filepath.Base(path)
	c = cdx.Component{
		BOMRef: "file:" + name, Type: cdx.ComponentTypeFile, Name: name, Version: version,
		Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
	}
	var properties []cdx.Property
	for _, s := range info.Settings {
		properties = append(properties, cdx.Property{Name: "go:build:" + s.Key, Value: s.Value})
	}
	c.Properties = &properties
	return c, info, nil
}

// module describes a Go module by its package URL (github.com/package-url/purl-spec, type golang).
func module(m *debug.Module) cdx.Component {
	if m.Replace != nil {
		m = m.Replace
	}
	purl := "pkg:golang/" + m.Path + "@" + m.Version
	return cdx.Component{BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: purl}
}
