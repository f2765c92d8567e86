import {
  AttachNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';

import { type InterfaceState, nextAction, takeInterface } from '../../../../src/hosts/druid/network-interface.ts';
import { gatewayOf } from '../../../../src/hosts/druid/subnet.ts';

const ME = 'i-new';

const attachedTo = (instanceId: string, instanceState: string, status = 'attached'): InterfaceState => ({
  status: 'in-use',
  attachment: { id: 'eni-attach-1', instanceId, status, instanceState },
});

describe('the retained network interface', () => {
  test('is attached when it is free', () => {
    expect(nextAction({ status: 'available' }, ME)).toEqual({ kind: 'attach' });
  });

  test('is left alone once it is here', () => {
    expect(nextAction(attachedTo(ME, 'running'), ME)).toEqual({ kind: 'done' });
  });

  test.each(['shutting-down', 'terminated', 'stopping', 'stopped'])('is taken from a host that is %s', (state) => {
    expect(nextAction(attachedTo('i-old', state), ME)).toEqual({ kind: 'detach', attachmentId: 'eni-attach-1' });
  });

  test('is never taken from a host that lives, nor attached while anybody has it', () => {
    const anyState = fc.record({
      status: fc.constantFrom('available', 'in-use', 'pending', 'associated'),
      attachment: fc.record({
        id: fc.constant('eni-attach-1'),
        instanceId: fc.constantFrom(ME, 'i-old'),
        status: fc.constantFrom('attaching', 'attached', 'detaching'),
        instanceState: fc.constantFrom('pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'),
      }),
    });
    fc.assert(
      fc.property(anyState, (state) => {
        const { kind } = nextAction(state, ME);
        expect(kind).not.toBe('attach');
        if (kind === 'detach') {
          expect(state.attachment.instanceId).not.toBe(ME);
          expect(['pending', 'running']).not.toContain(state.attachment.instanceState);
        }
      }),
    );
  });
});

describe('taking it from EC2', () => {
  const ec2 = mockClient(EC2Client);
  beforeEach(() => {
    ec2.reset();
  });

  const MAC = '0a:1b:2c:3d:4e:5f';
  const attachment = (InstanceId: string) => ({
    AttachmentId: 'eni-attach-1',
    InstanceId,
    Status: 'attached' as const,
  });
  const free = { NetworkInterfaces: [{ Status: 'available' as const, MacAddress: MAC }] };
  const held = (by: string) => ({
    NetworkInterfaces: [{ Status: 'in-use' as const, MacAddress: MAC, Attachment: attachment(by) }],
  });
  const instance = (Name: 'running' | 'terminated') => ({ Reservations: [{ Instances: [{ State: { Name } }] }] });
  const take = (patienceMs = 5_000) => takeInterface(new EC2Client({}), 'eni-1', ME, { patienceMs, pollMs: 1 });

  test('detaches it from a dead host by force, attaches it here, and tells its MAC address', async () => {
    ec2.on(DescribeNetworkInterfacesCommand).resolvesOnce(held('i-old')).resolvesOnce(free).resolves(held(ME));
    ec2.on(DescribeInstancesCommand).resolvesOnce(instance('terminated')).resolves(instance('running'));
    await expect(take()).resolves.toBe(MAC);
    expect(ec2.commandCalls(DetachNetworkInterfaceCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { AttachmentId: 'eni-attach-1', Force: true },
    ]);
    expect(ec2.commandCalls(AttachNetworkInterfaceCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { NetworkInterfaceId: 'eni-1', InstanceId: ME, DeviceIndex: 1 },
    ]);
  });

  test('takes a host for dead that EC2 has forgotten', async () => {
    ec2.on(DescribeNetworkInterfacesCommand).resolvesOnce(held('i-old')).resolves(held(ME));
    ec2.on(DescribeInstancesCommand).resolvesOnce({ Reservations: [] }).resolves(instance('running'));
    await take();
    expect(ec2.commandCalls(DetachNetworkInterfaceCommand)).toHaveLength(1);
  });

  test('waits for a host that lives, and says in the end who has it', async () => {
    ec2.on(DescribeNetworkInterfacesCommand).resolves(held('i-old'));
    ec2.on(DescribeInstancesCommand).resolves(instance('running'));
    await expect(take(50)).rejects.toThrow('eni-1 could not be attached: i-old, which is running, has it');
    expect(ec2.commandCalls(DetachNetworkInterfaceCommand)).toEqual([]);
  });

  test('continues after EC2 has refused once, and reports a permanent refusal', async () => {
    const refusal = new Error('Interface eni-1 is in use');
    ec2.on(DescribeNetworkInterfacesCommand).resolvesOnce(free).resolves(held(ME));
    ec2.on(DescribeInstancesCommand).resolves(instance('running'));
    ec2.on(AttachNetworkInterfaceCommand).rejects(refusal);
    await expect(take()).resolves.toBe(MAC);
    ec2.on(DescribeNetworkInterfacesCommand).resolves(free);
    await expect(take(50)).rejects.toThrow('it is being attached (Interface eni-1 is in use)');
  });
});

test("a subnet's router has the first address after the network's", () => {
  expect(gatewayOf('10.40.0.0/19')).toBe('10.40.0.1');
  expect(gatewayOf('10.40.63.255/18')).toBe('10.40.0.1');
  expect(gatewayOf('192.168.255.128/25')).toBe('192.168.255.129');
  expect(() => gatewayOf('10.40.0.0')).toThrow('no IPv4 range');
});
