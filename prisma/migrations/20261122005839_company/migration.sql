-- CreateTable
CREATE TABLE "company" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "external_id" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "country" TEXT NOT NULL,
    "nace_codes" TEXT[],
    "sic_codes" TEXT[],
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
    "certifications" TEXT[],
    "carbon_profile_completed" BOOLEAN NOT NULL DEFAULT false,
    "has_carbon_baseline" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "total_emissions" DOUBLE PRECISION,
    "carbon_readiness_score" DOUBLE PRECISION NOT NULL,
    "nace_ancestry" TEXT[],

    CONSTRAINT "company_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "company_tenant_id_created_at_id_idx" ON "company"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_updated_at_id_idx" ON "company"("tenant_id", "updated_at", "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_name_id_idx" ON "company"("tenant_id", "name", "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_country_id_idx" ON "company"("tenant_id", "country", "id");

-- CreateIndex
CREATE INDEX "company_country_desc_idx" ON "company"("tenant_id", "country" DESC, "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_employee_count_id_idx" ON "company"("tenant_id", "employee_count", "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_annual_revenue_id_idx" ON "company"("tenant_id", "annual_revenue", "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_total_emissions_id_idx" ON "company"("tenant_id", "total_emissions", "id");

-- CreateIndex
CREATE INDEX "company_tenant_id_carbon_readiness_score_id_idx" ON "company"("tenant_id", "carbon_readiness_score", "id");

-- CreateIndex
CREATE INDEX "company_carbon_readiness_score_desc_idx" ON "company"("tenant_id", "carbon_readiness_score" DESC, "id");

-- CreateIndex
CREATE UNIQUE INDEX "company_tenant_id_external_id_key" ON "company"("tenant_id", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "company_tenant_id_country_registration_number_key" ON "company"("tenant_id", "country", "registration_number");
