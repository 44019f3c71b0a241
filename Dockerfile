# garland's worker with git: agents that need more (claude, codex, a compiler) go into an image made FROM this one.
FROM node:20-slim AS build
WORKDIR /opt/garland
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY bin bin
COPY src src
COPY workflows workflows
COPY activities activities
RUN node scripts/build.mjs && npm prune --omit=dev

FROM node:20-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/garland /opt/garland
# A home for whichever user the container runs as.
RUN ln -s /opt/garland/bin/garland.js /usr/local/bin/garland \
  && chmod +x /opt/garland/bin/garland.js \
  && mkdir -m 1777 /home/garland
ENV HOME=/home/garland
USER node
WORKDIR /project
ENTRYPOINT ["garland"]
CMD ["worker"]
