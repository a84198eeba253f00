/** Head, ears, neck and what the years write on the skin. */
import { normal, seededRandom } from '../../lib/base/random';
import { css, mix, shade } from './colour';
import { path, px, type Shape } from './shape';
import type { Traits } from './traits';

export function headPath({ topY, chinY, templeX, jawX, chinX, jawY, eyeY }: Shape): string {
  const down = (side: 1 | -1): string =>
    path`C ${side * templeX * 0.62} ${topY} ${side * (templeX + 2)} ${topY + 26} ${side * templeX} ${eyeY} ` +
    path`C ${side * templeX} ${eyeY + 30} ${side * (jawX + 5)} ${jawY - 12} ${side * jawX} ${jawY} ` +
    path`C ${side * (jawX - 6)} ${chinY - 10} ${side * chinX} ${chinY} 0 ${chinY}`;
  return `${path`M 0 ${topY} `}${down(1)} Z ${path`M 0 ${topY} `}${down(-1)} Z`;
}

export function skinGradient({ skin }: Traits): string {
  return `<radialGradient id="skin" cx="0.46" cy="0.42" r="0.68"><stop offset="0" stop-color="${css(shade(skin, 0.16))}"/><stop offset="0.6" stop-color="${css(skin)}"/><stop offset="1" stop-color="${css(shade(skin, -0.28))}"/></radialGradient>`;
}

export function neck(traits: Traits, { jawX, chinY, jawY }: Shape): string {
  const half = jawX * (0.62 + 0.2 * traits.ruggedness * traits.maturity);
  const shoulders = path`M ${-half - 6} ${chinY + 14} C ${-half - 30} ${chinY + 26} -110 ${chinY + 26} -140 170 L 140 170 C 110 ${chinY + 26} ${half + 30} ${chinY + 26} ${half + 6} ${chinY + 14} Q 0 ${chinY + 44} ${-half - 6} ${chinY + 14} Z`;
  return (
    `<path d="${path`M ${-half} ${jawY - 10} L ${-half - 4} 150 L ${half + 4} 150 L ${half} ${jawY - 10} Z`}" fill="${css(shade(traits.skin, -0.3))}"/>` +
    `<path d="${shoulders}" fill="${css(traits.clothes)}"/>`
  );
}

export function ears(traits: Traits, { templeX, eyeY, noseY, wear }: Shape): string {
  const height = 13 + traits.maturity * 4 + wear * 4;
  const middle = (eyeY + noseY) / 2 + 2;
  const ear = (side: 1 | -1): string =>
    `<ellipse cx="${px(side * (templeX + 2))}" cy="${px(middle)}" rx="8" ry="${px(height)}" fill="${css(shade(traits.skin, -0.12))}"/>` +
    `<ellipse cx="${px(side * (templeX + 2))}" cy="${px(middle)}" rx="4" ry="${px(height * 0.6)}" fill="${css(shade(traits.skin, -0.3))}" opacity="0.6"/>` +
    (traits.earrings
      ? `<circle cx="${px(side * (templeX + 3))}" cy="${px(middle + height + 3)}" r="3.4" fill="#e8c35a" stroke="#8a6a20" stroke-width="0.7"/>`
      : '');
  return ear(1) + ear(-1);
}

/** Rosy cheeks of the young, and the shadow of the cheekbones of the rest. */
export function cheeks(traits: Traits, { eyeX, noseY, templeX }: Shape): string {
  const blush = css(mix(traits.skin, [214, 92, 84], 0.5));
  const opacity = px(0.5 - 0.34 * traits.maturity + (traits.lashes ? 0.1 : 0));
  const cheek = (side: 1 | -1): string =>
    `<ellipse cx="${px(side * (eyeX + 8))}" cy="${px(noseY + 2)}" rx="${px(templeX * 0.24)}" ry="${px(templeX * 0.17)}" fill="${blush}" opacity="${opacity}"/>`;
  return cheek(1) + cheek(-1);
}

/** Forehead lines, crow's feet, bags under the eyes, folds beside nose and mouth, spots of age; freckles for some. */
export function lines(traits: Traits, shape: Shape): string {
  const random = seededRandom(traits.detailSeed);
  const depth = Math.max(0, shape.wear + normal(random) * 0.09);
  const dark = css(shade(traits.skin, -0.5));
  const stroke = (d: string, width: number, opacity: number): string =>
    opacity < 0.03
      ? ''
      : `<path d="${d}" fill="none" stroke="${dark}" stroke-width="${px(width)}" stroke-linecap="round" opacity="${Math.min(0.85, opacity).toFixed(2)}"/>`;
  const { eyeX, eyeY, eyeWidth, browY, noseY, noseWidth, mouthY, mouthWidth, chinY } = shape;
  let drawn = '';
  const furrows = Math.round(depth * 4.4);
  for (let line = 0; line < furrows; line++) {
    const y = browY - 11 - line * 8;
    const half = 30 - line * 3 + random() * 6;
    drawn += stroke(path`M ${-half} ${y + 2} Q 0 ${y - 4 + random() * 4} ${half} ${y + 2}`, 1.6, 0.25 + depth * 0.55);
  }
  for (const side of [1, -1]) {
    const corner = side * (eyeX + eyeWidth + 3);
    for (let line = 0; line < Math.round(depth * 4); line++) {
      drawn += stroke(
        path`M ${corner} ${eyeY + line * 3 - 3} L ${corner + side * (7 + random() * 5)} ${eyeY + line * 6 - 9}`,
        1.4,
        0.2 + depth * 0.6,
      );
    }
    drawn += stroke(
      path`M ${side * (eyeX - eyeWidth)} ${eyeY + 10} Q ${side * eyeX} ${eyeY + 15 + depth * 4} ${side * (eyeX + eyeWidth)} ${eyeY + 9}`,
      1.7,
      depth * 0.75,
    );
    const fold = path`M ${side * (noseWidth + 3)} ${noseY - 2} Q ${side * (mouthWidth + 7)} ${(noseY + mouthY) / 2} ${side * (mouthWidth + 6)} ${mouthY + 4 + depth * 8}`;
    drawn += stroke(fold, 1.9, 0.06 + depth * 0.8);
    drawn += stroke(
      path`M ${side * (mouthWidth + 2)} ${mouthY + 7} Q ${side * (mouthWidth + 5)} ${mouthY + 16} ${side * mouthWidth} ${chinY - 12}`,
      1.6,
      (depth - 0.45) * 1.1,
    );
    drawn += stroke(path`M ${side * 4} ${browY - 2} L ${side * 3} ${browY + 8}`, 1.5, (depth - 0.25) * 0.9);
  }
  const spots = traits.looksYears > 60 ? Math.round(depth * 9 * random()) : random() < 0.08 ? 14 : 0;
  for (let spot = 0; spot < spots; spot++) {
    const [x, y] = [(random() - 0.5) * 84, traits.looksYears > 60 ? -58 + random() * 90 : noseY - 14 + random() * 16];
    drawn += `<circle cx="${px(x)}" cy="${px(y)}" r="${px(0.8 + random() * 1.2)}" fill="${dark}" opacity="0.28"/>`;
  }
  return drawn;
}
