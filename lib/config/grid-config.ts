import { problemsOf } from './rules.ts';
import { fields } from './schema.ts';

/** A configuration whose fields also fit together. */
export const gridConfigSchema = fields.check((context) => {
  for (const { path, message } of problemsOf(context.value)) {
    context.issues.push({ code: 'custom', input: undefined, path: [...path], message });
  }
});
