/**
 * A check of `npm test`: every preset synthesises with the network off and no credentials, and in time; one that carries
 * less than it is made for does not, and says why.
 */
import { isolation, LIMIT_S, refusal, synthesiseOffline } from './offline.ts';

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
const refused = await refusal();
if (refused?.includes('druid: cores: the declared load of 10,000,000 readings/s needs') !== true) {
  console.log(`city is not refused for its Druid host: ${refused ?? 'it synthesises'}`);
  process.exitCode = 1;
}
if (slow.length > 0) {
  console.log(`slower than ${LIMIT_S} s: ${slow.join(', ')}`);
  process.exitCode = 1;
}
