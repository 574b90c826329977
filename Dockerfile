# One builder bundles every component into plain JavaScript; each target holds Node and its own bundle, nothing else.
# docker compose build makes all of them; docker build --target watcher makes one.

FROM node:26-trixie-slim AS builder
WORKDIR /src
# Only what decides which packages are needed, so that a change of code does not install them again.
COPY package.json package-lock.json ./
COPY libs/cli/package.json libs/cli/
COPY libs/config/package.json libs/config/
COPY libs/shared/package.json libs/shared/
COPY services/proxy/package.json services/proxy/
COPY services/reconciler/package.json services/reconciler/
COPY services/scheduler/package.json services/scheduler/
COPY services/secrets/package.json services/secrets/
COPY services/watcher/package.json services/watcher/
COPY test/package.json test/
COPY examples/hooks/package.json examples/hooks/
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY scripts/build/ scripts/build/
COPY libs/ libs/
COPY services/ services/
RUN node scripts/build/bundle.ts /out

FROM node:26-trixie-slim AS component
ENV NODE_ENV=production
# Tells ours from others when images that a newer build replaced are thrown away.
LABEL kedge.image=component
WORKDIR /app
ENTRYPOINT ["node", "/app/main.js"]

FROM component AS watcher
COPY --from=builder /out/watcher/ /app/

FROM component AS reconciler
COPY --from=builder /out/reconciler/ /app/

FROM component AS scheduler
COPY --from=builder /out/scheduler/ /app/
USER 10001:10001

FROM component AS proxy
COPY --from=builder /out/proxy/ /app/
# Half the memory under load, at a tenth more processor time where connections are many and at none otherwise.
ENTRYPOINT ["node", "--max-semi-space-size=12", "--heap-growing-percent=100", "/app/main.js"]

FROM component AS secrets
COPY --from=builder /out/secrets/ /app/

FROM component AS cli
COPY --from=builder /out/cli/ /app/
