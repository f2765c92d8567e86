import type { Content } from './archive.ts';

/** The hosts' builds of native packages, whatever the platform that deploys. */
const NATIVE_PACKAGES = ['@node-rs/crc32-linux-x64-gnu', '@antoniomuso/lz4-napi-linux-x64-gnu'];

/**
 * What the programs of src/ read from beside themselves: a program in one file, at the root of an archive, finds it
 * there as its sources find it in their folders.
 */
export const PROGRAM_FILES: Readonly<Record<string, Content>> = {
  'registry.json': { from: 'src/core/appliances/registry.json' },
  'powerraw.avsc': { from: 'src/core/messages/powerraw.avsc' },
  'dutycycle.avsc': { from: 'src/core/messages/dutycycle.avsc' },
  'history.avsc': { from: 'src/core/messages/history.avsc' },
  'deadletter.avsc': { from: 'src/core/messages/deadletter.avsc' },
  'shedaudit.avsc': { from: 'src/core/messages/shedaudit.avsc' },
  'shedevent.avsc': { from: 'src/core/messages/shedevent.avsc' },
  ...Object.fromEntries(
    NATIVE_PACKAGES.map((name) => [`node_modules/${name}`, { from: `lib/hosts/runtime/node_modules/${name}` }]),
  ),
};
