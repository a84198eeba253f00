/** Hair in two layers: what hangs behind the head, and what lies on it. */
import { type Random, seededRandom } from '../../lib/base/random';
import { css, shade } from './colour';
import { path, px, type Shape } from './shape';
import type { Traits } from './traits';

/** Drawn before the head. */
export function hairBehind(traits: Traits, shape: Shape): string {
  const { topY, templeX, chinY, jawY } = shape;
  const fill = css(shade(traits.hair, -0.25));
  const side = templeX + 15;
  switch (traits.hairStyle) {
    case 'long': {
      const random = seededRandom(traits.detailSeed + 1);
      const wave = 6 + random() * 14;
      const left = path`C ${-side - wave} ${jawY - 30} ${-side + wave} ${jawY + 20} ${-side - 10} 150`;
      return `<path d="${path`M 0 ${topY - 14} C ${-side} ${topY - 14} ${-side - 4} -20 ${-side} 0 `}${left} L ${px(side + 10)} 150 ${path`C ${side - wave} ${jawY + 20} ${side + wave} ${jawY - 30} ${side} 0 C ${side + 4} -20 ${side} ${topY - 14} 0 ${topY - 14} Z`}" fill="${fill}"/>`;
    }
    case 'medium':
      return `<path d="${path`M 0 ${topY - 13} C ${-side - 6} ${topY - 10} ${-side - 8} 10 ${-side - 2} ${jawY - 4} Q ${-side + 12} ${jawY + 16} ${-side + 26} ${chinY - 26} L ${side - 26} ${chinY - 26} Q ${side - 12} ${jawY + 16} ${side + 2} ${jawY - 4} C ${side + 8} 10 ${side + 6} ${topY - 10} 0 ${topY - 13} Z`}" fill="${fill}"/>`;
    case 'bun':
      return `<circle cx="${px(traits.parting * 8)}" cy="${px(topY - 14)}" r="23" fill="${fill}"/>`;
    case 'curly':
      return curls(shape, fill, seededRandom(traits.detailSeed + 2));
    default:
      return '';
  }
}

/** Drawn over the head, under the glasses. */
export function hairInFront(traits: Traits, shape: Shape): string {
  const { topY, templeX, eyeY, browY } = shape;
  const fill = 'url(#hair)';
  if (traits.hairStyle === 'bald') return fringeOfHair(traits, shape);
  if (traits.hairStyle === 'sparse') {
    const down = topY + 34;
    return `<path d="${path`M ${-templeX * 0.86} ${down} C ${-templeX * 0.7} ${topY - 10} ${templeX * 0.7} ${topY - 10} ${templeX * 0.86} ${down} Q 0 ${topY + 2} ${-templeX * 0.86} ${down} Z`}" fill="${fill}" opacity="0.5"/>${bow(traits, shape)}`;
  }
  const hairline = topY + 40 - traits.recession * 30 + (1 - traits.maturity) * 6;
  const corner = eyeY - 8 - traits.recession * 14;
  const out = templeX + (traits.hairStyle === 'short' ? 5 : 9);
  const cap = path`M ${-out} ${corner + 12} C ${-out - 5} ${topY + 4} ${-out * 0.62} ${topY - 13} 0 ${topY - 13} C ${out * 0.62} ${topY - 13} ${out + 5} ${topY + 4} ${out} ${corner + 12}`;
  const partX = traits.parting * templeX * 0.6;
  const dip = traits.recession * 20;
  const inner =
    traits.fringe && traits.recession < 0.45
      ? path`L ${templeX - 5} ${browY - 2} Q ${templeX * 0.4} ${browY - 8} 0 ${browY - 7} Q ${-templeX * 0.4} ${browY - 8} ${-templeX + 5} ${browY - 2} Z`
      : path`L ${templeX - 3} ${corner} Q ${templeX * 0.74} ${hairline + 4 - dip} ${partX + (templeX - partX) * 0.4} ${hairline - 2} Q ${partX + 6} ${hairline - 8} ${partX} ${hairline - 12} Q ${partX - 6} ${hairline - 6} ${partX - (templeX + partX) * 0.4} ${hairline - 2} Q ${-templeX * 0.74} ${hairline + 4 - dip} ${-templeX + 3} ${corner} Z`;
  return `<path d="${cap} ${inner}" fill="${fill}"/>${strands(traits, shape)}${locks(traits, shape)}${bow(traits, shape)}`;
}

export function hairGradient({ hair }: Traits): string {
  return `<linearGradient id="hair" x1="0.2" y1="0" x2="0.6" y2="1"><stop offset="0" stop-color="${css(shade(hair, 0.2))}"/><stop offset="0.5" stop-color="${css(hair)}"/><stop offset="1" stop-color="${css(shade(hair, -0.3))}"/></linearGradient>`;
}

/** Long hair that falls in front of the ears. */
function locks({ hairStyle }: Traits, { templeX, topY, jawY, chinY }: Shape): string {
  if (hairStyle !== 'long' && hairStyle !== 'medium') return '';
  const end = hairStyle === 'long' ? 150 : jawY + 6;
  return ([1, -1] as const)
    .map(
      (side) =>
        `<path d="${path`M ${side * templeX * 0.86} ${topY + 16} C ${side * (templeX + 4)} -20 ${side * (templeX - 3)} 10 ${side * (templeX - 6)} ${Math.min(end, chinY - 20)} L ${side * (templeX + 4)} ${end} L ${side * (templeX + 17)} ${end} C ${side * (templeX + 20)} 20 ${side * (templeX + 18)} ${topY + 30} ${side * templeX * 0.86} ${topY + 16} Z`}" fill="url(#hair)"/>`,
    )
    .join('');
}

function strands(traits: Traits, { topY, templeX }: Shape): string {
  const random = seededRandom(traits.detailSeed + 3);
  const lines = Array.from({ length: 9 }, (_, index) => {
    const x = ((index - 4) / 4.4) * templeX;
    return path`M ${x * 0.5} ${topY - 9} Q ${x * 0.95 + random() * 6} ${topY} ${x * 1.05} ${topY + 16 + random() * 8}`;
  });
  const colour = css(shade(traits.hair, random() < 0.5 ? 0.35 : -0.4));
  return `<path d="${lines.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.2" opacity="0.4"/>`;
}

function curls({ topY, templeX, eyeY }: Shape, fill: string, random: Random): string {
  const size = 14 + random() * 8;
  return Array.from({ length: 17 }, (_, index) => {
    const angle = Math.PI * (1.06 + (index / 16) * -1.12);
    const x = Math.cos(angle) * (templeX + 4);
    const y = eyeY - 4 + Math.sin(angle) * (topY - eyeY - 2);
    return `<circle cx="${px(x)}" cy="${px(y)}" r="${px(size * (0.85 + random() * 0.3))}" fill="${fill}"/>`;
  }).join('');
}

/** What is left around a bald head. */
function fringeOfHair({ recession }: Traits, { templeX, eyeY, topY }: Shape): string {
  const up = eyeY - 34 + recession * 16;
  const patch = (side: 1 | -1): string =>
    `<path d="${path`M ${side * (templeX - 4)} ${eyeY + 4} Q ${side * (templeX - 9)} ${up + 10} ${side * (templeX - 12)} ${up} Q ${side * (templeX + 4)} ${up - 6} ${side * (templeX + 7)} ${eyeY - 10} Q ${side * (templeX + 6)} ${eyeY} ${side * (templeX - 4)} ${eyeY + 4} Z`}" fill="url(#hair)"/>`;
  const shine = `<ellipse cx="-12" cy="${px(topY + 22)}" rx="20" ry="9" fill="#fff" opacity="0.22"/>`;
  return patch(1) + patch(-1) + shine;
}

function bow({ bow: worn, detailSeed }: Traits, { topY }: Shape): string {
  if (!worn) return '';
  const colour = ['#d8486e', '#8a5ab8', '#d8a03c', '#4a8ac0'][detailSeed % 4];
  const x = detailSeed % 2 === 0 ? 26 : -26;
  return `<g transform="translate(${x} ${px(topY + 4)})" fill="${colour}" stroke="#00000030"><path d="M 0 0 L -17 -10 L -17 10 Z M 0 0 L 17 -10 L 17 10 Z"/><circle r="5"/></g>`;
}
