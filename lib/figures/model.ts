/** Where a network spends its arithmetic. */
import type { Layout, Plot } from 'nodeplotlib';
import { grouped, percent } from '../base/text';
import type { LayerDescription } from '../model/layer-weights';
import { axis, COLOURS, categoryAxis, type Figure, figure } from './figure';

/** The three convolutions of an inverted residual block, and whatever is none of them. */
const KINDS = [
  { name: '1 × 1, expanding', pattern: /expand$/, colour: COLOURS.blue },
  { name: '3 × 3, each channel alone', pattern: /depthwise$/, colour: COLOURS.vermillion },
  { name: '1 × 1, projecting', pattern: /project$/, colour: COLOURS.green },
  { name: 'other layers', pattern: /(?:)/, colour: COLOURS.purple },
] as const;

/** Multiply-adds block by block, from the image (left) to the heads, stacked by the kind of layer. */
export function multiplyAddsByLayer(rows: readonly LayerDescription[]): Figure {
  const counted = rows.filter((row) => row.multiplyAdds > 0);
  const blocks = [...new Set(counted.map((row) => blockOf(row.layer)))];
  const data = KINDS.map((kind): Plot => {
    const own = counted.filter((row) => kind === KINDS.find(({ pattern }) => pattern.test(row.layer)));
    return {
      type: 'bar',
      name: kind.name,
      x: own.map((row) => blockOf(row.layer)),
      y: own.map((row) => row.multiplyAdds / 1e6),
      text: own.map(hover),
      textposition: 'none',
      hoverinfo: 'text',
      marker: { color: kind.colour },
    };
  }).filter((trace) => (trace.x?.length ?? 0) > 0);
  const millions = (some: Plot[]) => some.flatMap(({ y }) => y as number[]).reduce((sum, own) => sum + own, 0);
  const total = millions(data);
  const [most] = [...data].sort((a, b) => millions([b]) - millions([a]));
  const reading = `Of ${total.toFixed(1)} million multiply-adds an image, the layers “${most.name}” take most, ${percent(millions([most]) / total, 0)}.`;
  const kinds = data.map((own) => `${own.name} ${millions([own]).toFixed(1)}`);
  const alt = `Stacked bar chart of ${blocks.length} blocks, from the image to the heads, in millions of multiply-adds: ${kinds.join('; ')}.`;
  const layout: Layout = {
    barmode: 'stack',
    height: 440,
    xaxis: categoryAxis('Block, from the image to the heads', { categoryorder: 'array', categoryarray: blocks, tickangle: -60 }),
    yaxis: axis('Multiply-adds (millions an image)'),
  };
  return { ...figure('Where the arithmetic is', { reading, alt }, data, layout), faceless: true };
}

/** "block 3" for "expanded_conv_3_depthwise", "block 0" for "expanded_conv_depthwise"; else the name itself. */
function blockOf(layer: string): string {
  const inBlock = /^expanded_conv_(?:(\d+)_)?/.exec(layer);
  return inBlock ? `block ${inBlock[1] ?? 0}` : layer;
}

function hover({ layer, multiplyAdds, outputShape, parameters }: LayerDescription): string {
  const millions = (multiplyAdds / 1e6).toFixed(2);
  return `${layer}: ${millions} million multiply-adds<br>output ${outputShape.join(' × ')}, ${grouped(parameters)} parameters`;
}
