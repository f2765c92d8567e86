/** Environment files: read by systemd (EnvironmentFile=) and by shells alike. */
import { TemplateError } from './template.ts';

/**
 * One `NAME='value'` a line. Both readers keep text in single quotes unchanged; a single quote or a line break,
 * which they would read differently, is refused.
 *
 * @throws TemplateError that names the variable, never its value: it may be a secret.
 */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        throw new TemplateError(`${JSON.stringify(name)} is not a name of an environment variable`);
      }
      if (/['\r\n\0]/.test(value)) {
        throw new TemplateError(`${name}: an environment file can't hold a single quote or a line break`);
      }
      return `${name}='${value}'\n`;
    })
    .join('');
}
