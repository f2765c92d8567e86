/**
 * What a child's environment needs so that Java finds files whose names hold letters beyond ASCII: Java takes the encoding
 * of file names from the locale (its property sun.jnu.encoding), and in the locale `C` knows no such letter.
 */
export function unicodeLocale(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  // As setlocale(3): the first that is set and not empty counts.
  const locale = [environment.LC_ALL, environment.LC_CTYPE, environment.LANG].find((name) => (name ?? '') !== '');
  return /utf-?8/i.test(locale ?? '') ? {} : { LC_ALL: 'C.UTF-8' };
}
