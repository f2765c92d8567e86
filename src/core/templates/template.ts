/**
 * The one templater: text and JSON files with named placeholders, `{{name}}`, filled from typed values. Nothing is left
 * to luck: a placeholder without a value, a value without a placeholder and a malformed placeholder are errors, so that
 * a renamed setting fails where it is rendered and not on a host.
 */
import { readFile } from 'node:fs/promises';

/** What a placeholder in a text may stand for. */
export type TextValue = string | number | boolean;

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A template and where it came from. */
export interface Template {
  /** For errors: the file's path. */
  readonly name: string;
  readonly text: string;
}

/** A template that can't be filled: its message names the file, the placeholder and what to do about it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Reads a template from a file. */
export async function readTemplate(path: string): Promise<Template> {
  return { name: path, text: await readFile(path, 'utf8') };
}

/** Turns a value into the text that stands for it in a format. */
export type Encoder = (value: TextValue) => string;

/** The value as it is, for formats without quoting. A line break would start another line of the file: refused. */
export const verbatim: Encoder = (value) => {
  const text = String(value);
  if (/[\r\n\0]/.test(text)) {
    throw new TemplateError(`a value with a line break can't stand here: ${JSON.stringify(text)}`);
  }
  return text;
};

/**
 * The value of a Java properties file, see java.util.Properties.load: it is read as ISO 8859-1, so all beyond ASCII is
 * escaped.
 */
export const javaProperty: Encoder = (value) =>
  String(value)
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/^ /, '\\ ')
    .replaceAll(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** One word of a POSIX shell, in single quotes; the placeholder itself stands unquoted. */
export const shellWord: Encoder = (value) => {
  const text = String(value);
  if (text.includes('\0')) {
    throw new TemplateError("a shell word can't hold a NUL");
  }
  return `'${text.replaceAll("'", `'\\''`)}'`;
};

/**
 * Fills a text.
 *
 * @param values by placeholder name; each must be used.
 * @param encode how a value is written in the template's format. Default: {@link verbatim}.
 * @throws TemplateError naming the template and the placeholder.
 */
export function renderText<V extends { readonly [K in keyof V]: TextValue }>(
  template: Template,
  values: V,
  encode: Encoder = verbatim,
): string {
  const lookup = new Lookup<TextValue>(template.name, Object.entries<TextValue>(values));
  const rendered = lookup.fill(template.text, encode);
  lookup.assertAllUsed();
  return rendered;
}

/**
 * Fills a JSON document. The template is itself JSON: a string that is one placeholder and nothing else becomes the
 * value, whatever its type; a placeholder within a longer string must be text, a number or a boolean. Keys are left
 * alone. The outcome is JSON whatever the values hold.
 *
 * @throws TemplateError naming the template and the placeholder, or when the template is no JSON.
 */
export function renderJson<V extends { readonly [K in keyof V]: Json }>(template: Template, values: V): Json {
  const lookup = new Lookup<Json>(template.name, Object.entries<Json>(values));
  const rendered = fillJson(parse(template), lookup);
  lookup.assertAllUsed();
  return rendered;
}

const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9_]*)\}\}/g;
const WHOLE_PLACEHOLDER = /^\{\{([A-Za-z][A-Za-z0-9_]*)\}\}$/;

class Lookup<T> {
  readonly #template: string;
  readonly #values: ReadonlyMap<string, T>;
  readonly #unused: Set<string>;

  constructor(template: string, entries: readonly (readonly [string, T])[]) {
    this.#template = template;
    this.#values = new Map(entries);
    this.#unused = new Set(this.#values.keys());
  }

  get(name: string): T {
    const value = this.#values.get(name);
    if (value === undefined) {
      throw new TemplateError(`${this.#template}: {{${name}}} has no value`);
    }
    this.#unused.delete(name);
    return value;
  }

  fill(text: string, encode: (value: T) => string): string {
    // Leftovers are looked for in what surrounds the placeholders, not in the outcome: a value may hold braces.
    const remainder = text.replace(PLACEHOLDER, '');
    const leftover = /.*(?:\{\{|\}\}).*/.exec(remainder)?.[0];
    if (leftover !== undefined) {
      throw new TemplateError(`${this.#template}: not a placeholder: ${leftover.trim()}`);
    }
    return text.replace(PLACEHOLDER, (_, name: string) => {
      const value = this.get(name);
      try {
        return encode(value);
      } catch (error) {
        if (error instanceof TemplateError) {
          throw new TemplateError(`${this.#template}: {{${name}}}: ${error.message}`);
        }
        throw error;
      }
    });
  }

  assertAllUsed(): void {
    const [name] = this.#unused;
    if (name !== undefined) {
      throw new TemplateError(`${this.#template}: there is no {{${name}}} for the value of that name`);
    }
  }
}

function parse(template: Template): Json {
  try {
    // What JSON.parse returns is JSON by definition.
    return JSON.parse(template.text) as Json;
  } catch (error) {
    throw new TemplateError(`${template.name}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fillJson(node: Json, lookup: Lookup<Json>): Json {
  if (typeof node === 'string') {
    const name = WHOLE_PLACEHOLDER.exec(node)?.[1];
    return name === undefined ? lookup.fill(node, inString) : lookup.get(name);
  }
  if (Array.isArray(node)) {
    return node.map((item: Json) => fillJson(item, lookup));
  }
  if (typeof node === 'object' && node !== null) {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fillJson(value, lookup)]));
  }
  return node;
}

function inString(value: Json): string {
  if (typeof value === 'object') {
    throw new TemplateError('only text, a number or a boolean can be part of a string');
  }
  return String(value);
}
