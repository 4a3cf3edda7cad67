# The local fal for containers; docs/how-to/docker-compose.md shows how an application uses it.
FROM python:3.12-slim AS build
COPY . /source
RUN python -m venv /opt/fal-codegen && /opt/fal-codegen/bin/pip install --no-cache-dir '/source[emulator]'

FROM python:3.12-slim
COPY --from=build /opt/fal-codegen /opt/fal-codegen
# Mount the documents of your project over these.
COPY specs /project/specs
ENV PATH=/opt/fal-codegen/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /project
USER 65534:65534
EXPOSE 8321
HEALTHCHECK --interval=2s --timeout=5s --retries=30 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8321/playground/')"]
ENTRYPOINT ["fal-codegen", "emulate", "--host", "0.0.0.0"]
CMD ["--watch"]
