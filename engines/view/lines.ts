import { kilowatts, megabytes, milliseconds, whole } from './format.ts';
import type { GridSnapshot, GridState } from './grid-state.ts';

const FIGURES_EVERY_MS = 5_000;

/** Shows the grid as plain lines, for logs and pipes: every change of state once, figures every few seconds. */
export function lineView(state: GridState, print: (line: string) => void): { stop: () => void } {
  const said = new Map<string, string>();
  const once = (subject: string, what: string): void => {
    if (said.get(subject) === what) {
      return;
    }
    said.set(subject, what);
    print(subject === '' ? what : `${subject}: ${what}`);
  };
  const onChange = (): void => {
    const { phase, setUp, processes, addresses } = state.snapshot;
    for (const step of setUp) {
      const size = step.state === 'working' || step.state === 'made' ? ` (${megabytes(step.totalBytes)})` : '';
      if (step.state !== 'cached' && step.state !== 'waiting') {
        once(`set-up of ${step.title}`, step.state + size);
      }
    }
    for (const [name, processState] of processes) {
      once(name, processState);
    }
    for (const [title, where] of addresses) {
      once(title, where);
    }
    once('', `-- ${phase}`);
  };
  const onNote = (note: string): void => print(note);
  state.on('change', onChange).on('note', onNote);
  const timer = setInterval(() => {
    const line = figuresLine(state.snapshot);
    if (line !== '') {
      print(line);
    }
  }, FIGURES_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      state.off('change', onChange).off('note', onNote);
    },
  };
}

function figuresLine({ phase, setUp, figures }: GridSnapshot): string {
  if (phase === 'set-up') {
    const working = setUp.filter(({ state }) => state === 'working');
    return working
      .map(({ title, bytes, totalBytes }) => `${title} ${megabytes(bytes)}/${megabytes(totalBytes)}`)
      .join('  ');
  }
  const { readings, readingsPerSecond, power, freshnessMs, sparkLag } = figures;
  const parts = [
    power && `${kilowatts(power.watts)} now, ${kilowatts(power.sheddableWatts)} could be shed`,
    readings !== undefined && `${whole(readings)} readings`,
    readingsPerSecond !== undefined && `${whole(readingsPerSecond)}/s`,
    freshnessMs !== undefined && `fresh within ${milliseconds(freshnessMs.p50)}`,
    sparkLag !== undefined && `Spark behind by ${whole(sparkLag)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join('  ');
}
