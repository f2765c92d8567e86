import type { Content } from './archive.ts';

/**
 * What the programs of src/ read from beside themselves: a program in one file, at the root of an archive, finds it
 * there as its sources find it in their folders.
 */
export const PROGRAM_FILES: Readonly<Record<string, Content>> = {
  'registry.json': { from: 'src/appliances/registry.json' },
  'powerraw.avsc': { from: 'src/messages/powerraw.avsc' },
  'dutycycle.avsc': { from: 'src/messages/dutycycle.avsc' },
  'history.avsc': { from: 'src/messages/history.avsc' },
  'deadletter.avsc': { from: 'src/messages/deadletter.avsc' },
};
