# contend in an image of its own: one program, no database. See docs/docker.md.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

# The same Debian as above, so that the C library is the one it was linked with.
FROM debian:bookworm-slim
# Root certificates, for addresses that ask for TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/target/release/contend /usr/local/bin/
# Runs are saved in results/ below the working directory.
RUN useradd --uid 1000 --user-group --create-home contend
USER 1000:1000
WORKDIR /home/contend
ENTRYPOINT ["contend"]
