/**
 * A process of its own for `embedded.test.ts`: starts the embedded database of the folder in its first argument, prints
 * one line of JSON, and leaves the database when its standard input ends. With `forget` as second argument it does not
 * wait and never leaves.
 */
import { startEmbedded } from '../src/database/embedded.ts';

const [directory = '', manner] = process.argv.slice(2);
const begin = performance.now();
const { url, folder, stop } = await startEmbedded(directory);
process.stdout.write(`${JSON.stringify({ url, folder, milliseconds: Math.round(performance.now() - begin) })}\n`);
if (manner !== 'forget') process.stdin.resume().once('end', stop);
