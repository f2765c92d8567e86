import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import importSort from 'eslint-plugin-simple-import-sort';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'cdk.out/', '.igrid/', 'dist/', 'coverage/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs'],
    plugins: { 'import-sort': importSort },
    rules: {
      // Side effects, Node, packages, ours.
      'import-sort/imports': ['error', { groups: [['^\\u0000'], ['^node:'], ['^@?\\w'], ['^\\.']] }],
      'import-sort/exports': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(PropertyDefinition, TSParameterProperty, MethodDefinition[kind!="constructor"])[accessibility="private"]',
          message: 'Write #name.',
        },
      ],
    },
  },
  {
    // Node's own timers overflow above 24.8 days, and then fire at once.
    files: ['src/**/*.ts', 'lib/**/*.ts', 'tools/**/*.ts', 'engines/**/*.ts', 'local/**/*.ts', 'bench/**/*.ts'],
    ignores: ['src/core/clock/timers.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'setTimeout', message: 'Wait with src/core/clock/timers.ts.' }],
      'no-restricted-imports': [
        'error',
        { name: 'node:timers/promises', importNames: ['setTimeout'], message: 'Wait with src/core/clock/timers.ts.' },
      ],
    },
  },
  {
    // What runs before the packages are installed, and tool configuration: plain Node modules.
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  prettier,
  // After prettier's list, which turns it off: with `all` the two never disagree.
  { rules: { curly: ['error', 'all'] } },
);
