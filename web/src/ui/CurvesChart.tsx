/* Return curves: of 100 first buyers, how many ordered again after so many days. Direct labels, the
 * incomplete end dashed. ECharts comes with the first chart shown. */
import { useComputedColorScheme } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useText } from '@lib/text';
import type { Curve } from '@lib/types';
import type { ECharts } from './curve';
import { curveOption } from './curveOption';

export function CurvesChart({ curves, label, height = 280 }: { curves: Curve[]; label: string; height?: number }) {
  const { t, f } = useText();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const still = useReducedMotion();
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    let gone = false;
    const paint = () => chart.current?.setOption(curveOption(curves, element, { t, f, still }), true);
    void import('./curve').then(({ startChart }) => {
      if (gone) return;
      chart.current ??= startChart(element);
      paint();
    });
    const observer = new ResizeObserver(() => { chart.current?.resize(); paint(); });
    observer.observe(element);
    return () => { gone = true; observer.disconnect(); };
  }, [curves, t, f, still, scheme]);
  useEffect(() => () => { chart.current?.dispose(); chart.current = null; }, []);
  return <div ref={host} role="img" aria-label={label} className="chart" style={{ height }} />;
}
