/** Eyes, brows, nose, mouth, beard and glasses. */
import { css, mix, shade } from './colour';
import { headPath } from './head';
import { path, px, type Shape } from './shape';
import type { Traits } from './traits';

const SIDES = [1, -1] as const;

export function eyes(traits: Traits, shape: Shape): string {
  return SIDES.map((side) => eye(traits, shape, side)).join('');
}

function eye(traits: Traits, { eyeX, eyeY, eyeWidth, eyeHeight, wear }: Shape, side: 1 | -1): string {
  const inner = side * (eyeX - eyeWidth);
  const outer = side * (eyeX + eyeWidth);
  const droop = wear * 3 - (traits.narrowEyes ? 2 : 0);
  const opening = path`M ${inner} ${eyeY + 1} Q ${side * eyeX} ${eyeY - eyeHeight * 2} ${outer} ${eyeY + droop} Q ${side * eyeX} ${eyeY + eyeHeight * 1.7} ${inner} ${eyeY + 1} Z`;
  const lid = path`M ${inner} ${eyeY + 1} Q ${side * eyeX} ${eyeY - eyeHeight * 2} ${outer} ${eyeY + droop}`;
  const hood = path`M ${inner} ${eyeY - eyeHeight * 0.7} Q ${side * eyeX} ${eyeY - eyeHeight * 2 - 3} ${outer + side} ${eyeY + droop - 3}`;
  const iris = Math.min(eyeHeight * 1.02, eyeWidth * 0.62);
  const line = css(traits.lashes ? [24, 16, 16] : shade(traits.skin, -0.72));
  const clip = `eye${side === 1 ? 'R' : 'L'}`;
  const lash = (share: number): string => {
    const x = side * (eyeX + eyeWidth * share);
    const y = eyeY - eyeHeight * (1 - share * share) * 1.05 + droop * share;
    return path`M ${x} ${y} l ${side * (1.5 + share * 3.5)} ${-5 + share}`;
  };
  const lashes = traits.lashes
    ? `<path d="${[0.2, 0.5, 0.75, 1].map(lash).join(' ')}" stroke="${line}" stroke-width="1.5" stroke-linecap="round"/>`
    : '';
  return (
    `<clipPath id="${clip}"><path d="${opening}"/></clipPath>` +
    `<path d="${hood}" fill="none" stroke="${css(shade(traits.skin, -0.42))}" stroke-width="${px(1.2 + wear * 1.3)}" opacity="0.7"/>` +
    `<path d="${opening}" fill="#f7f3ee"/>` +
    `<g clip-path="url(#${clip})"><circle cx="${px(side * eyeX)}" cy="${px(eyeY - 0.5)}" r="${px(iris)}" fill="${css(traits.eyes)}"/>` +
    `<circle cx="${px(side * eyeX)}" cy="${px(eyeY - 0.5)}" r="${px(iris * 0.48)}" fill="#120d0c"/>` +
    `<circle cx="${px(side * eyeX - iris * 0.35)}" cy="${px(eyeY - iris * 0.45)}" r="${px(iris * 0.24)}" fill="#fff"/></g>` +
    `<path d="${lid}" fill="none" stroke="${line}" stroke-width="${traits.lashes ? 2.7 : 1.8}" stroke-linecap="round"/>${lashes}`
  );
}

export function brows(traits: Traits, { eyeX, eyeWidth, browY }: Shape): string {
  const thickness = 1 + traits.maturity * (1.6 + traits.ruggedness * 3.4);
  const arch = 6 - traits.ruggedness * 4;
  const colour = css(mix(traits.hair, shade(traits.skin, -0.6), traits.maturity < 0.35 ? 0.5 : 0.25));
  return SIDES.map((side) => {
    const d = path`M ${side * (eyeX - eyeWidth - 2)} ${browY + 3} Q ${side * (eyeX + 2)} ${browY - arch} ${side * (eyeX + eyeWidth + 4)} ${browY + 3}`;
    return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${px(thickness)}" stroke-linecap="round" opacity="${px(0.45 + traits.maturity * 0.5)}"/>`;
  }).join('');
}

export function nose({ skin, maturity }: Traits, { eyeY, noseY, noseWidth }: Shape): string {
  const dark = css(shade(skin, -0.45));
  const side = path`M ${-noseWidth * 0.55} ${eyeY + 4} Q ${-noseWidth * 0.3} ${(eyeY + noseY) / 2} ${-noseWidth * 0.9} ${noseY - 4} Q ${-noseWidth * 1.1} ${noseY + 3} ${-noseWidth * 0.5} ${noseY + 2}`;
  const base = path`M ${-noseWidth * 0.5} ${noseY + 2} Q 0 ${noseY + 6} ${noseWidth * 0.5} ${noseY + 2} Q ${noseWidth * 1.1} ${noseY + 3} ${noseWidth * 0.9} ${noseY - 4}`;
  const nostril = (x: number): string =>
    `<ellipse cx="${px(x)}" cy="${px(noseY + 1.6)}" rx="${px(noseWidth * 0.2)}" ry="1.5" fill="${css(shade(skin, -0.7))}" opacity="0.7"/>`;
  return (
    `<path d="${side}" fill="none" stroke="${dark}" stroke-width="1.7" stroke-linecap="round" opacity="${px(0.25 + maturity * 0.4)}"/>` +
    `<path d="${base}" fill="none" stroke="${dark}" stroke-width="1.7" stroke-linecap="round" opacity="0.7"/>` +
    nostril(-noseWidth * 0.45) +
    nostril(noseWidth * 0.45) +
    `<ellipse cx="${px(noseWidth * 0.15)}" cy="${px(noseY - 5)}" rx="${px(noseWidth * 0.34)}" ry="${px(noseWidth * 0.42)}" fill="${css(shade(skin, 0.45))}" opacity="0.5"/>`
  );
}

export function mouth({ lips, lipFullness, smile }: Traits, { mouthY, mouthWidth }: Shape): string {
  const corner = mouthY - smile * 5;
  const middle = mouthY + smile * 4;
  const upper = 2.5 + lipFullness * 4;
  const lower = 3.5 + lipFullness * 6;
  const width = mouthWidth * (1 + Math.max(0, smile) * 0.16);
  const open = smile > 0.6 ? (smile - 0.6) * 16 + 2 : 0;
  const top = path`M ${-width} ${corner} Q ${-width * 0.3} ${middle - upper * 2} 0 ${middle - upper} Q ${width * 0.3} ${middle - upper * 2} ${width} ${corner} Q 0 ${middle + 2} ${-width} ${corner} Z`;
  const bottom = path`M ${-width} ${corner} Q 0 ${middle + 2 + open} ${width} ${corner} Q 0 ${middle + lower * 2 + open * 1.4} ${-width} ${corner} Z`;
  const line = path`M ${-width} ${corner} Q 0 ${middle + 2} ${width} ${corner}`;
  const teeth = open > 0 ? `<path d="${line} ${path`Q 0 ${middle + 3 + open * 1.5} ${-width} ${corner} Z`}" fill="#f4efe6"/>` : '';
  return (
    `<path d="${bottom}" fill="${css(shade(lips, 0.1))}"/>${teeth}<path d="${top}" fill="${css(shade(lips, -0.12))}"/>` +
    `<path d="${line}" fill="none" stroke="${css(shade(lips, -0.55))}" stroke-width="1.6" stroke-linecap="round"/>`
  );
}

export function beard(traits: Traits, shape: Shape): string {
  if (traits.beard === 'none') return '';
  const { noseY, noseWidth, mouthY, mouthWidth, chinY, templeX, eyeY } = shape;
  const colour = css(mix(traits.hair, shade(traits.skin, -0.4), 0.2));
  const moustache = path`M 0 ${noseY + 7} Q ${noseWidth} ${noseY + 5} ${mouthWidth + 5} ${mouthY + 2} Q ${mouthWidth * 0.5} ${mouthY - 3} 0 ${mouthY - 3} Q ${-mouthWidth * 0.5} ${mouthY - 3} ${-mouthWidth - 5} ${mouthY + 2} Q ${-noseWidth} ${noseY + 5} 0 ${noseY + 7} Z`;
  const over = `<path d="${moustache}" fill="${colour}"/>`;
  if (traits.beard === 'moustache') return over;
  const jaw = path`M ${-templeX - 6} ${eyeY + 12} C ${-templeX + 10} ${mouthY - 14} ${-mouthWidth - 14} ${mouthY - 16} ${-mouthWidth - 4} ${mouthY - 6} L ${-mouthWidth - 3} ${mouthY + 7} Q 0 ${mouthY + 18} ${mouthWidth + 3} ${mouthY + 7} L ${mouthWidth + 4} ${mouthY - 6} C ${mouthWidth + 14} ${mouthY - 16} ${templeX - 10} ${mouthY - 14} ${templeX + 6} ${eyeY + 12} L ${templeX + 10} ${chinY + 12} L ${-templeX - 10} ${chinY + 12} Z`;
  const clip = `<clipPath id="jaw"><path d="${headPath(shape)}"/></clipPath>`;
  const opacity = traits.beard === 'stubble' ? 0.3 : 0.95;
  return `${clip}<g opacity="${opacity}"><path d="${jaw}" fill="${colour}" clip-path="url(#jaw)"/>${over}</g>`;
}

export function glasses({ glasses: worn, detailSeed }: Traits, { eyeX, eyeY, eyeWidth, templeX }: Shape): string {
  if (!worn) return '';
  const radius = eyeWidth + 5;
  const frame = ['#1c1a1a', '#5a3620', '#8c8c90', '#6d1f28'][detailSeed % 4];
  const round = detailSeed % 3 === 0 ? radius : 6;
  const lens = (side: 1 | -1): string =>
    `<rect x="${px(side * eyeX - radius)}" y="${px(eyeY - radius * 0.8)}" width="${px(radius * 2)}" height="${px(radius * 1.65)}" rx="${round}" fill="#ffffff" fill-opacity="0.16" stroke="${frame}" stroke-width="2.4"/>` +
    `<path d="${path`M ${side * (eyeX + radius)} ${eyeY - 3} L ${side * (templeX + 2)} ${eyeY - 4}`}" stroke="${frame}" stroke-width="2.4"/>`;
  return `${lens(1)}${lens(-1)}<path d="${path`M ${radius - eyeX} ${eyeY - 3} Q 0 ${eyeY - 8} ${eyeX - radius} ${eyeY - 3}`}" fill="none" stroke="${frame}" stroke-width="2.4"/>`;
}
