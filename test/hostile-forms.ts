/** What comes in the Authorization header and is not one signed JWT in its one spelling. */
import { forge } from './forge.ts';
import {
  bearer,
  claiming,
  claims,
  good,
  goodHeader,
  goodPayload,
  goodSignature,
  header,
  type Refusal,
  signEs,
} from './token-material.ts';

const noToken = /^The request has no access token: send one/;
const notBearer = /^The Authorization header is not one bearer token: send exactly/;
const tooLong = /^The token is longer than 8192 characters: ask/;
const malformed = /^The token is malformed: send a signed JWT/;
const encrypted = /^The token is encrypted: send one that is signed/;

const latin1 = (value: object) => Buffer.from(JSON.stringify(value), 'latin1');

/** The next digit of base64url, which differs in the last bit only: one that the bytes of a signature do not use. */
function withStrayBit(part: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return part.slice(0, -1) + digits[digits.indexOf(part.slice(-1)) ^ 1];
}

/** A token whose payload ends in a digit with unused bits. */
const unalignedClaims =
  [0, 1, 2]
    .map((pad) => claiming({ pad: 'x'.repeat(pad) }))
    .find((token) => {
      return (token.split('.')[1] ?? '').length % 4 !== 0;
    }) ?? '';

export const hostileForms: Refusal[] = [
  // J26: the header
  ['no header', null, noToken],
  ['an empty header', '', noToken],
  ['Basic credentials', 'Basic YWRhOnNlY3JldC1wYXNzd29yZA==', notBearer],
  ['the scheme alone', 'Bearer', notBearer],
  ['the scheme and a space', 'Bearer ', notBearer],
  ['the token alone', good, notBearer],
  ['no space after the scheme', `Bearer${good}`, notBearer],
  ['two spaces after the scheme', `Bearer  ${good}`, notBearer],
  ['a tab after the scheme', `Bearer\t${good}`, notBearer],
  ['another scheme that ends in bearer', `NotBearer ${good}`, notBearer],
  ['two tokens', `Bearer ${good} ${good}`, notBearer],
  ['a duplicate header, joined by a comma and a space', `Bearer ${good}, Bearer ${good}`, notBearer],
  ['a duplicate header, joined by a comma', `Bearer ${good},Bearer ${good}`, notBearer],
  ['a token and a parameter', `Bearer ${good}, realm="x"`, notBearer],
  bearer('a token of 12 kB', claiming({ pad: 'x'.repeat(9_000) }), tooLong),

  // J16: what is no JWT
  bearer('garbage', 'garbage-that-is-no-token', malformed),
  bearer('two dots', '..', malformed),
  bearer('two parts', `${goodHeader}.${goodPayload}`, malformed),
  bearer('four parts', `${good}.${goodSignature}`, malformed),
  bearer(
    'an encrypted token',
    `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..YWFh.YWFh.YWFh`,
    encrypted,
  ),
  bearer('a header that is not JSON', forge('header', claims, signEs), malformed),
  bearer('a header that is an array', forge([header], claims, signEs), malformed),
  bearer('a header that is null', forge('null', claims, signEs), malformed),
  bearer('a header that is not UTF-8', forge(latin1({ ...header, x: 'é' }), claims, signEs), malformed),
  bearer('a payload that is not UTF-8', forge(header, latin1({ ...claims, x: 'é' }), signEs), malformed),
  bearer('a payload that is not JSON', forge(header, 'payload', signEs), malformed),
  bearer('a payload that is an array', forge(header, [claims], signEs), malformed),
  bearer('a payload that is null', forge(header, 'null', signEs), malformed),
  bearer('a payload that is a text', forge(header, '"text"', signEs), malformed),
  bearer('an empty payload', `${goodHeader}..${goodSignature}`, malformed),

  // J29: base64url in another spelling
  bearer('padding', `${good}=`, malformed),
  bearer('padding after the payload', `${goodHeader}.${goodPayload}==.${goodSignature}`, malformed),
  bearer('a trailing dot', `${good}.`, malformed),
  bearer(
    'stray bits at the end of the signature',
    `${goodHeader}.${goodPayload}.${withStrayBit(goodSignature)}`,
    malformed,
  ),
  bearer(
    'stray bits at the end of the payload',
    unalignedClaims
      .split('.')
      .map((part, at) => (at === 1 ? withStrayBit(part) : part))
      .join('.'),
    malformed,
  ),
  bearer('digits of plain base64', `${goodHeader}.${goodPayload}.${'+/'.repeat(43)}`, malformed),
  ['a space within the signature', `Bearer ${good.slice(0, -4)} ${good.slice(-4)}`, notBearer],
];

/** What HTTP itself does not carry: it takes the space away, and ends the header or refuses the rest. */
export const formsBeyondHttp: Refusal[] = [
  ['something before the scheme', ` Bearer ${good}`, notBearer],
  ['a line break after the token', `Bearer ${good}\n`, notBearer],
  bearer('a null byte', `${good}\0`, malformed),
  ['a line break within the signature', `Bearer ${good.slice(0, -4)}\n${good.slice(-4)}`, notBearer],
];
