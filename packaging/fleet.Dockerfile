# A member of a fleet: the image of debian.Dockerfile, and gatewayctl-fleet. Beside this file: gatewayctl-fleet_VERSION_ARCH.deb
# of the release, and fleet.gatewayctl.yaml.
#
#     docker build -f debian.Dockerfile -t gateways . && docker build -f fleet.Dockerfile -t gateways-fleet .
ARG BASE=gateways
FROM ${BASE}
ARG FLEET=gatewayctl-fleet_0.1.0_amd64.deb
ADD ${FLEET} /tmp/fleet.deb
COPY fleet.gatewayctl.yaml /etc/gatewayctl.yaml
# One static program; it needs nothing of the package but itself.
RUN dpkg-deb -x /tmp/fleet.deb / && rm /tmp/fleet.deb && gatewayctl config check /etc/gatewayctl.yaml
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["gatewayctl", "health"]
