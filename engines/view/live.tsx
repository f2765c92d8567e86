import { ProgressBar, Spinner } from '@inkjs/ui';
import { Box, render, Static, Text } from 'ink';
import { type ReactNode, useEffect, useState } from 'react';

import type { SetupProgress } from '../setup/set-up.ts';
import { kilowatts, megabytes, milliseconds, percent, whole } from './format.ts';
import type { Figures, GridSnapshot, GridState, NamedPower, PowerNow } from './grid-state.ts';

/** Redraws no more often than this: engines report by the dozen while they start. */
const REDRAW_EVERY_MS = 200;
const NAME_WIDTH = 22;
const TITLE_WIDTH = 34;

/** Shows the grid in a terminal until `stop` is called. */
export function liveView(state: GridState): { stop: () => void } {
  // Ctrl-C is the grid's own affair: it drains first.
  const { unmount } = render(<Grid state={state} />, { exitOnCtrlC: false });
  return { stop: unmount };
}

export function Grid({ state }: { state: GridState }): ReactNode {
  const [snapshot, setSnapshot] = useState(state.snapshot);
  const [notes, setNotes] = useState<string[]>([]);
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined;
    const onChange = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setSnapshot(state.snapshot);
      }, REDRAW_EVERY_MS);
    };
    const onNote = (note: string): void => setNotes((known) => [...known, note]);
    state.on('change', onChange).on('note', onNote);
    return () => {
      state.off('change', onChange).off('note', onNote);
      clearTimeout(timer);
    };
  }, [state]);

  return (
    <>
      <Static items={notes}>{(note, index) => <Text key={index}>{note}</Text>}</Static>
      <Box flexDirection="column" paddingTop={1}>
        <Text bold>
          iGrid <Text color={snapshot.phase === 'live' ? 'green' : 'yellow'}>{snapshot.phase}</Text>
        </Text>
        <SetUp steps={snapshot.setUp} />
        {snapshot.figures.power && <Power power={snapshot.figures.power} />}
        <LiveFigures figures={snapshot.figures} />
        <Processes snapshot={snapshot} />
        {[...snapshot.addresses].map(([title, where]) => (
          <Text key={title}>
            {title.padEnd(NAME_WIDTH)}
            <Text color="cyan">{where}</Text>
          </Text>
        ))}
        {snapshot.phase === 'live' && <Text dimColor>Ctrl-C stops everything and reconciles the counts</Text>}
      </Box>
    </>
  );
}

function SetUp({ steps }: { steps: readonly SetupProgress[] }): ReactNode {
  const open = steps.filter(({ state }) => state === 'waiting' || state === 'working');
  if (open.length === 0) {
    return null;
  }
  const total = steps.reduce((sum, step) => sum + step.totalBytes, 0);
  const done = steps.reduce((sum, step) => sum + step.bytes, 0);
  return (
    <Box flexDirection="column">
      <Text>
        Setting up, once: {megabytes(done)} of {megabytes(total)}
      </Text>
      {steps.map((step) => (
        <Box key={step.title}>
          <Box width={NAME_WIDTH}>
            <Text>{step.title}</Text>
          </Box>
          <Box width={30}>
            <ProgressBar value={step.totalBytes === 0 ? 100 : (100 * step.bytes) / step.totalBytes} />
          </Box>
          <Text>
            {' '}
            {step.state === 'working' ? `${megabytes(step.bytes)} of ${megabytes(step.totalBytes)}` : step.state}
          </Text>
        </Box>
      ))}
    </Box>
  );
}

/** Names those that need attention; once all are healthy, one line says how many there are. */
function Processes({ snapshot }: { snapshot: GridSnapshot }): ReactNode {
  const processes = [...snapshot.processes];
  if (processes.length === 0) {
    return null;
  }
  const others = processes.filter(([, state]) => state !== 'healthy');
  const busy = others.some(([, state]) => state === 'starting' || state === 'restarting' || state === 'stopping');
  const healthy = processes.length - others.length;
  return (
    <Box flexWrap="wrap" columnGap={2}>
      {busy && <Spinner />}
      {healthy > 0 && (
        <Text color="green">{others.length === 0 ? `all ${healthy} processes are healthy` : `${healthy} healthy`}</Text>
      )}
      {others.map(([name, state]) => (
        <Text key={name} color={state === 'failed' || state === 'unhealthy' ? 'red' : 'gray'}>
          {`${name} (${state})`}
        </Text>
      ))}
    </Box>
  );
}

/** What an operator asks first: how much is drawn now, and how much of that could be turned off. */
function Power({ power }: { power: PowerNow }): ReactNode {
  const line = (name: string, watts: number, note = ''): string =>
    name.padEnd(NAME_WIDTH) + kilowatts(watts).padStart(10) + note;
  const share = power.watts > 0 ? `  ${percent(power.sheddableWatts / power.watts)}` : '';
  return (
    <Box flexDirection="column" paddingTop={1}>
      <Text bold>{line('power now', power.watts)}</Text>
      <Text bold color="green">
        {line('could be shed', power.sheddableWatts, share)}
      </Text>
      {power.sheddable.map(({ name, watts }) => (
        <Text key={name}>{line(`  ${name}`, watts)}</Text>
      ))}
    </Box>
  );
}

function LiveFigures({ figures }: { figures: Figures }): ReactNode {
  const facts: [string, string | undefined][] = [
    ['readings', figures.readings === undefined ? undefined : whole(figures.readings)],
    [
      'readings/s',
      figures.readingsPerSecond === undefined
        ? undefined
        : whole(figures.readingsPerSecond) +
          (figures.lateMs !== undefined && figures.lateMs > 1_000 ? `, ${milliseconds(figures.lateMs)} late` : ''),
    ],
    [
      'freshness',
      figures.freshnessMs &&
        `${milliseconds(figures.freshnessMs.p50)} median, ${milliseconds(figures.freshnessMs.max)} worst of a minute`,
    ],
    ['Spark is behind by', figures.sparkLag === undefined ? undefined : `${whole(figures.sparkLag)} readings`],
  ];
  return (
    <Box flexDirection="column" paddingTop={1}>
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <Text key={name}>
              {name.padEnd(NAME_WIDTH)}
              {value}
            </Text>
          ),
      )}
      <Box columnGap={4} paddingTop={1}>
        <Powers title="Data sets" powers={figures.power?.dataSets} />
        <Powers title="Top appliances" powers={figures.topAppliances} />
        {figures.dutyCycles !== undefined && figures.dutyCycles.length > 0 && (
          <Box flexDirection="column">
            <Text underline>Latest duty cycles</Text>
            {figures.dutyCycles.map((latest) => (
              <Text key={latest.applianceId}>
                {latest.title.padEnd(TITLE_WIDTH)}
                {percent(latest.dutyCycle).padStart(6)}
                <Text dimColor> observed {percent(latest.coverage)}</Text>
              </Text>
            ))}
          </Box>
        )}
      </Box>
    </Box>
  );
}

function Powers({ title, powers }: { title: string; powers: readonly NamedPower[] | undefined }): ReactNode {
  if (powers === undefined || powers.length === 0) {
    return null;
  }
  return (
    <Box flexDirection="column">
      <Text underline>{title}</Text>
      {powers.map(({ name, watts }) => (
        <Text key={name}>
          {name.padEnd(Math.max(NAME_WIDTH / 2, ...powers.map((one) => one.name.length + 1)))}
          {kilowatts(watts).padStart(9)}
        </Text>
      ))}
    </Box>
  );
}
