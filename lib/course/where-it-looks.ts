/** Notebook 7: what in a face speaks for which answer, as pictures, and what follows where that is hidden, as a table. */
import type { Random } from '../base/random';
import { bootstrap, type Estimate } from '../evaluation/bootstrap';
import { type GradCam, HIDDEN, hideRegions, type Question } from '../evaluation/grad-cam';
import { imageOf } from '../images/decode';
import { tableHtml } from '../pages/html';

const QUESTIONS: Readonly<Record<Question, string>> = { age: 'years', gender: 'log-odds of female' };
/** Okabe and Ito's blue and orange, for below and above 0, which no common colour blindness confuses. */
const BELOW = [0, 114, 178];
const ABOVE = [230, 159, 0];
export const HEAT_LEGEND_HTML = `<p>Middle: age, right: gender. <span style="color:rgb(${BELOW})">■</span> younger, male <span style="color:rgb(${ABOVE})">■</span> older, female</p>`;

/** A face as a JPEG, and beside it in grey, so that no skin is taken for heat, under each question's; its greatest value has full colour. */
export async function heatStrip(cam: GradCam, face: Uint8Array): Promise<{ jpeg: Buffer; caption: string }> {
  const looks = Object.keys(QUESTIONS).map((question) => cam.look(question as Question, face)[0].places);
  const heats = looks.map(cam.enlarge);
  const widthPx = cam.sizePx * (1 + heats.length);
  const strip = new Uint8Array(widthPx * cam.sizePx * 3);
  for (let at = 0; at < cam.sizePx ** 2; at++) {
    const colour = face.subarray(3 * at, 3 * at + 3);
    const grey = 50 + 0.7 * (0.21 * colour[0] + 0.72 * colour[1] + 0.07 * colour[2]);
    const place = Math.floor(at / cam.sizePx) * widthPx + (at % cam.sizePx);
    strip.set(colour, 3 * place);
    for (const [index, heat] of heats.entries()) {
      const opacity = (0.8 * Math.abs(heat[at])) / Math.max(...looks[index].map(Math.abs));
      const mixed = (heat[at] < 0 ? BELOW : ABOVE).map((channel) => opacity * channel + (1 - opacity) * grey);
      strip.set(mixed, 3 * (place + (1 + index) * cam.sizePx));
    }
  }
  const caption = Object.values(QUESTIONS).map(
    (unit, index) => `${Math.min(...looks[index]).toFixed(2)} to ${Math.max(...looks[index]).toFixed(2)} ${unit}`,
  );
  return {
    jpeg: await imageOf(strip, widthPx, cam.sizePx)
      .resize(2 * widthPx)
      .jpeg({ quality: 85 })
      .toBuffer(),
    caption: `a place adds ${caption.join(', ')}`,
  };
}

/** How far each answer moves where parts of the faces are hidden, with 95 % intervals over `clusters` of faces, and what follows from it. */
export function hidingHtml(cam: GradCam, faces: readonly Uint8Array[], clusters: readonly (string | number)[], random: Random): string {
  const tables = Object.entries(QUESTIONS).map(([question, unit]) => {
    const moves = hideRegions(cam, question as Question, faces, random);
    const measures = HIDDEN.flatMap((_, way) => [(face: number) => moves[face][way], (face: number) => moves[face][0] - moves[face][way]]);
    const estimates = bootstrap([...moves.keys()], (face) => clusters[face], measures, random) as readonly Estimate[]; // no face lacks an answer
    const told = ({ value, low, high }: Estimate) => `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
    const rows = HIDDEN.map((what, way) => [what, told(estimates[2 * way]), way > 0 ? told(estimates[2 * way + 1]) : '']);
    const [hottest, , , , anywhere, further] = estimates;
    const verdict = further.high < 0 ? 'the map misleads' : 'that may be chance, so nothing says that the map is right';
    const sentence = [
      `Hiding where the map points moves the ${question} by ${hottest.value.toFixed(1)} ${unit}, hiding as much anywhere by`,
      `${anywhere.value.toFixed(1)}: ${further.low > 0 ? 'the map says something' : verdict}.`,
    ];
    const columns = ['hidden: a fifth of the picture,', `moves the ${question} by (${unit})`, 'less than the first by'];
    return `${tableHtml(columns, rows)}<p>${sentence.join(' ')}</p>`;
  });
  return tables.join('');
}
