-- Counts of the last seconds: not worth a log, and empty after a crash.
CREATE UNLOGGED TABLE "cost_budget" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "cost_budget_pkey" PRIMARY KEY ("key")
);

-- The key is the tenant itself.
ALTER TABLE "cost_budget" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "cost_budget" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "cost_budget" USING ("key" = current_tenant()::text) WITH CHECK ("key" = current_tenant()::text);
GRANT SELECT, INSERT, UPDATE, DELETE ON "cost_budget" TO "carbon_gateway";
