/** What a host is told at its first boot, in /etc/igrid/settings: read by shells and by systemd alike. Never a secret. */
export type HostSettings = Readonly<Record<string, string | number>>;

/**
 * The file's text. Values are in double quotes, which both readers remove; characters that either of them would
 * interpret are refused. Values that AWS fills in (ARNs, names, addresses) have none of it.
 *
 * @throws RangeError that names the setting.
 */
export function settingsText(settings: HostSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (!/^[A-Z][A-Z0-9_]*$/.test(name)) {
        throw new RangeError(`the setting ${name} must be in capitals`);
      }
      const text = String(value);
      // What CDK leaves to be filled in at deployment has the form ${Token[...]}.
      if (/["\\$`\n]/.test(text.replaceAll(/\$\{Token\[[^\]]*\]\}/g, ''))) {
        throw new RangeError(`the setting ${name} can't hold quotes, $, \` or line breaks: ${text}`);
      }
      return `${name}="${text}"`;
    })
    .join('\n');
}
