// Puts a view into the document, touching only what changed. It decides nothing.
import type { View } from '../describe.ts';
import type { Formats } from '../formats.ts';
import { type Announced, announce, nothingAnnounced } from './announce.ts';

const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the document lacks #${id}`);
  return element;
};

const setText = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

const show = (element: HTMLElement, isShown: boolean): void => {
  if (element.hidden === isShown) element.hidden = !isShown;
};

const showText = (element: HTMLElement, text: string | null): void => {
  setText(element, text ?? '');
  show(element, text !== null && text !== '');
};

const longFigureCharacters = 7;

const drawFigure = ({ figure }: View): void => {
  show(byId('figure'), figure !== null);
  if (figure === null) return;
  setText(byId('before'), figure.before);
  setText(byId('value'), figure.value);
  setText(byId('after'), figure.after);
  setText(byId('spoken'), figure.spoken);
  byId('value').className = figure.value.length > longFigureCharacters ? 'long' : '';
};

const drawProgress = ({ progress }: View): void => {
  const element = byId('progress');
  show(element, progress !== null);
  if (progress === null) return;
  const percent = Math.round(progress * 1_000) / 10;
  element.style.setProperty('--done', `${percent}%`);
  element.setAttribute('aria-valuenow', String(Math.round(percent)));
};

const drawFacts = ({ facts }: View): void => {
  const list = byId('facts');
  facts.forEach(([label, value], index) => {
    let row = list.children[index];
    if (row === undefined) {
      row = document.createElement('div');
      const name = document.createElement('dt');
      // It may be the operator's.
      name.dir = 'auto';
      row.append(name, document.createElement('dd'));
      list.append(row);
    }
    const [term, detail] = row.children;
    if (term instanceof HTMLElement) setText(term, label);
    if (detail instanceof HTMLElement) setText(detail, value);
  });
  while (list.children.length > facts.length) list.lastElementChild?.remove();
};

const drawButtons = (view: View): void => {
  const button = byId('button');
  showText(button, view.button?.label ?? null);
  button.dataset.action = view.button?.action ?? '';
  show(byId('extend'), view.canExtend);
  show(byId('actions'), view.button !== null || view.canExtend);
};

const drawFooter = (view: View, connection: string, isAsking: boolean): void => {
  const line = byId('connection');
  show(line, view.connectionText !== '');
  line.dataset.connection = connection;
  const text = line.querySelector('span');
  if (text !== null) setText(text, view.connectionText);
  show(byId('leaving'), view.canLeave);
  show(byId('leave'), !isAsking);
  show(byId('question'), isAsking);
};

const drawExtras = (view: View): void => {
  show(byId('alert'), view.canAlert);
  show(byId('check'), view.canCheckDraw);
  show(byId('extras'), view.canAlert || view.canCheckDraw);
  if (!view.canCheckDraw) show(byId('proof'), false);
};

const calmColour = '%23165e83';
const callColour = '%23c2410c';

/** The tab's icon changes colour with the call, for a fan who has it among many. */
const drawIcon = ({ tone }: View): void => {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const [from, to] = tone === 'call' ? [calmColour, callColour] : [callColour, calmColour];
  if (icon?.href.includes(from) === true) icon.href = icon.href.replace(from, to);
};

/** Long enough to be taken up by a screen reader; what stands for ever would be read again and again. */
const saidForMs = 1_000;

/** What the fan had the focus on and is hidden now hands it on: to what can be done next, else to what has happened. */
const keepFocus = (focused: Element | null): void => {
  if (focused === null || focused.closest('[hidden]') === null) return;
  const button = byId('button');
  (button.closest('[hidden]') === null ? button : byId('headline')).focus();
};

export type Draw = (view: View, connection: string, isAskingToLeave: boolean, nowMs: number) => void;

export const createView = (formats: Formats): Draw => {
  let announced: Announced = nothingAnnounced;
  let silence = 0;
  const say = (id: 'urgent' | 'polite', text: string): void => {
    clearTimeout(silence);
    setText(byId(id), text);
    silence = setTimeout(() => {
      setText(byId('urgent'), '');
      setText(byId('polite'), '');
    }, saidForMs);
  };
  return (view, connection, isAskingToLeave, nowMs) => {
    const focused = document.activeElement;
    document.documentElement.dataset.screen = view.screen;
    document.documentElement.dataset.tone = view.tone;
    if (document.title !== view.title) document.title = view.title;
    drawIcon(view);
    const message = byId('message');
    show(message, view.message !== null);
    const messageText = message.querySelector('p');
    if (messageText !== null) setText(messageText, view.message ?? '');
    setText(byId('headline'), view.headline);
    setText(byId('lead'), view.lead);
    drawFigure(view);
    drawProgress(view);
    drawFacts(view);
    drawButtons(view);
    const hurryText = view.hurrySeconds === null ? '' : formats.plural(formats.wording.notes.hurry, view.hurrySeconds);
    showText(byId('hurry'), view.demand ?? hurryText);
    showText(byId('note'), view.note);
    showText(byId('closing'), view.closing);
    drawExtras(view);
    drawFooter(view, connection, isAskingToLeave);
    keepFocus(focused);
    const next = announce(announced, view, hurryText, formats.wording.tag, nowMs);
    if (view.screen !== announced.screen) setText(byId('urgent'), '');
    announced = next.announced;
    if (next.announcement !== null) say(next.announcement.isUrgent ? 'urgent' : 'polite', next.announcement.text);
  };
};
