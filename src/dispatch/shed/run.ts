/** Does what the command line asks for. */
import { sleep } from '../../core/clock/timers.ts';
import type { EventView } from '../api/schemas.ts';
import { isFinal } from '../event/shed-event.ts';
import { ShedClient } from './client.ts';
import type { ShedSettings } from './command-line.ts';
import { describeEvent, describeFeeders, describePlan } from './describe.ts';

const FOLLOW_MS = 500;

/**
 * @param print takes one or more lines.
 * @param followMs from one look at a running event to the next, ms.
 * @throws ShedError
 */
export async function runShed(
  { action, url, isJson }: ShedSettings,
  print: (text: string) => void,
  followMs = FOLLOW_MS,
): Promise<void> {
  const client = new ShedClient(url);
  const give = (value: unknown, text: string): void => print(isJson ? JSON.stringify(value) : text);
  const listed = (events: readonly EventView[]): string =>
    events.length === 0 ? 'no events' : events.map(describeEvent).join('\n');
  switch (action.kind) {
    case 'plan': {
      const plan = await client.plan(action.asked);
      give(plan, describePlan(plan));
      break;
    }
    case 'shed': {
      const started = await client.shed(action.asked);
      give(started, `${describePlan(started.plan)}\n${describeEvent(started.event)}`);
      if (action.isFollowed) {
        await follow(client, started.event, print, followMs);
      }
      break;
    }
    case 'feeders': {
      const feeders = await client.feeders();
      give(feeders, describeFeeders(feeders));
      break;
    }
    case 'status': {
      const events = await client.events();
      give(events, listed(events));
      break;
    }
    case 'cancel': {
      const event = await client.cancel(action.event, action.by);
      give(event, describeEvent(event));
      break;
    }
    case 'stop-all': {
      const events = await client.stopAll(action.by);
      give(events, listed(events));
      break;
    }
  }
}

/** A line for each change, to the event's end. */
async function follow(
  client: ShedClient,
  started: EventView,
  print: (text: string) => void,
  followMs: number,
): Promise<void> {
  let [event, said] = [started, describeEvent(started)];
  while (!isFinal(event.phase)) {
    await sleep(followMs);
    event = await client.event(event.id);
    const text = describeEvent(event);
    if (text !== said) {
      print(text);
      said = text;
    }
  }
}
