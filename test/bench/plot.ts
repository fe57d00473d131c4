/** One line of a panel. */
export interface Series {
  name: string;
  points: { x: number; y: number }[];
}

/** One small plot over the number of nodes, whose scale is logarithmic. */
export interface Panel {
  title: string;
  /** Whether the y scale is logarithmic too; else it begins at 0. */
  logarithmic?: boolean;
  series: Series[];
  /** A dashed line to compare with. */
  reference?: Series;
}

const [WIDTH, HEIGHT] = [460, 300];
const MARGIN = { left: 56, right: 24, top: 52, bottom: 40 };
/** Told apart by people who do not see red and green differently, and in print (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73'];
const [INK, FAINT] = ['#333333', '#dddddd'];

/** Draws panels two in a row, as an SVG document. */
export function plot(title: string, panels: Panel[]): string {
  const rows = Math.ceil(panels.length / 2);
  const drawn = panels.map((panel, index) => {
    const [x, y] = [(index % 2) * WIDTH, Math.floor(index / 2) * HEIGHT + 40];
    return `<g transform="translate(${x} ${y})">${draw(panel)}</g>`;
  });
  const [width, height] = [2 * WIDTH, rows * HEIGHT + 48];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="${INK}">
<title>${title}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${MARGIN.left}" y="28" font-size="17" font-weight="bold">${title}</text>
${drawn.join('\n')}
</svg>
`;
}

type Scale = (value: number) => number;

function draw({ title, logarithmic = false, series, reference }: Panel): string {
  const lines = reference ? [...series, reference] : series;
  const xs = lines[0]?.points.map(({ x }) => x) ?? [];
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const ticks = logarithmic ? decades(ys) : steps(Math.max(...ys));
  const x = scale([xs[0] as number, xs.at(-1) as number], [MARGIN.left, WIDTH - MARGIN.right], true);
  const ends: [number, number] = [ticks[0] as number, ticks.at(-1) as number];
  const y = scale(ends, [HEIGHT - MARGIN.bottom, MARGIN.top], logarithmic);
  const parts = [`<text x="${MARGIN.left}" y="20" font-weight="bold">${title}</text>`];
  for (const tick of ticks) {
    parts.push(`<path d="M${MARGIN.left} ${y(tick)}H${WIDTH - MARGIN.right}" stroke="${FAINT}"/>`);
    parts.push(`<text x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick.toLocaleString('en')}</text>`);
  }
  for (const tick of xs) {
    const label = `${tick.toLocaleString('en')}${tick === xs.at(-1) ? ' nodes' : ''}`;
    const anchor = tick === xs.at(-1) ? 'end' : 'middle';
    const at = anchor === 'end' ? WIDTH - MARGIN.right + 12 : x(tick);
    parts.push(`<text x="${at}" y="${HEIGHT - MARGIN.bottom + 20}" text-anchor="${anchor}">${label}</text>`);
  }
  let legend = MARGIN.left;
  lines.forEach((line, index) => {
    const dashed = line === reference;
    const colour = dashed ? INK : (COLOURS[index % COLOURS.length] as string);
    const dash = dashed ? ' stroke-dasharray="5 4"' : '';
    const path = line.points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`).join('');
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="${dashed ? 1.2 : 2.2}"${dash}/>`);
    if (!dashed)
      for (const at of line.points) parts.push(`<circle cx="${x(at.x)}" cy="${y(at.y)}" r="3.5" fill="${colour}"/>`);
    parts.push(`<path d="M${legend} 34h18" stroke="${colour}" stroke-width="${dashed ? 1.2 : 2.2}"${dash}/>`);
    parts.push(`<text x="${legend + 23}" y="38">${line.name}</text>`);
    legend += 40 + 7 * line.name.length;
  });
  return parts.join('\n');
}

function scale([low, high]: [number, number], [from, to]: [number, number], logarithmic: boolean): Scale {
  const of = (value: number) => (logarithmic ? Math.log10(value) : value);
  const span = of(high) - of(low) || 1;
  return (value) => Math.round((from + ((of(value) - of(low)) / span) * (to - from)) * 10) / 10;
}

/** Powers of ten around the values. */
function decades(values: number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.floor(Math.log10(Math.min(...positive))), Math.ceil(Math.log10(Math.max(...positive)))];
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

/** Round steps from 0 to a little more than the maximum. */
function steps(max: number): number[] {
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [0.2, 0.5, 1, 2].map((each) => each * power).find((each) => max / each <= 5) ?? power;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, i) => Number((i * step).toFixed(6)));
}
