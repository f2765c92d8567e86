// Three projects: `unit` is fast; `slow` starts programs and shells, waits for the clock or runs thousands of cases;
// `engines` starts real engines from the local set-up. The first two need nothing but Node.
const common = {
  testEnvironment: './test/support/environment.mjs',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          target: 'es2022',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

export default {
  globalSetup: './test/support/run-folder.mjs',
  testSequencer: './test/support/sequencer.mjs',
  // Jest keeps one core free by default: half of a small machine.
  maxWorkers: '100%',
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts?(x)'],
      testPathIgnorePatterns: ['\\.(slow|engine)\\.test\\.tsx?$'],
    },
    { ...common, displayName: 'slow', testMatch: ['<rootDir>/test/**/*.slow.test.ts'] },
    { ...common, displayName: 'engines', testMatch: ['<rootDir>/test/**/*.engine.test.ts'] },
  ],
};
