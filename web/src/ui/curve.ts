/* ECharts, only the parts that return curves need, drawn on canvas (no inline style attributes: CSP). */
import { LineChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type ECharts, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { LabelLayout } from 'echarts/features';

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer, LabelLayout]);

export type { ECharts, EChartsCoreOption };
export const startChart = (element: HTMLElement): ECharts => init(element, null, { renderer: 'canvas' });
