# Gateways in a plain Debian image, with their supervision tree as the entry point. Beside this file:
# gatewayctl-VERSION-ARCH-plain.tar.gz of the release, and gatewayctl.yaml.
#
#     docker build -f debian.Dockerfile --build-arg GATEWAYCTL=gatewayctl-0.1.0-amd64 -t gateways .
FROM debian:bookworm-slim
ARG GATEWAYCTL=gatewayctl-0.1.0-amd64
RUN apt-get update && apt-get install -y --no-install-recommends s6 && rm -rf /var/lib/apt/lists/*

ADD ${GATEWAYCTL}-plain.tar.gz /
COPY gatewayctl.yaml /etc/gatewayctl.yaml
# Whom the volume belongs to: gateways run as its owner, never as root.
RUN gatewayctl config check /etc/gatewayctl.yaml && useradd --uid 10000 --home-dir /opt/data gateways \
 && install -d -o gateways -g gateways /opt/data

ENV HERMES_HOME=/opt/data
VOLUME /opt/data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["gatewayctl", "health"]
ENTRYPOINT ["gatewayctl", "tree"]
