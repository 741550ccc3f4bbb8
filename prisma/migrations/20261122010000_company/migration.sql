-- The role that the server runs as: it owns nothing, cannot create, cannot bypass row-level security. Roles belong to the
-- whole cluster, so another database may have made it already, or may be making it right now.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carbon_gateway') THEN
    CREATE ROLE "carbon_gateway" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
GRANT USAGE ON SCHEMA public TO "carbon_gateway";

-- The tenant of the statement. Fails when none is set, so that a statement without a verified tenant answers nothing.
CREATE FUNCTION "current_tenant"() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.tenant_id')::uuid;

-- Every NACE code with all codes that stand above it: M71.12 gives M, M71, M71.1 and M71.12.
CREATE FUNCTION "nace_ancestry"("codes" text[]) RETURNS text[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (
    SELECT coalesce(array_agg(DISTINCT left("code", "digits") COLLATE "C"), '{}')
    FROM unnest("codes") AS "code", unnest(ARRAY[1, 3, 5, 6]) AS "digits"
    WHERE "digits" <= length("code")
  );

CREATE TABLE "company" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "external_id" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "country" TEXT NOT NULL,
    "nace_codes" TEXT[] NOT NULL DEFAULT '{}',
    "sic_codes" TEXT[] NOT NULL DEFAULT '{}',
    "legal_form" TEXT,
    "employee_count" INTEGER,
    "annual_revenue" DOUBLE PRECISION,
    "founding_year" INTEGER,
    "region" TEXT,
    "city" TEXT,
    "postal_code" TEXT,
    "website" TEXT,
    "contact_email" TEXT,
    "registration_number" TEXT,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "scope1_emissions" DOUBLE PRECISION,
    "scope2_emissions" DOUBLE PRECISION,
    "scope3_emissions" DOUBLE PRECISION,
    "scope1_sources" JSONB NOT NULL DEFAULT '[]',
    "scope2_sources" JSONB NOT NULL DEFAULT '[]',
    "scope3_categories" JSONB NOT NULL DEFAULT '[]',
    "reduction_target_percent" DOUBLE PRECISION,
    "reduction_target_year" INTEGER,
    "net_zero_target_year" INTEGER,
    "certifications" TEXT[] NOT NULL DEFAULT '{}',
    "carbon_profile_completed" BOOLEAN NOT NULL DEFAULT false,
    "has_carbon_baseline" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    -- Summed as decimals, so that 110.2 + 78.6 is 188.8; rounded to a gram.
    "total_emissions" DOUBLE PRECISION GENERATED ALWAYS AS (
      CASE WHEN num_nonnulls("scope1_emissions", "scope2_emissions", "scope3_emissions") > 0 THEN
        round(
          coalesce("scope1_emissions", 0)::numeric
            + coalesce("scope2_emissions", 0)::numeric
            + coalesce("scope3_emissions", 0)::numeric,
          6
        )::double precision
      END
    ) STORED,
    -- The same rule as readiness() in src/company/readiness.ts; a test holds the two equal.
    "carbon_readiness_score" DOUBLE PRECISION NOT NULL GENERATED ALWAYS AS (
      (
        CASE WHEN "scope1_emissions" IS NOT NULL AND "scope2_emissions" IS NOT NULL THEN 30 ELSE 0 END
        + CASE WHEN "scope3_emissions" IS NOT NULL OR "scope3_categories" <> '[]' THEN 15 ELSE 0 END
        + CASE WHEN "reduction_target_percent" > 0 AND "reduction_target_year" IS NOT NULL THEN 20 ELSE 0 END
        + CASE WHEN "net_zero_target_year" IS NOT NULL THEN 15 ELSE 0 END
        + least(5 * cardinality("certifications"), 20)
      ) / 100.0::double precision
    ) STORED,
    "nace_ancestry" TEXT[] NOT NULL GENERATED ALWAYS AS (nace_ancestry("nace_codes")) STORED,

    CONSTRAINT "company_pkey" PRIMARY KEY ("tenant_id", "id"),
    CONSTRAINT "company_name_check" CHECK (length("name") BETWEEN 1 AND 500),
    CONSTRAINT "company_country_check" CHECK ("country" ~ '^[A-Z]{2}$'),
    CONSTRAINT "company_employee_count_check" CHECK ("employee_count" >= 0),
    CONSTRAINT "company_annual_revenue_check" CHECK ("annual_revenue" BETWEEN 0 AND 1e15),
    CONSTRAINT "company_founding_year_check" CHECK ("founding_year" BETWEEN 1800 AND 2100),
    CONSTRAINT "company_scope1_emissions_check" CHECK ("scope1_emissions" BETWEEN 0 AND 1e15),
    CONSTRAINT "company_scope2_emissions_check" CHECK ("scope2_emissions" BETWEEN 0 AND 1e15),
    CONSTRAINT "company_scope3_emissions_check" CHECK ("scope3_emissions" BETWEEN 0 AND 1e15),
    CONSTRAINT "company_reduction_target_percent_check" CHECK ("reduction_target_percent" BETWEEN 0 AND 100),
    CONSTRAINT "company_reduction_target_year_check" CHECK ("reduction_target_year" BETWEEN 2020 AND 2100),
    CONSTRAINT "company_net_zero_target_year_check" CHECK ("net_zero_target_year" BETWEEN 2020 AND 2100),
    CONSTRAINT "company_version_check" CHECK ("version" >= 1)
);

CREATE INDEX "company_tenant_id_created_at_id_idx" ON "company"("tenant_id", "created_at", "id");
CREATE INDEX "company_tenant_id_updated_at_id_idx" ON "company"("tenant_id", "updated_at", "id");
CREATE INDEX "company_tenant_id_name_id_idx" ON "company"("tenant_id", "name", "id");
CREATE INDEX "company_tenant_id_country_id_idx" ON "company"("tenant_id", "country", "id");
CREATE INDEX "company_country_desc_idx" ON "company"("tenant_id", "country" DESC, "id");
CREATE INDEX "company_tenant_id_employee_count_id_idx" ON "company"("tenant_id", "employee_count", "id");
CREATE INDEX "company_employee_count_desc_idx" ON "company"("tenant_id", "employee_count" DESC, "id");
CREATE INDEX "company_tenant_id_annual_revenue_id_idx" ON "company"("tenant_id", "annual_revenue", "id");
CREATE INDEX "company_tenant_id_total_emissions_id_idx" ON "company"("tenant_id", "total_emissions", "id");
CREATE INDEX "company_tenant_id_carbon_readiness_score_id_idx" ON "company"("tenant_id", "carbon_readiness_score", "id");
CREATE INDEX "company_carbon_readiness_score_desc_idx" ON "company"("tenant_id", "carbon_readiness_score" DESC, "id");
CREATE UNIQUE INDEX "company_tenant_id_external_id_key" ON "company"("tenant_id", "external_id");
CREATE UNIQUE INDEX "company_tenant_id_country_registration_number_key" ON "company"("tenant_id", "country", "registration_number");

-- Forced, so that it holds for the tables' owner as well.
ALTER TABLE "company" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "company" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "company" USING ("tenant_id" = current_tenant()) WITH CHECK ("tenant_id" = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON "company" TO "carbon_gateway";
