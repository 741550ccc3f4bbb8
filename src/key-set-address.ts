/** From which addresses the settings may let the gateway fetch an identity provider's keys. */
import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registry: unspecified, private, shared, loopback, link-local, benchmarks, multicast, reserved. */
const PRIVATE_IPV4 = networks('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
]);

/** What embeds an IPv4 address, and ::1; then unique local, link-local and multicast. */
const PRIVATE_IPV6 = networks('ipv6', [
  ['::', 8],
  ['fc00::', 6],
]);

/**
 * In production https and a host that is not of one's own machine or network; otherwise http, too. Never with a user.
 *
 * What a name resolves to is not asked: a provider in one's own network is usual, and by its certificate it must prove
 * that the name is its own, so nobody gains by sending the name elsewhere.
 */
export function mayHoldKeys(url: URL, production: boolean): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return production ? url.protocol === 'https:' && !isPrivateHost(url) : /^https?:$/.test(url.protocol);
}

/** `localhost` or a private address in any spelling: the URL parser has made `0x7f.1` and `2130706433` into `127.0.0.1`. */
function isPrivateHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isIP(host) === 4) return PRIVATE_IPV4.check(host, 'ipv4');
  if (isIP(host) === 6) return PRIVATE_IPV6.check(host, 'ipv6');
  return /(^|\.)localhost$/.test(host);
}

/** One list for each family: Node compares an IPv4 address with IPv6 networks, too, as one that is embedded. */
function networks(family: 'ipv4' | 'ipv6', subnets: readonly [address: string, prefix: number][]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family);
  return list;
}
