/** What a text says as JSON; undefined for one that is none. The error of JSON.parse is left out: it quotes the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
