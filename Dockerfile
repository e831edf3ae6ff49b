# Guanxi in a container. Data live on the volume /var/lib/guanxi.
#   docker build -t guanxi .
#   docker run -p 8300:8300 -v guanxi:/var/lib/guanxi guanxi
FROM debian:12-slim AS build
WORKDIR /src
COPY tools/ tools/
COPY web/package.json web/package-lock.json web/
RUN tools/setup.sh run
COPY . .
RUN cmake --preset release && cmake --build --preset release --target guanxi \
    && cd web && npm run --silent build
RUN mkdir -p /out/bin /out/lib /out/share/guanxi/web \
    && cp build/release/bin/guanxi /out/bin/ \
    && cp .cache/duckdb/libduckdb.so /out/lib/ \
    && cp -r web/dist web/openapi.json /out/share/guanxi/web/

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata libsqlite3-0 libzstd1 \
       zlib1g libsimdjson14 libtomlplusplus3 libxxhash0 libnlopt0 libnlopt-cxx0 libsodium23 \
       libspdlog1.10 libfmt9 libprometheus-cpp-core1.0 libssl3 librdkafka1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/guanxi --create-home --shell /usr/sbin/nologin guanxi \
    && chmod 0700 /var/lib/guanxi
COPY --from=build /out/ /usr/local/
COPY packaging/container.toml /etc/guanxi/guanxi.toml
RUN ldconfig
USER guanxi
VOLUME /var/lib/guanxi
EXPOSE 8300
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8300 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["/usr/local/bin/guanxi"]
CMD ["serve", "--config", "/etc/guanxi/guanxi.toml"]
