import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** The drawing of a TimeChart on a canvas: apart, because it is loaded only where a chart is shown. */
export interface PlotData {
  /** Ms since the epoch of the first point. */
  readonly from: number;
  readonly stepMs: number;
  /** One or two lines of equal length; null is a gap. */
  readonly lines: readonly (readonly (number | null)[])[];
}

export interface PlotOptions {
  readonly data: PlotData;
  readonly height: number;
  readonly formatTick: (value: number) => string;
  /** What ticks are whole multiples of powers of: 2 for bytes. */
  readonly base: 2 | 10;
  /** The scale reaches at least to here. */
  readonly top: number;
  /** Charts of one key show the same moment. */
  readonly syncKey: string;
  /** Dates are written as it does. */
  readonly locale: string;
  /** The point under the pointer, and where it is within the root (CSS pixels); null when there is none. */
  readonly onCursor: (index: number | null, left: number) => void;
}

export interface Plot {
  update(data: PlotData): void;
  showIndex(index: number | null): void;
  /** By where a finger is on the page. */
  showAt(clientX: number): void;
  destroy(): void;
}

const LINE_COLORS = ["--accent-ink", "--warn-dot"] as const;

interface Colors {
  readonly lines: readonly string[];
  readonly fill: string;
  readonly text: string;
  readonly grid: string;
}

/** Tokens are written with light-dark(), which a canvas does not know: the browser resolves them on an element. */
function readColors(root: HTMLElement): Colors {
  const probe = document.createElement("span");
  // Where less motion is wished, globals.css gives everything a transition of next to no time: what is read at its very start is the colour before.
  probe.style.setProperty("transition", "none", "important");
  root.append(probe);
  const resolve = (value: string): string => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const colors = {
    lines: LINE_COLORS.map((name) => resolve(`var(${name})`)),
    fill: resolve(`color-mix(in oklab, var(${LINE_COLORS[0]}) 10%, transparent)`),
    text: resolve("var(--ink-3)"),
    grid: resolve("var(--line)"),
  };
  probe.remove();
  return colors;
}

/** Charts below each other have their times below each other; CSS pixels. */
const LEAST_SCALE_WIDTH = 72;
const POWERS_OF_TWO = Array.from({ length: 61 }, (_, power) => 2 ** power);
const DAY_S = 86_400;

function timeLabelsIn(locale: string): (splits: readonly number[], incrementS: number) => string[] {
  const timeOf = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const dayOf = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  return (splits, incrementS) =>
    splits.map((seconds) => {
      const date = new Date(seconds * 1_000);
      const midnight = date.getHours() === 0 && date.getMinutes() === 0;
      return incrementS >= DAY_S || midnight ? dayOf.format(date) : timeOf.format(date);
    });
}

/** A point between two gaps draws no line: it is drawn as a point. */
function lonelyPoints(values: readonly (number | null | undefined)[]): number[] {
  const known = (index: number) => values[index] !== null && values[index] !== undefined;
  return values.flatMap((_, index) => (known(index) && !known(index - 1) && !known(index + 1) ? [index] : []));
}

function aligned({ from, stepMs, lines }: PlotData): uPlot.AlignedData {
  const length = lines[0]?.length ?? 0;
  return [Array.from({ length }, (_, index) => (from + index * stepMs) / 1_000), ...lines.map((line) => [...line])] as uPlot.AlignedData;
}

/** Draws into `root`, fits its width as it changes, and follows the theme. */
export function createPlot(root: HTMLElement, options: PlotOptions): Plot {
  let { data } = options;
  let colors = readColors(root);
  const timeLabels = timeLabelsIn(options.locale);
  const font = `11px ${getComputedStyle(root).fontFamily}`;
  const axis = { stroke: () => colors.text, font, ticks: { show: false } };
  const plot = new uPlot(
    {
      width: Math.max(120, root.clientWidth),
      height: options.height,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: {
        drag: { x: false, y: false, setScale: false },
        y: false,
        points: {
          size: 7,
          width: 2,
          stroke: (_u, index) => colors.lines[index - 1] ?? colors.text,
          fill: (_u, index) => colors.lines[index - 1] ?? colors.text,
        },
        sync: { key: options.syncKey, setSeries: false, scales: ["x", null] },
      },
      scales: {
        x: { time: true, range: () => [data.from / 1_000, (data.from + (data.lines[0]?.length ?? 0) * data.stepMs) / 1_000] },
        // uPlot gives null where there is nothing but gaps, whatever its types say.
        y: { range: (_u, _low, high: number | null) => [0, Math.max(options.top, (high ?? 0) * 1.08)] },
      },
      axes: [
        {
          ...axis,
          space: 64,
          size: 26,
          grid: { show: false },
          values: (_u, splits, _axis, _space, increment) => timeLabels(splits, increment),
        },
        {
          ...axis,
          space: 34,
          grid: { stroke: () => colors.grid, width: 1 },
          size: (_u, labels: string[] | null) =>
            Math.max(LEAST_SCALE_WIDTH, 14 + 6.4 * Math.max(0, ...(labels ?? []).map((label) => label.length))),
          values: (_u, splits) => splits.map((value) => options.formatTick(value)),
          ...(options.base === 2 ? { incrs: POWERS_OF_TWO } : {}),
        },
      ],
      series: [
        {},
        ...data.lines.map((_, index) => ({
          stroke: () => colors.lines[index] ?? colors.text,
          width: 1.5,
          ...(index === 0 ? { fill: () => colors.fill } : {}),
          points: {
            size: 5,
            filter: (u: uPlot, series: number, show: boolean) => (show ? null : lonelyPoints(Array.from(u.data[series] ?? []))),
          },
        })),
      ],
      hooks: {
        setCursor: [
          (u) => {
            const index = u.cursor.idx ?? null;
            const left = u.cursor.left ?? -1;
            options.onCursor(left < 0 ? null : index, left + u.over.offsetLeft);
          },
        ],
      },
    },
    aligned(data),
    root,
  );
  const recolor = () => {
    colors = readColors(root);
    plot.redraw(false);
  };
  const resized = new ResizeObserver(() => {
    const width = Math.max(120, root.clientWidth);
    if (width !== plot.width) plot.setSize({ width, height: options.height });
  });
  resized.observe(root);
  const themed = new MutationObserver(recolor);
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style"] });
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", recolor);
  return {
    update: (next) => {
      data = next;
      plot.setData(aligned(next));
    },
    showIndex: (index) => {
      const seconds = index === null ? undefined : plot.data[0][index];
      plot.setCursor(seconds === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(seconds, "x"), top: 0 });
    },
    showAt: (clientX) => plot.setCursor({ left: clientX - plot.over.getBoundingClientRect().left, top: 0 }),
    destroy: () => {
      resized.disconnect();
      themed.disconnect();
      dark.removeEventListener("change", recolor);
      plot.destroy();
    },
  };
}
