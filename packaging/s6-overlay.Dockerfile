# Gateways in an image with s6-overlay 3. Beside this file: gatewayctl-VERSION-ARCH-s6-overlay.tar.gz of the release, and
# gatewayctl.yaml.
#
#     docker build -f s6-overlay.Dockerfile --build-arg GATEWAYCTL=gatewayctl-0.1.0-amd64 -t gateways .
FROM debian:bookworm-slim
ARG GATEWAYCTL=gatewayctl-0.1.0-amd64
ARG S6_OVERLAY=3.2.0.2
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl xz-utils && rm -rf /var/lib/apt/lists/* \
 && for part in noarch "$(uname -m)"; do \
      curl -fsSL "https://github.com/just-containers/s6-overlay/releases/download/v$S6_OVERLAY/s6-overlay-$part.tar.xz" \
      | tar -C / -Jxp || exit 1; \
    done

# The command, the hooks, and the service of s6-rc under which the gateways have a tree of their own.
ADD ${GATEWAYCTL}-s6-overlay.tar.gz /
COPY gatewayctl.yaml /etc/gatewayctl.yaml
# Whom the volume belongs to: gateways run as its owner, never as root.
RUN gatewayctl config check /etc/gatewayctl.yaml && useradd --uid 10000 --home-dir /opt/data gateways \
 && install -d -o gateways -g gateways /opt/data

ENV HERMES_HOME=/opt/data
VOLUME /opt/data
# A container that boots has until then to bring everything up.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["gatewayctl", "health"]
ENTRYPOINT ["/init"]
CMD ["sleep", "infinity"]
