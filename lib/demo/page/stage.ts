/** The picture with its marks on a canvas, and the list of answers beside it. Both say which is which by a number. */
import { GENDER_NAMES } from '../../data/record';
import type { Box } from '../../faces/box';
import type { Square } from '../../images/photo';
import { ageText, genderText, type Prediction } from '../../predict/answer';
import { type Context, drawCut, drawHeat, drawMark, drawPicture, type Picture, type Places } from './draw';
import { element } from './element';

export interface ShownFace {
  readonly number: number;
  readonly box: Box;
  readonly frame: Square;
  readonly answer: Prediction;
  /** For each question that a map can be asked, what its places add to the answer. */
  readonly places: readonly Places[];
}

const CUT_PX = 88;
/** A picture is not enlarged beyond this, nor higher than this part of the window. */
const MOST = { zoom: 3, height: 0.75 } as const;

export class Stage {
  private readonly canvas = element('picture', HTMLCanvasElement);
  private readonly figure = element('stage');
  private readonly list = element('answers');
  private picture?: Picture;
  private faces: readonly ShownFace[] = [];
  private items: readonly Item[] = [];
  /** How strongly the places are blended in, 0 to 1, and for which question. */
  private strength = 0;
  private question = 0;

  constructor() {
    new ResizeObserver(() => this.draw()).observe(this.figure);
  }

  show(picture: Picture, faces: readonly ShownFace[]): void {
    this.picture = picture;
    this.place(faces);
    this.draw();
  }

  private place(faces: readonly ShownFace[]): void {
    this.faces = faces;
    if (this.items.length !== faces.length) {
      this.items = faces.map(() => newItem());
      this.list.replaceChildren(...this.items.map(({ root }) => root));
    }
    for (const [index, face] of faces.entries()) tell(this.items[index], face);
  }

  blend(strength: number, question: number): void {
    this.strength = strength;
    this.question = question;
    this.draw();
  }

  clear(): void {
    this.picture = undefined;
    this.place([]);
    this.canvas.width = this.canvas.height = 0;
  }

  private draw(): void {
    const { picture, canvas } = this;
    const context = canvas.getContext('2d');
    if (!picture || !context) return;
    const { widthPx, heightPx, mirrored } = picture;
    const room = Math.min(this.figure.clientWidth / widthPx, (MOST.height * innerHeight) / heightPx, MOST.zoom);
    const zoom = room * devicePixelRatio;
    canvas.width = Math.round(widthPx * zoom);
    canvas.height = Math.round(heightPx * zoom);
    canvas.style.width = `${widthPx * room}px`;
    context.setTransform(mirrored ? -zoom : zoom, 0, 0, zoom, mirrored ? canvas.width : 0, 0);
    drawPicture(context, picture);
    for (const face of this.faces) this.heat(context, face);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    for (const { number, box, answer } of this.faces) {
      const x = room * (mirrored ? widthPx - box.x - box.width : box.x);
      const placed = { x, y: room * box.y, width: room * box.width, height: room * box.height };
      const years = Math.round(answer.ageYears);
      drawMark(context, placed, [`${number} · ${ageText(answer)}`, `${number} · ${years} years`, `${number} · ${years}`, String(number)]);
    }
    canvas.ariaLabel = `${mirrored ? 'The camera’s picture' : 'The photo'} with ${this.faces.length} numbered boxes around faces`;
    for (const [index, face] of this.faces.entries()) {
      const cut = this.items[index].cut.getContext('2d');
      if (cut) drawCut(cut, picture, face.frame, (onCut) => this.heat(onCut, face));
    }
  }

  private heat(context: Context, { frame, places }: ShownFace): void {
    const asked = places[this.question];
    if (asked && this.strength > 0) drawHeat(context, frame, asked, this.strength);
  }
}

type Item = ReturnType<typeof newItem>;

function newItem() {
  const create = <Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className: string, ...children: (Node | string)[]) => {
    const created = Object.assign(document.createElement(tag), { className });
    created.append(...children);
    return created;
  };
  const cut = create('canvas', 'cut');
  cut.width = cut.height = CUT_PX * 2;
  cut.ariaHidden = 'true';
  const number = create('span', 'number');
  const age = create('p', 'age');
  const gender = create('p', 'gender');
  const share = create('span', 'share');
  const [male, female] = [create('span', 'male'), create('span', 'female')];
  const bar = create('p', 'bar', male, create('span', 'track', share), female);
  const root = create('li', 'answer', create('div', 'shown', cut, number), create('div', 'told', age, gender, bar));
  return { root, cut, number, age, gender, share, male, female };
}

function tell({ root, number, age, gender, share, male, female }: Item, { number: own, answer }: ShownFace): void {
  const { ageYears, femaleProbability } = answer;
  Object.assign(root.dataset, { ageYears: String(ageYears), femaleProbability: String(femaleProbability) }); // unrounded, for programs
  const percent = Math.round(100 * femaleProbability);
  number.textContent = String(own);
  age.textContent = ageText(answer);
  male.textContent = `${GENDER_NAMES[0]} ${100 - percent} %`;
  female.textContent = `${GENDER_NAMES[1]} ${percent} %`;
  share.style.width = `${100 - percent}%`;
  gender.textContent = `perceived gender: ${genderText(femaleProbability)}`;
}
