import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';

import { VPC } from '../../rehearsal/addresses.ts';
import { BRIDGE } from '../../rehearsal/bridge.ts';

/** A network namespace of its own needs root, unshare(1) and ip(8). */
const canUnshare = !execaSync('unshare', ['--net', 'ip', 'link'], { reject: false }).failed;

const hardwareAfter = (...more: string[]): string => {
  const commands = [...BRIDGE.map((args) => args.join(' ')), ...more].map((args) => `ip ${args}`);
  const { stdout } = execaSync('unshare', ['--net', 'sh', '-euc', [...commands, 'ip -br link show vpc'].join('\n')]);
  return stdout.trim().split(/\s+/)[2] ?? '';
};

(canUnshare ? describe : describe.skip)('the bridge of the VPC', () => {
  it('keeps the hardware address of its router when hosts come and go', () => {
    const lower = 'link add low address 02:00:00:00:00:01 type veth peer name ens5';

    expect(hardwareAfter()).toBe(VPC.routerHardware);
    expect(hardwareAfter(lower, 'link set low master vpc up')).toBe(VPC.routerHardware);
    expect(hardwareAfter(lower, 'link set low master vpc up', 'link delete low')).toBe(VPC.routerHardware);
  });
});
