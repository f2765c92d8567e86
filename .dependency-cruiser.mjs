/** Which folder may import which. Folders and files are acyclic: each can be read after those that it imports. */
export default {
  forbidden: [
    {
      name: 'no-circles-of-files',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circles-of-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'programs-are-not-imported',
      comment: 'No other folder imports programs or tests, except tools/docs, which documents their command lines.',
      severity: 'error',
      from: { path: '^([^/]+)/', pathNot: '^(test|tools/docs)/' },
      to: { path: '^(tools|local|rehearsal|test)/', pathNot: '^$1/' },
    },
    {
      name: 'core-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(bin|lib|lambda|src|engines|tools|local|rehearsal|bench|test)/', pathNot: '^src/core/' },
    },
    {
      name: 'src-stands-on-itself',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(bin|lib|lambda|engines)/' },
    },
    {
      name: 'handlers-stand-on-src',
      severity: 'error',
      from: { path: '^lambda/' },
      to: { path: '^(bin|lib|engines)/' },
    },
    {
      name: 'constructs-start-no-engines',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(bin|engines)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|cdk\\.out|\\.igrid|coverage)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
  },
};
