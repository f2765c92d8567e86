import { join } from 'node:path';

import { pythonStep } from '../../engines/setup/python.ts';
import { type EngineHomes, makeAll, setUp, type SetupProgress } from '../../engines/setup/set-up.ts';
import { GridState } from '../../engines/view/grid-state.ts';
import { lineView } from '../../engines/view/lines.ts';

/** What tests need beyond the engines. */
export interface TestHomes extends EngineHomes {
  /** Virtual environment with linters, the type checker, pytest and all that the Python tests import. */
  readonly pythonTools: string;
  /** Virtual environment with cfn-lint and checkov. */
  readonly templateTools: string;
  /** Virtual environment with the rehearsal's emulator and pytest. */
  readonly emulatorTools: string;
}

/** Sets everything up, with progress as lines. */
export async function setUpForTests(print: (line: string) => void): Promise<TestHomes> {
  const state = new GridState();
  const view = lineView(state, print);
  const report = (steps: readonly SetupProgress[]): void => state.update({ setUp: steps });
  try {
    const homes = await setUp(report);
    const lock = join(import.meta.dirname, '..', 'requirements.lock');
    const tools = await pythonStep(homes.tools, 'Python tools', 'python-tools', lock, 1_500_000_000);
    const templatesLock = join(import.meta.dirname, '..', 'templates', 'requirements.lock');
    const templates = await pythonStep(homes.tools, 'Template tools', 'template-tools', templatesLock, 300_000_000);
    const emulatorLock = join(import.meta.dirname, '..', 'rehearsal', 'emulator', 'requirements.lock');
    const emulator = await pythonStep(homes.tools, 'Emulator tools', 'emulator-tools', emulatorLock, 130_000_000);
    await makeAll([[tools, templates, emulator]], report, new AbortController().signal);
    return {
      ...homes,
      pythonTools: tools.folder,
      templateTools: templates.folder,
      emulatorTools: emulator.folder,
    };
  } finally {
    view.stop();
  }
}
