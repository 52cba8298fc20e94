module github.com/zimbraloki/zimbraloki

go 1.26
