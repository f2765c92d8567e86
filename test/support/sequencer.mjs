// The order of test files: as jest has it, but those that read synthesised deployments last. They would wait for them.
import { readFileSync } from 'node:fs';

import TestSequencer from '@jest/test-sequencer';

const READS_DEPLOYMENTS = /support\/(synth|host-stack|iam|metrics\/\w+)\.ts'/;

export default class extends TestSequencer {
  sort(tests) {
    const later = new Set(tests.filter(({ path }) => READS_DEPLOYMENTS.test(readFileSync(path, 'utf8'))));
    return [...super.sort(tests)].sort((one, other) => Number(later.has(one)) - Number(later.has(other)));
  }
}
