/**
 * Patterns of house ids. A house id is `{data set}_{playback}_{house}`; a pattern has the same three parts, each of them
 * `*` (any), a number (`7`), a range (`0-49`, `150-` without an end), or for the house a name (`attic`).
 */

interface Range {
  readonly from: number;
  /** Inclusive; Infinity for a range without an end. */
  readonly to: number;
}

type Part = { readonly kind: 'any' } | { readonly kind: 'range'; readonly range: Range } | NamePart;
interface NamePart {
  readonly kind: 'name';
  readonly name: string;
}

export interface HousePattern {
  readonly text: string;
  readonly parts: readonly [Part, Part, Part];
}

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/** @throws RangeError that names the pattern and what is allowed. */
export function parseHousePattern(text: string): HousePattern {
  const [dataSet, playback, house, ...rest] = text.split('_');
  if (dataSet === undefined || playback === undefined || house === undefined || rest.length > 0) {
    throw new RangeError(`"${text}" is no pattern of houses: write DATASET_PLAYBACK_HOUSE, as in *_0-49_* or 1_7_2`);
  }
  return { text, parts: [numbers(dataSet, text), numbers(playback, text), numbers(house, text, true)] };
}

function numbers(part: string, text: string, mayBeName = false): Part {
  if (part === '*') {
    return { kind: 'any' };
  }
  const [from, to, ...rest] = part.split('-');
  if (from !== undefined && rest.length === 0 && WHOLE_NUMBER.test(from)) {
    const start = Number(from);
    if (to === undefined) {
      return { kind: 'range', range: { from: start, to: start } };
    }
    if (to === '') {
      return { kind: 'range', range: { from: start, to: Infinity } };
    }
    if (WHOLE_NUMBER.test(to) && Number(to) >= start) {
      return { kind: 'range', range: { from: start, to: Number(to) } };
    }
  } else if (mayBeName && /^[^*\s]+$/.test(part)) {
    return { kind: 'name', name: part };
  }
  throw new RangeError(
    `"${part}" in "${text}" is no part of a pattern: write *, a number, or a range as in 0-49 or 50-`,
  );
}

/** Whether a house id matches. An id of another form matches nothing. */
export function matchesHouse(pattern: HousePattern, houseId: string): boolean {
  const [dataSet, playback, ...house] = houseId.split('_');
  if (dataSet === undefined || playback === undefined || house.length === 0) {
    return false;
  }
  const [first, second, third] = pattern.parts;
  return matchesPart(first, dataSet) && matchesPart(second, playback) && matchesPart(third, house.join('_'));
}

function matchesPart(part: Part, text: string): boolean {
  if (part.kind === 'any') {
    return text !== '';
  }
  if (part.kind === 'name') {
    return part.name === text;
  }
  if (!WHOLE_NUMBER.test(text)) {
    return false;
  }
  const value = Number(text);
  return value >= part.range.from && value <= part.range.to;
}

/** Whether a house id can exist that both match. */
export function overlap(a: HousePattern, b: HousePattern): boolean {
  return a.parts.every((part, index) => {
    const other = b.parts[index];
    return other !== undefined && partsOverlap(part, other);
  });
}

function partsOverlap(a: Part, b: Part): boolean {
  if (a.kind === 'any' || b.kind === 'any') {
    return true;
  }
  if (a.kind === 'name' || b.kind === 'name') {
    return a.kind === 'name' && b.kind === 'name' && a.name === b.name;
  }
  return a.range.from <= b.range.to && b.range.from <= a.range.to;
}
