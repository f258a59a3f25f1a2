/* From curves to what ECharts draws: colours from the tokens, labels at the line ends, months below. */
import type { Format } from '@lib/format';
import type { Translate } from '@lib/i18n';
import type { Curve } from '@lib/types';
import type { EChartsCoreOption } from './curve';

interface Words {
  t: Translate;
  f: Format;
  still: boolean;
}

const MONTH_DAYS = 30;
/** Room that a label of the time axis needs. */
const LABEL_PX = 96;
const LABEL_GAP_PX = 18;
const TOP_PX = 12;
const BOTTOM_PX = 28;
const COLOURS = ['--info', '--good', '--warn', '--bad', '--soft'];

function token(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** "2011-01" or "2011-Q1" become words; anything else is shown as it came. */
export function curveLabel(label: string, f: Format): string {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(label);
  if (quarter) {
    const first = (Number(quarter[2]) - 1) * 3 + 1;
    const iso = (month: number) => `${quarter[1]}-${String(month).padStart(2, '0')}`;
    return `${f.monthOf(iso(first)).replace(/\s?\d{4}$/, '')} – ${f.monthOf(iso(first + 2))}`;
  }
  return /^\d{4}-\d{2}$/.test(label) ? f.monthOf(label) : label;
}

interface Look {
  colour: string;
  back: string;
  narrow: boolean;
  /** Where the label stands, px. */
  right: number;
  height: number;
}

function pair(curve: Curve, { colour, back, narrow, right, height }: Look, words: Words) {
  const label = curveLabel(curve.label, words.f);
  const last = curve.points.at(-1)?.day ?? 0;
  const filling = curve.complete_days < last;
  const data = curve.points.map((point) => [point.day, point.share * 100]);
  const whole = filling ? data.filter(([day]) => (day ?? 0) <= curve.complete_days) : data;
  const rest = filling ? data.filter(([day]) => (day ?? 0) >= (whole.at(-1)?.[0] ?? 0)) : [];
  const base = { type: 'line', showSymbol: false, color: colour, animation: !words.still, animationDuration: 400 };
  const endLabel = {
    show: true, formatter: filling && !narrow ? words.t('curve.filling', { label }) : label, color: colour, backgroundColor: back, padding: [1, 4],
    fontSize: 12, fontFamily: 'Inter Variable, sans-serif', distance: 8, verticalAlign: 'middle',
  };
  const emphasis = { disabled: false, lineStyle: { width: 3 } };
  const solid = { ...base, name: label, data: whole, lineStyle: { width: 2.5 }, emphasis, labelLayout: { x: right, y: height } };
  if (!filling) return [{ ...solid, endLabel }];
  const dashed = { ...base, name: label, data: rest, lineStyle: { width: 2.5, type: [4, 5] }, emphasis, labelLayout: { x: right, y: height }, z: 3 };
  return [solid, { ...dashed, endLabel }];
}

interface Hover {
  seriesName: string;
  color: string;
  value: [number, number];
}

function hoverBox(items: Hover[], words: Words): HTMLElement {
  const box = document.createElement('div');
  const day = items[0]?.value[0] ?? 0;
  const head = document.createElement('b');
  head.textContent = words.t('curve.after_days', { n: day });
  box.append(head);
  const seen = new Set<string>();
  for (const item of [...items].sort((a, b) => b.value[1] - a.value[1])) {
    if (seen.has(item.seriesName)) continue;
    seen.add(item.seriesName);
    const line = document.createElement('div');
    const value = words.t('figure.in_100', { value: words.f.number(item.value[1], item.value[1] < 10 ? 1 : 0) });
    line.textContent = `${item.seriesName}: ${value}`;
    line.style.color = item.color;
    box.append(line);
  }
  return box;
}

function axisMax(curves: Curve[]): number {
  const top = Math.max(0.1, ...curves.flatMap((curve) => curve.points.map((point) => point.share)));
  const step = top > 0.5 ? 20 : top > 0.2 ? 10 : 5;
  return Math.min(100, Math.ceil((top * 105) / step) * step);
}

/** Heights of the labels: each at the end of its line, pushed apart to LABEL_GAP_PX. */
export function labelHeights(ends: number[]): number[] {
  const order = ends.map((_, index) => index).sort((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0));
  const heights = [...ends];
  order.forEach((index, place) => {
    const above = order[place - 1];
    if (above !== undefined) heights[index] = Math.max(heights[index] ?? 0, (heights[above] ?? 0) + LABEL_GAP_PX);
  });
  return heights;
}

/** Where each line ends, px from the top. */
function lineEnds(curves: Curve[], plotPx: number): number[] {
  const most = axisMax(curves);
  return curves.map((curve) => TOP_PX + plotPx * (1 - ((curve.points.at(-1)?.share ?? 0) * 100) / most));
}

export function curveOption(curves: Curve[], element: HTMLElement, words: Words): EChartsCoreOption {
  const narrow = element.clientWidth < 560;
  const margin = narrow ? 116 : 190;
  const heights = labelHeights(lineEnds(curves, element.clientHeight - TOP_PX - BOTTOM_PX));
  const soft = token(element, '--soft');
  const line = token(element, '--line');
  const lastDay = Math.max(MONTH_DAYS, ...curves.map((curve) => curve.points.at(-1)?.day ?? 0));
  const fits = Math.max(1, Math.floor((element.clientWidth - margin - 32) / LABEL_PX));
  const every = Math.max(1, Math.ceil(lastDay / MONTH_DAYS / fits)) * MONTH_DAYS;
  const axis = { axisLine: { show: false }, axisTick: { show: false } };
  const text = { color: soft, fontSize: 12, fontFamily: 'Inter Variable, sans-serif' };
  return {
    grid: { left: 32, right: margin, top: TOP_PX, bottom: BOTTOM_PX },
    xAxis: {
      ...axis, type: 'value', min: 0, max: Math.ceil(lastDay / every) * every, interval: every, splitLine: { show: false },
      axisLabel: {
        ...text, alignMinLabel: 'left',
        formatter: (day: number) => (day === 0 ? words.t('curve.first_order') : words.t('curve.months', { n: Math.round(day / MONTH_DAYS) })),
      },
    },
    yAxis: { ...axis, type: 'value', min: 0, max: axisMax(curves), axisLabel: text, splitLine: { lineStyle: { color: line } } },
    tooltip: {
      trigger: 'axis', backgroundColor: token(element, '--card'), borderColor: line, confine: true,
      textStyle: { color: token(element, '--ink'), fontSize: 12, fontFamily: 'Inter Variable, sans-serif' },
      formatter: (items: Hover[]) => hoverBox(items, words),
    },
    series: curves.flatMap((curve, index) => pair(curve, { colour: token(element, COLOURS[index % COLOURS.length] ?? '--soft'), back: token(element, '--card'), narrow, right: element.clientWidth - margin + 8, height: heights[index] ?? 0 }, words)),
  };
}
