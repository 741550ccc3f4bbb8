# The gateway for production: `docker build -t carbon-gateway .`, then `docker run` with the settings of README.md.
# `docker run … carbon-gateway node dist/deploy.js` applies the migrations, with the URL of the tables' owner.

FROM node:20-bookworm-slim AS build
WORKDIR /gateway
# npm's postinstall generates Prisma's client from the models, so they come first.
COPY package.json package-lock.json .npmrc prisma.config.ts ./
COPY prisma prisma
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:20-bookworm-slim AS dependencies
WORKDIR /gateway
COPY package.json package-lock.json .npmrc ./
# Without scripts: the client is generated above, by a tool that production does not have. Without optional packages: they
# are PostgreSQL's programs for development.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /gateway
COPY package.json ./
COPY --from=dependencies /gateway/node_modules node_modules
COPY prisma/migrations prisma/migrations
COPY --from=build /gateway/dist dist
# What GraphiQL shows, where GRAPHIQL=true.
COPY README.md schema.graphql ./
COPY examples examples
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/index.js"]
