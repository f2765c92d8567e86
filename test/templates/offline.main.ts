/** A check of `npm test`: every preset synthesises with the network off and no credentials, and in time. */
import { isolation, LIMIT_S, synthesiseOffline } from './offline.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error('usage: offline.main.ts FOLDER');
}
const unshare = await isolation();
if (unshare === undefined) {
  console.log('unshare can not take the network away on this system: synthesised with it, without credentials');
}
const slow: string[] = [];
await synthesiseOffline(folder, unshare ?? [], ({ name, seconds, cpuSeconds }) => {
  console.log(`${name}: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of a processor)`);
  if (Math.min(seconds, cpuSeconds) > LIMIT_S) {
    slow.push(name);
  }
});
if (slow.length > 0) {
  console.log(`slower than ${LIMIT_S} s: ${slow.join(', ')}`);
  process.exitCode = 1;
}
