/** Parts of a document that are written by a program: between two lines that a reader does not see. */
export interface Marks {
  readonly begin: string;
  readonly end: string;
}

/**
 * A document with the text between its marks replaced.
 *
 * @throws RangeError when it lacks one of the marks.
 */
export function withMarked(document: string, { begin, end }: Marks, content: string): string {
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new RangeError(`the document lacks ${begin} or ${end}`);
  }
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}
