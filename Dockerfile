# An image that holds rmflow and nothing to build it with. One programme is one folder:
#   docker run --rm --volume "$PWD/programme:/data" rmflow run

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /build && python -m venv --without-pip /opt/rmflow
COPY requirements/build.txt requirements/base.txt requirements/
RUN /build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        -r requirements/build.txt \
    && /build/bin/pip --python /opt/rmflow/bin/python install --no-cache-dir --require-hashes \
        --only-binary :all: -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY templates templates
COPY config config
RUN /build/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /dist . \
    && /build/bin/pip --python /opt/rmflow/bin/python install --no-index --no-deps /dist/*.whl

FROM python:3.13-slim
RUN useradd --uid 10001 --no-log-init --no-create-home --home-dir /data rmflow \
    && install --directory --owner rmflow --group rmflow /data
COPY --from=build /opt/rmflow /opt/rmflow
ENV PATH="/opt/rmflow/bin:$PATH" \
    RMFLOW_CONFIG=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["rmflow"]
