import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import fc from 'fast-check';

import {
  javaProperty,
  renderJson,
  renderText,
  shellWord,
  TemplateError,
} from '../../../../src/core/templates/template.ts';

const text = (content: string) => ({ name: 'a.conf', text: content });

describe('renderText', () => {
  test('fills every placeholder, as often as it stands there', () => {
    expect(renderText(text('{{host}}:{{port}} {{host}}'), { host: 'h', port: 80 })).toBe('h:80 h');
  });

  test('names file and placeholder of a missing value', () => {
    expect(() => renderText(text('a={{a}}\nb={{b}}'), { a: 1 })).toThrow(
      new TemplateError('a.conf: {{b}} has no value'),
    );
  });

  test('refuses a value that no placeholder uses', () => {
    expect(() => renderText(text('a={{a}}'), { a: 1, b: 2 })).toThrow(/there is no \{\{b\}\}/);
  });

  test.each(['{{ a }}', '{{a', 'a}}', '{{a-b}}', '{{1}}', '{{}}'])('refuses the malformed placeholder %s', (bad) => {
    expect(() => renderText(text(`x={{a}} ${bad}`), { a: 1 })).toThrow(/not a placeholder/);
  });

  test('takes braces in a value for what they are: part of the value', () => {
    expect(renderText(text('a={{a}}'), { a: '{{b}} $& }}' })).toBe('a={{b}} $& }}');
  });

  test('does not let a value start another line', () => {
    expect(() => renderText(text('a={{a}}'), { a: '1\nb=2' })).toThrow(/a\.conf: \{\{a\}\}: .*line break/);
  });

  test('a shell reads back any value as one word', async () => {
    const samples = fc.sample(
      fc.string({ unit: 'binary' }).filter((s) => !s.includes('\0')),
      20,
    );
    const values = [...samples, "it's", '$(id)', 'a\nb', ''];
    // One shell for all: a busy machine takes a while to start one.
    const lines = values.map((value) => renderText(text(String.raw`printf '%s\0' {{value}}`), { value }, shellWord));
    const { stdout } = await execa('sh', ['-c', lines.join('\n')], { stripFinalNewline: false });
    expect(stdout.split('\0')).toEqual([...values, '']);
  }, 60_000);

  test('a Java property keeps backslashes, line breaks and leading blanks', () => {
    expect(renderText(text('a={{a}}'), { a: ' C:\\x\ny' }, javaProperty)).toBe('a=\\ C:\\\\x\\ny');
  });

  test('a Java property escapes all beyond ASCII, since Java reads it as ISO 8859-1', () => {
    const escaped = ['fc', '430', 'd83d', 'dd0c', '7f'].map((unit) => `\\u${unit.padStart(4, '0')}`);
    expect(javaProperty('/ü/а/\u{1f50c}\u007f')).toBe(`/${escaped[0]}/${escaped[1]}/${escaped.slice(2).join('')}`);
  });
});

describe('renderJson', () => {
  test('puts values of any type where a string is nothing but a placeholder', () => {
    const template = text('{"a": "{{list}}", "b": ["{{n}}", true, null, 1], "c": "{{t}}"}');
    expect(renderJson(template, { list: [1, { x: 'y' }], n: 5, t: false })).toEqual({
      a: [1, { x: 'y' }],
      b: [5, true, null, 1],
      c: false,
    });
  });

  test('fills a placeholder within a longer string', () => {
    expect(renderJson(text('{"a": "PT{{n}}S"}'), { n: 5 })).toEqual({ a: 'PT5S' });
  });

  test('refuses an object within a longer string', () => {
    expect(() => renderJson(text('{"a": "x{{n}}"}'), { n: { y: 1 } })).toThrow(/a\.conf: \{\{n\}\}: only text/);
  });

  test('gives back any text unchanged, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const rendered = renderJson(text('{"whole": "{{value}}", "part": "<{{value}}>"}'), { value });
        expect(JSON.parse(JSON.stringify(rendered))).toEqual({ whole: value, part: `<${value}>` });
      }),
    );
  });

  test.each([
    ['{"a": "{{missing}}"}', /\{\{missing\}\} has no value/],
    ['{"a": 1}', /there is no \{\{value\}\}/],
    ['{"a": "{{ value }}"}', /not a placeholder/],
    ['{"a": {{value}}}', /a\.conf: not JSON/],
  ])('refuses %s', (template, message) => {
    expect(() => renderJson(text(template), { value: 1 })).toThrow(message);
  });
});
