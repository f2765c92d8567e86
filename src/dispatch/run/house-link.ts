/** The dispatcher's end of MQTT: signs and sends commands and stops, and reads what houses report. */
import { type Command, signCommand, signStop, type Stop } from '../../core/shed/command.ts';
import { houseTopic, parseHouseTopic, STOP_TOPIC } from '../../core/shed/mqtt-topics.ts';
import { parseReport, type Report, type ReportFault } from '../../core/shed/reports.ts';
import type { SigningKey } from '../../core/shed/signature.ts';
import { MqttConnection, type MqttSettings } from '../../mqtt/connection.ts';
import { DISPATCHER_IDENTITY } from '../../mqtt/permissions.ts';

/** How the dispatcher reaches houses. */
export interface HouseLink {
  /** Resolves when the broker has it. @throws Error when the link is closed before. */
  send(command: Command): Promise<void>;
  /** As {@link HouseLink.send}, to all houses. */
  stop(stop: Stop): Promise<void>;
  close(): Promise<void>;
}

export interface HouseLinkHandlers {
  readonly onReport: (report: Report) => void;
  /** A message that is no report: counted, and nothing else. */
  readonly onFault: (fault: ReportFault) => void;
  readonly onTrouble?: (message: string) => void;
}

/** @throws MqttError when the broker can't be reached, or refuses us. */
export async function openHouseLink(
  mqtt: Omit<MqttSettings, 'identity' | 'isKept'>,
  key: SigningKey,
  handlers: HouseLinkHandlers,
): Promise<HouseLink> {
  // What comes while the dispatcher is away is not kept: it asks again for what it waits for, and the broker retains
  // states and opt-outs.
  const connection = await MqttConnection.open(
    { ...mqtt, identity: DISPATCHER_IDENTITY },
    {
      onMessage: (topic, payload) => {
        const from = parseHouseTopic(topic);
        const report = from ? parseReport(from.kind, from.house, payload) : 'house';
        if (typeof report === 'string') {
          handlers.onFault(report);
        } else {
          handlers.onReport(report);
        }
      },
      ...(handlers.onTrouble && { onTrouble: handlers.onTrouble }),
    },
  );
  return {
    send: (command) =>
      connection.publish({
        topic: houseTopic(command.house, 'command'),
        payload: signCommand(command, key),
        // A release is never too late.
        ...(command.calls.length > 0 && { expiresMs: command.until + command.release_jitter_ms }),
      }),
    stop: (stop) => connection.publish({ topic: STOP_TOPIC, payload: signStop(stop, key) }),
    close: () => connection.close(),
  };
}
