/** Results as a picture: a group of bars per case, each group on its own scale, since units differ. */
import type { CaseResult, Results } from '../../bench/harness/results.ts';

const WIDTH = 860;
const LABEL_WIDTH = 330;
const BAR_WIDTH = 400;
const BAR_HEIGHT = 18;
const TITLE_HEIGHT = 34;
const GAP = 10;
const OURS = '#2563eb';
const PEER = '#9ca3af';

export function pictureOf({ cases }: Results): string {
  const parts: string[] = [];
  let y = GAP;
  for (const one of cases) {
    parts.push(text(GAP, y + 20, `${one.name}, ${one.unit}`, 'font-weight="bold"'));
    y += TITLE_HEIGHT;
    const bars = barsOf(one);
    const most = Math.max(...bars.map(({ rate }) => rate));
    for (const { name, rate, colour } of bars) {
      const width = Math.max(1, Math.round((rate / most) * BAR_WIDTH));
      parts.push(text(LABEL_WIDTH - GAP, y + 13, name, 'text-anchor="end"'));
      parts.push(`<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT - 4}" fill="${colour}"/>`);
      parts.push(text(LABEL_WIDTH + width + 6, y + 13, rate.toLocaleString('en-GB')));
      y += BAR_HEIGHT;
    }
    y += GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${y}" fill="white"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function barsOf(one: CaseResult): { name: string; rate: number; colour: string }[] {
  return [
    { name: one.contender, rate: one.ours, colour: OURS },
    ...Object.entries(one.peers).map(([name, rate]) => ({ name, rate, colour: PEER })),
  ];
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
