# A member of a fleet: the image of debian.Dockerfile, and gatewayctl-fleet. Beside this file: gatewayctl-fleet-VERSION-ARCH.tar.gz
# of the release, and fleet.gatewayctl.yaml.
#
#     docker build -f debian.Dockerfile -t gateways . && docker build -f fleet.Dockerfile -t gateways-fleet .
ARG BASE=gateways
FROM ${BASE}
ARG FLEET=gatewayctl-fleet-0.1.0-amd64
ADD ${FLEET}.tar.gz /
COPY fleet.gatewayctl.yaml /etc/gatewayctl.yaml
RUN gatewayctl config check /etc/gatewayctl.yaml
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["gatewayctl", "health"]
