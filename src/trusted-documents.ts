/** The manifest of trusted documents: a JSON object with each text by its SHA-256, as GraphQL Code Generator and Relay write it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'graphql';
import { z } from 'zod';

const manifest = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string());

/** Thrown for a manifest that cannot be used; the message is one sentence. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** @throws ManifestError when the file is missing, is no manifest, or has a text that is not GraphQL or not of its hash. */
export async function readManifest(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ManifestError(`TRUSTED_DOCUMENTS is "${file}", which cannot be read: name a file that there is.`);
  });
  const documents = Object.entries(parseManifest(text, file));
  for (const [hash, document] of documents) checkDocument(hash, document);
  return new Map(documents);
}

/** The SHA-256 of the text in hexadecimal, by which clients name it. Every character counts, white space too. */
export function documentHash(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

function parseManifest(text: string, file: string): Record<string, string> {
  try {
    return manifest.parse(JSON.parse(text));
  } catch {
    throw new ManifestError(
      `${file} is no manifest: write it with npm run documents, a JSON object with each text by its SHA-256.`,
    );
  }
}

function checkDocument(hash: string, document: string): void {
  if (documentHash(document) !== hash) {
    throw new ManifestError(
      `The trusted document ${hash} is another text than its hash says: write the manifest anew.`,
    );
  }
  try {
    parse(document);
  } catch {
    throw new ManifestError(`The trusted document ${hash} is not GraphQL: correct it and write the manifest anew.`);
  }
}
