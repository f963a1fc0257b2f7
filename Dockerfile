# The daemon in a container: built, packed as for Debian 12, and installed from
# that package. See docs/deployment.md.
#
#   docker build -t vm-system .

ARG BUILD_IMAGE=debian:12
ARG RUNTIME_IMAGE=debian:12-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
# A layer of its own, which changes of the sources leave as it is.
COPY scripts/install-packages.sh scripts/
RUN scripts/install-packages.sh
COPY . .
RUN make package

FROM ${RUNTIME_IMAGE}
COPY --from=build /src/build/release/packages/vm-system_*.deb /tmp/vm-system.deb
# Numbers, which do not change from image to image: volumes belong to them.
RUN groupadd --system --gid 990 vm-system \
  && useradd --system --uid 990 --gid 990 --no-create-home \
    --home-dir /var/lib/vm-system --shell /usr/sbin/nologin vm-system \
  && apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    /tmp/vm-system.deb \
  && rm -rf /tmp/vm-system.deb /var/lib/apt/lists/*

ENV VM_SYSTEM_DB=/var/lib/vm-system/store \
  VM_SYSTEM_LIBRARY_CACHE=/var/lib/vm-system/libraries \
  VM_SYSTEM_LISTEN=0.0.0.0:3210 \
  VM_SYSTEM_TOKEN_FILE=/etc/vm-system/tokens
USER 990:990
WORKDIR /var/lib/vm-system
VOLUME /var/lib/vm-system
EXPOSE 3210
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["vm-system", "ops", "health"]
ENTRYPOINT ["vm-system"]
CMD ["serve"]
