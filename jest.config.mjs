// Two projects: `unit` needs nothing but Node; `engines` starts real engines from the local set-up.
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
      testPathIgnorePatterns: ['\\.engine\\.test\\.tsx?$'],
    },
    { ...common, displayName: 'engines', testMatch: ['<rootDir>/test/**/*.engine.test.ts'] },
  ],
};
