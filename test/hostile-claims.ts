/** Tokens that are signed well and claim what is not accepted. */
import {
  bearer,
  claiming,
  good,
  otherTenantId,
  type Refusal,
  rawClaims,
  seconds,
  tenantId,
  withAudience,
  withIssuer,
} from './token-material.ts';

const issuer = /^The token has the wrong issuer: get/;
const audience = /^The token has the wrong audience: get/;
const expired = /^The token has expired: get/;
const notYet = /^The token is not valid yet: wait/;
const times = /^The token has unusable times: get/;
const tooFar = /^The token lives for over 24 hours: get/;
const future = /^The token was issued in the future: set/;
const subject = /^The token has no usable sub: get/;
const noTenant = /^The token has no tenant: get one with the claim tenant_id,/;
const tenant = /^The token's tenant is not usable: get one whose claim tenant_id is a UUID/;
const scopes = /^The token has unusable scopes: get/;

export const hostileClaims: Refusal[] = [
  // J18, J19: issuer and audience
  bearer('another issuer', claiming({ iss: 'https://attacker.example/' }), issuer, withIssuer),
  bearer('an issuer that begins alike', claiming({ iss: 'https://issuer.example/evil' }), issuer, withIssuer),
  bearer('an issuer without its last slash', claiming({ iss: 'https://issuer.example' }), issuer, withIssuer),
  bearer('no issuer', claiming({ iss: undefined }), issuer, withIssuer),
  bearer('a list of issuers', claiming({ iss: ['https://issuer.example/'] }), issuer, withIssuer),
  bearer('another audience', claiming({ aud: 'billing-gateway' }), audience, withAudience),
  bearer('no audience', claiming({ aud: undefined }), audience, withAudience),
  bearer('an audience in another case', claiming({ aud: 'Carbon-Gateway' }), audience, withAudience),
  bearer('an audience that begins alike', claiming({ aud: 'carbon-gateway-admin' }), audience, withAudience),
  bearer('other audiences', claiming({ aud: ['billing-gateway', 'other'] }), audience, withAudience),
  bearer('an audience that is an object', claiming({ aud: { 'carbon-gateway': true } }), audience, withAudience),

  // J20, J21, J22: times
  bearer('expired, 30 s of skew included', claiming({ exp: seconds - 30 }), expired),
  bearer('expired in 1969', claiming({ exp: -1 }), expired),
  bearer('expiring at the beginning of time', claiming({ exp: 0 }), expired),
  bearer('no exp', claiming({ exp: undefined }), times),
  bearer('exp a text', claiming({ exp: String(seconds + 3600) }), times),
  bearer('exp null', claiming({ exp: null }), times),
  bearer('exp an array', claiming({ exp: [seconds + 3600] }), times),
  bearer('exp true', claiming({ exp: true }), times),
  bearer('exp 1e308', claiming({ exp: 1e308 }), tooFar),
  bearer('exp infinite', rawClaims('"exp":1e999'), times),
  bearer('exp in milliseconds', claiming({ exp: (seconds + 3600) * 1000 }), tooFar),
  bearer('exp over 24 h and the skew ahead', claiming({ exp: seconds + 86_431 }), tooFar),
  bearer('nbf ahead', claiming({ nbf: seconds + 3600 }), notYet),
  bearer('nbf just over the skew ahead', claiming({ nbf: seconds + 31 }), notYet),
  bearer('nbf a text', claiming({ nbf: '0' }), times),
  bearer('nbf null', claiming({ nbf: null }), times),
  bearer('nbf infinitely long ago', rawClaims(`"exp":${seconds + 3600},"nbf":-1e999`), times),
  bearer('iat 1 h ahead', claiming({ iat: seconds + 3600 }), future),
  bearer('iat just over the skew ahead', claiming({ iat: seconds + 31 }), future),
  bearer('iat a text', claiming({ iat: '0' }), times),
  bearer('iat null', claiming({ iat: null }), times),
  bearer('iat infinitely long ago', rawClaims(`"exp":${seconds + 3600},"iat":-1e999`), times),

  // J23: the subject
  bearer('no sub', claiming({ sub: undefined }), subject),
  bearer('sub null', claiming({ sub: null }), subject),
  bearer('sub an empty text', claiming({ sub: '' }), subject),
  bearer('sub a number', claiming({ sub: 12345678 }), subject),
  bearer('sub an array', claiming({ sub: ['ada@example.com'] }), subject),
  bearer('sub of 321 characters', claiming({ sub: 'x'.repeat(321) }), subject),
  bearer('sub with NUL, which PostgreSQL cannot store', claiming({ sub: 'ada\0admin' }), subject),
  bearer('sub with half a surrogate pair', rawClaims(`"exp":${seconds + 3600},"sub":"ada\\ud800"`), subject),

  // J25: the tenant
  bearer('no tenant', claiming({ tenant_id: undefined }), noTenant),
  bearer('no tenant, but one that is inherited', claiming({ tenant_id: undefined }), /the claim toString,/, {
    tenantClaim: 'toString',
  }),
  bearer(
    'a tenant in the prototype',
    rawClaims(`"exp":${seconds + 3600},"tenant_id":null,"__proto__":{"tenant_id":"${tenantId}"}`),
    tenant,
  ),
  bearer('a tenant in another claim than the settings name', good, /the claim org,/, { tenantClaim: 'org' }),
  bearer('tenant null', claiming({ tenant_id: null }), tenant),
  bearer('tenant a list', claiming({ tenant_id: [tenantId] }), tenant),
  bearer('tenant an object', claiming({ tenant_id: { id: tenantId } }), tenant),
  bearer('tenant a number', claiming({ tenant_id: 12345678 }), tenant),
  bearer('tenant true', claiming({ tenant_id: true }), tenant),
  bearer('tenant an empty text', claiming({ tenant_id: '' }), tenant),
  bearer('tenant a word', claiming({ tenant_id: 'everyone' }), tenant),
  bearer('tenant the nil UUID', claiming({ tenant_id: '00000000-0000-0000-0000-000000000000' }), tenant),
  bearer('tenant with NUL', claiming({ tenant_id: `${tenantId}\0` }), tenant),
  bearer('tenant with a line break', claiming({ tenant_id: `${tenantId}\n` }), tenant),
  bearer('tenant after a line break', claiming({ tenant_id: `x\n${tenantId}` }), tenant),
  bearer('tenant with spaces', claiming({ tenant_id: ` ${tenantId} ` }), tenant),
  bearer('tenant with SQL', claiming({ tenant_id: `${tenantId}' OR '1'='1` }), tenant),
  bearer('tenant without hyphens', claiming({ tenant_id: tenantId.replaceAll('-', '') }), tenant),
  bearer('tenant in braces', claiming({ tenant_id: `{${tenantId}}` }), tenant),
  bearer('tenant as a URN', claiming({ tenant_id: `urn:uuid:${tenantId}` }), tenant),
  bearer('tenant with a digit of another script', claiming({ tenant_id: `３${tenantId.slice(1)}` }), tenant),
  bearer('a second tenant that is null', rawClaims(`"exp":${seconds + 3600},"tenant_id":null`), tenant),
  bearer('a second exp that has passed', rawClaims(`"exp":${seconds + 3600},"exp":${seconds - 60}`), expired),
  bearer('two tenants', claiming({ tenant_id: `${tenantId},${otherTenantId}` }), tenant),

  // Scopes
  bearer('scope a list', claiming({ scope: ['read'] }), scopes),
  bearer('scope null', claiming({ scope: null }), scopes),
  bearer('scope an object', claiming({ scope: { admin: true } }), scopes),
  bearer('scope a number', claiming({ scope: 7 }), scopes),
  bearer('scp null', claiming({ scp: null }), scopes),
  bearer('scp a list with a number', claiming({ scp: ['read', 7] }), scopes),
  bearer('scp a list in a list', claiming({ scp: [['admin']] }), scopes),
  bearer('scp false', claiming({ scp: false }), scopes),
  bearer('a usable scope beside an unusable scp', claiming({ scope: 'read', scp: null }), scopes),
];
