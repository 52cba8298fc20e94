# Fluent Bit's own image with zimbraloki in it:
#
#   make image
#   docker run -p 127.0.0.1:24224:24224 -e LOKI_URL=http://loki:3100 -v zimbraloki:/var/lib/zimbraloki zimbraloki:VERSION
#
# accepts the logs of Docker's fluentd driver. All other configurations are in
# /etc/zimbraloki/conf; see docs/install.md.

# The builder's glibc (2.36) may be older than the one of Fluent Bit's image
# (5.1: 2.41), never newer. zimbraloki.so itself only needs 2.28.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN make so cli VERSION="$VERSION"
# What the image adds.
RUN install -D -m 644 build/zimbraloki.so image/usr/lib/zimbraloki/zimbraloki.so \
 && ln -s zimbraloki.so image/usr/lib/zimbraloki/flb-filter_zimbraloki.so \
 && install -D -m 755 build/zimbraloki image/usr/bin/zimbraloki \
 && install -D -m 644 packaging/image/fluent-bit.yaml image/etc/zimbraloki/fluent-bit.yaml \
 && cp -R conf image/etc/zimbraloki/conf \
 && install -D -m 644 LICENSE image/usr/share/doc/zimbraloki/LICENSE \
 && install -d -m 700 state

# The log writer of docker-compose.yaml (--target writer): it needs the standard
# library only, so nothing is fetched for it, and it is built in seconds.
FROM golang:1.26.8-bookworm AS write
WORKDIR /src
COPY go.mod go.sum ./
COPY internal internal
COPY dev/samplelogs dev/samplelogs
RUN GOPROXY=off CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o image/write ./dev/samplelogs/write

FROM scratch AS writer
COPY --from=write /src/image/ /
ENTRYPOINT ["/write"]

# The server that takes archives by ticket (--target intake): one program without
# C, alone in its image.
FROM golang:1.26.8-bookworm AS build-intake
WORKDIR /src
COPY go.mod go.sum ./
COPY intake/go.mod intake/go.sum intake/
RUN cd intake && go mod download
COPY . .
ARG VERSION=dev
RUN make intake VERSION="$VERSION"
RUN install -D -m 755 build/zimbraloki-intake image/usr/bin/zimbraloki-intake \
 && install -D -m 644 LICENSE image/usr/share/doc/zimbraloki/LICENSE \
 && install -d -m 700 data

FROM scratch AS intake
COPY --from=build-intake /src/image/ /
# Of Loki, S3 and issuers behind TLS.
COPY --from=build-intake /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build-intake --chown=65532:65532 /src/data /data
USER 65532:65532
ENV DATA_DIR=/data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["/usr/bin/zimbraloki-intake", "health"]
ENTRYPOINT ["/usr/bin/zimbraloki-intake"]
CMD ["serve"]

# Entry point, user and missing shell as its makers' Dockerfile has them:
# https://github.com/fluent/fluent-bit/blob/v5.1.1/dockerfiles/Dockerfile
FROM fluent/fluent-bit:5.1.1
COPY --from=build /src/image/ /
# 65532 is the user nonroot of the image. To read files of the host, run with
# --user 0, or with --group-add and the group that may.
COPY --from=build --chown=65532:65532 /src/state /var/lib/zimbraloki
USER 65532:65532
VOLUME /var/lib/zimbraloki
EXPOSE 24224
# The image has no shell, so zimbraloki does the check itself.
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["/usr/bin/zimbraloki", "health"]
ENTRYPOINT ["/fluent-bit/bin/fluent-bit"]
CMD ["-c", "/etc/zimbraloki/fluent-bit.yaml"]
