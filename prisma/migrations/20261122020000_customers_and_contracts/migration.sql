CREATE TABLE "co2_customer" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "customer_type" TEXT NOT NULL,
    "first_name" TEXT,
    "last_name" TEXT,
    "business_name" TEXT,
    "organization_number" TEXT,
    "organization_number_key" TEXT,
    "accumulation_period" TEXT NOT NULL DEFAULT 'DEFAULT',
    "company_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "co2_customer_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "co2_customer_customer_type_check" CHECK ("customer_type" IN ('PRIVATE', 'CORPORATE')),
    CONSTRAINT "co2_customer_accumulation_period_check" CHECK ("accumulation_period" IN ('DEFAULT', 'DIRECT', 'DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'YEARLY')),
    CONSTRAINT "co2_customer_version_check" CHECK ("version" >= 1)
);

CREATE TABLE "external_reference" (
    "tenant_id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "name" TEXT,
    "customer_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "external_reference_pkey" PRIMARY KEY ("tenant_id","reference")
);

CREATE TABLE "compensation_terms" (
    "tenant_id" UUID NOT NULL,
    "price_contract_id" INTEGER,
    "template_contract_id" INTEGER,
    "unit_price" DOUBLE PRECISION,
    "currency_id" TEXT,
    "unit" TEXT,
    "updated_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "compensation_terms_pkey" PRIMARY KEY ("tenant_id"),
    CONSTRAINT "compensation_terms_currency_id_check" CHECK ("currency_id" ~ '^[A-Z]{3}$'),
    CONSTRAINT "compensation_terms_unit_check" CHECK ("unit" IN ('KG', 'TONNE')),
    CONSTRAINT "compensation_terms_version_check" CHECK ("version" >= 1)
);

CREATE TABLE "energy_contract" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "external_id" TEXT,
    "user_id" UUID NOT NULL,
    "energy_contract_type" TEXT,
    "building_id" UUID,
    "meter_id" TEXT,
    "supplier" TEXT,
    "currency_energy_price" TEXT,
    "energy_price_includes_external_components" BOOLEAN,
    "valid_from" TIMESTAMPTZ(3),
    "valid_to" TIMESTAMPTZ(3),
    "company_id" UUID,
    "co2_customer_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "energy_contract_pkey" PRIMARY KEY ("tenant_id","id"),
    CONSTRAINT "energy_contract_energy_contract_type_check" CHECK ("energy_contract_type" IN ('SPOT_HOURLY', 'MONTHLY', 'YEARLY')),
    CONSTRAINT "energy_contract_meter_id_check" CHECK (length("meter_id") BETWEEN 1 AND 19),
    CONSTRAINT "energy_contract_supplier_check" CHECK (length("supplier") <= 100),
    CONSTRAINT "energy_contract_currency_energy_price_check" CHECK ("currency_energy_price" ~ '^[A-Z]{3}$'),
    CONSTRAINT "energy_contract_validity_check" CHECK ("valid_to" > "valid_from"),
    CONSTRAINT "energy_contract_version_check" CHECK ("version" >= 1)
);

CREATE TABLE "energy_price" (
    "tenant_id" UUID NOT NULL,
    "contract_id" UUID NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "price" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "energy_price_pkey" PRIMARY KEY ("tenant_id","contract_id","timestamp"),
    CONSTRAINT "energy_price_price_check" CHECK ("price" BETWEEN -1e15 AND 1e15)
);

CREATE INDEX "co2_customer_tenant_id_company_id_created_at_id_idx" ON "co2_customer"("tenant_id", "company_id", "created_at", "id");
CREATE INDEX "co2_customer_tenant_id_created_at_id_idx" ON "co2_customer"("tenant_id", "created_at", "id");
CREATE INDEX "co2_customer_tenant_id_updated_at_id_idx" ON "co2_customer"("tenant_id", "updated_at", "id");
CREATE INDEX "co2_customer_tenant_id_email_id_idx" ON "co2_customer"("tenant_id", "email", "id");
CREATE INDEX "co2_customer_tenant_id_business_name_id_idx" ON "co2_customer"("tenant_id", "business_name", "id");
CREATE UNIQUE INDEX "co2_customer_tenant_id_email_key_key" ON "co2_customer"("tenant_id", "email_key");
CREATE UNIQUE INDEX "co2_customer_tenant_id_organization_number_key_key" ON "co2_customer"("tenant_id", "organization_number_key");
CREATE INDEX "external_reference_tenant_id_customer_id_position_idx" ON "external_reference"("tenant_id", "customer_id", "position");
CREATE INDEX "energy_contract_tenant_id_user_id_meter_id_idx" ON "energy_contract"("tenant_id", "user_id", "meter_id");
CREATE INDEX "energy_contract_tenant_id_company_id_created_at_id_idx" ON "energy_contract"("tenant_id", "company_id", "created_at", "id");
CREATE INDEX "energy_contract_tenant_id_co2_customer_id_created_at_id_idx" ON "energy_contract"("tenant_id", "co2_customer_id", "created_at", "id");
CREATE INDEX "energy_contract_tenant_id_created_at_id_idx" ON "energy_contract"("tenant_id", "created_at", "id");
CREATE INDEX "energy_contract_tenant_id_updated_at_id_idx" ON "energy_contract"("tenant_id", "updated_at", "id");
CREATE INDEX "energy_contract_tenant_id_supplier_id_idx" ON "energy_contract"("tenant_id", "supplier", "id");
CREATE INDEX "energy_contract_supplier_desc_idx" ON "energy_contract"("tenant_id", "supplier" DESC, "id");
CREATE INDEX "energy_contract_tenant_id_valid_from_id_idx" ON "energy_contract"("tenant_id", "valid_from", "id");
CREATE UNIQUE INDEX "energy_contract_tenant_id_external_id_key" ON "energy_contract"("tenant_id", "external_id");

ALTER TABLE "co2_customer" ADD CONSTRAINT "co2_customer_tenant_id_company_id_fkey" FOREIGN KEY ("tenant_id", "company_id") REFERENCES "company"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "external_reference" ADD CONSTRAINT "external_reference_tenant_id_customer_id_fkey" FOREIGN KEY ("tenant_id", "customer_id") REFERENCES "co2_customer"("tenant_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;
ALTER TABLE "energy_contract" ADD CONSTRAINT "energy_contract_tenant_id_company_id_fkey" FOREIGN KEY ("tenant_id", "company_id") REFERENCES "company"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "energy_contract" ADD CONSTRAINT "energy_contract_tenant_id_co2_customer_id_fkey" FOREIGN KEY ("tenant_id", "co2_customer_id") REFERENCES "co2_customer"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "energy_price" ADD CONSTRAINT "energy_price_tenant_id_contract_id_fkey" FOREIGN KEY ("tenant_id", "contract_id") REFERENCES "energy_contract"("tenant_id", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- Each tenant sees its own rows, as in the first migration.
ALTER TABLE "co2_customer" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "co2_customer" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "co2_customer" USING ("tenant_id" = current_tenant()) WITH CHECK ("tenant_id" = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON "co2_customer" TO "carbon_gateway";
ALTER TABLE "external_reference" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "external_reference" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "external_reference" USING ("tenant_id" = current_tenant()) WITH CHECK ("tenant_id" = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON "external_reference" TO "carbon_gateway";
ALTER TABLE "compensation_terms" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "compensation_terms" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "compensation_terms" USING ("tenant_id" = current_tenant()) WITH CHECK ("tenant_id" = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON "compensation_terms" TO "carbon_gateway";
ALTER TABLE "energy_contract" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "energy_contract" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "energy_contract" USING ("tenant_id" = current_tenant()) WITH CHECK ("tenant_id" = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON "energy_contract" TO "carbon_gateway";
ALTER TABLE "energy_price" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "energy_price" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "energy_price" USING ("tenant_id" = current_tenant()) WITH CHECK ("tenant_id" = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON "energy_price" TO "carbon_gateway";
